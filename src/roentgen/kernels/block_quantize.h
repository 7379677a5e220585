#pragma once

#include <memory>

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/block_weights.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// The matrix (F32, F16 or BF16) in blocks. 8 bits: scale = the largest magnitude / 127. 4 bits: of
/// 19 scales about the one that gives the largest magnitude the code −8, and for each the one that
/// fits its codes best, the scale of the least squared error. Throws Error when a block holds what
/// no scale can tell: a value that is not finite, or one over 65504 · 127 (8 · 65504 in 4 bits).
///
/// The same on every instruction set.
std::shared_ptr<const BlockWeights> QuantizeBlocks(const WeightMatrix& weight, BlockScheme scheme,
                                                   ThreadPool& pool);

}  // namespace roentgen
