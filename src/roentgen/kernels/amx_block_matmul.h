#pragma once

#include <span>

#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/product_tasks.h"
#include "roentgen/tensor/block_weights.h"

namespace roentgen {

/// BlockProducts (block_matmul.h) on AMX tiles: the same bits.
ProductTasks AmxBlockProducts(BlockScheme scheme, ConstMatrix x,
                              std::span<const MatMulOutput> outputs, ThreadPool& pool);

}  // namespace roentgen
