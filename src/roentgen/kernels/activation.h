#pragma once

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// gate = silu(gate) · up, silu(x) = x / (1 + e⁻ˣ): the inside of SwiGLU (Shazeer 2020).
/// gate, up [tokens, width] f32. Throws ShapeError when they differ.
void SiluMul(Matrix gate, ConstMatrix up, ThreadPool& pool);

/// x = x · sigmoid(1.702 x), in place: QuickGELU (Hendrycks & Gimpel 2016), the vision tower's.
void QuickGelu(Matrix x, ThreadPool& pool);

/// x = x/2 · (1 + erf(x/√2)), in place: the exact GELU of the merger, not its tanh approximation.
void Gelu(Matrix x, ThreadPool& pool);

}  // namespace roentgen
