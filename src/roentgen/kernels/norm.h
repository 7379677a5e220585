#pragma once

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// y = x / √(mean(x²) + eps) · weight, for each row.
///
/// x, y    [tokens, width] f32; may be the same memory
/// weight  [width] f32
/// Throws ShapeError when the widths differ. Qwen2RMSNorm in Transformers; Zhang & Sennrich 2019.
void RmsNorm(ConstMatrix x, ConstVector weight, float eps, Matrix y, ThreadPool& pool);

/// y = (x − mean) / √(variance + eps) · weight + bias, for each row; the variance is the biased
/// one.
///
/// x, y          [tokens, width] f32; may be the same memory
/// weight, bias  [width] f32
/// Throws ShapeError when the widths differ. torch.nn.LayerNorm; Ba et al. 2016.
void LayerNorm(ConstMatrix x, ConstVector weight, ConstVector bias, float eps, Matrix y,
               ThreadPool& pool);

/// Gradients of RmsNorm, all added to what is there: a norm's input has another reader, the
/// residual connection.
///
/// grad_y, x, grad_x  [tokens, width] f32, of memory of their own
/// grad_weight        [width] f32; empty: not wanted
void RmsNormBackward(ConstMatrix grad_y, ConstMatrix x, ConstVector weight, float eps,
                     Matrix grad_x, Vector grad_weight, ThreadPool& pool);

/// Gradients of LayerNorm, likewise added.
void LayerNormBackward(ConstMatrix grad_y, ConstMatrix x, ConstVector weight, float eps,
                       Matrix grad_x, Vector grad_weight, Vector grad_bias, ThreadPool& pool);

}  // namespace roentgen
