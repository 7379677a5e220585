#pragma once

#include <span>

#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/product_tasks.h"

namespace roentgen {

// Products on the vector units, in f32: weights F32, F16, BF16, or quantised ones that are widened.
// Shapes were checked; low ranks are left out.

/// MatMulEach, weights packed.
void FloatProducts(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool);

/// MatMulEach of up to kFewRows tokens and weights that are not quantised, all of one type: every
/// weight is read once, as it lies. outputs must live until the tasks are done.
ProductTasks FloatTasks(ConstMatrix x, std::span<const MatMulOutput> outputs);

/// MatMulBackwardInputEach.
void FloatInputGradients(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                         ThreadPool& pool);

/// MatMulBackwardWeight.
void FloatWeightGradient(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool);

}  // namespace roentgen
