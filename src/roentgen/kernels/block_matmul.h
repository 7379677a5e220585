#pragma once

#include <span>

#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/product_tasks.h"
#include "roentgen/tensor/block_weights.h"

namespace roentgen {

/// MatMulEach where every weight is BlockWeights of one scheme and shapes were checked: products of
/// integers. MatMulEach leaves many tokens to AMX where there is one. x is packed at once; outputs
/// must live until the tasks are done, and those of an earlier call with another x must be done.
///
/// x is rounded to 8 bits with a scale for every 32 inputs of a token (largest magnitude / 127). An
/// output is the sum over the blocks of
///   (Σ code_x · (code_w − middle)) · (scale_w · scale_x),
/// the inner sum exact, the outer one a chain of fused multiply-adds in f32: the same for any
/// number of threads and of tokens beside it, and on every instruction set that has such an
/// instruction. An x that is not finite makes its token's outputs NaN.
ProductTasks BlockProducts(BlockScheme scheme, ConstMatrix x, std::span<const MatMulOutput> outputs,
                           ThreadPool& pool);

}  // namespace roentgen
