#pragma once

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

// All matrices are [tokens, width] f32; ShapeError when they differ. A result may be the same
// memory as an argument, so that values which nobody needs any more make room for their gradients.

/// y = silu(gate) · up, silu(x) = x / (1 + e⁻ˣ): the inside of SwiGLU (Shazeer 2020).
void SiluMul(ConstMatrix gate, ConstMatrix up, Matrix y, ThreadPool& pool);

/// Gradients of SiluMul, overwritten.
void SiluMulBackward(ConstMatrix grad_y, ConstMatrix gate, ConstMatrix up, Matrix grad_gate,
                     Matrix grad_up, ThreadPool& pool);

/// y = x · sigmoid(1.702 x): QuickGELU (Hendrycks & Gimpel 2016), the vision tower's.
void QuickGelu(ConstMatrix x, Matrix y, ThreadPool& pool);

/// Gradient of QuickGelu at x, overwritten.
void QuickGeluBackward(ConstMatrix grad_y, ConstMatrix x, Matrix grad_x, ThreadPool& pool);

/// y = x/2 · (1 + erf(x/√2)): the exact GELU of the merger, not its tanh approximation.
void Gelu(ConstMatrix x, Matrix y, ThreadPool& pool);

/// Gradient of Gelu at x, overwritten.
void GeluBackward(ConstMatrix grad_y, ConstMatrix x, Matrix grad_x, ThreadPool& pool);

}  // namespace roentgen
