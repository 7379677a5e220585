#pragma once

#include <span>

#include "roentgen/kernels/matmul.h"

namespace roentgen {

// Products of many rows on AMX (amx_tiles.h). A tile instruction multiplies bf16 numbers and sums
// in f32, some fifteen times as many in a second as the vector units multiply floats.
//
// The results are as exact as f32 arithmetic's. A float is the sum of three bf16 numbers, its 24
// bits cut into 8, 8 and 8 (Henry, Tang & Heinecke 2019, https://arxiv.org/abs/1904.06376); each
// product of two such numbers is exact in f32. bf16 weights are one such number, so three products
// are all there are; other weights take the six of nine that are not below the rounding of a float.
// What the tiles sum in one step is 32 products, in two chains; steps are added to the result.
//
// Of weights in blocks (BlockWeights) and of their x every value is rounded to one bf16 number
// instead. A weight has lost more than that in its 4 or 8 bits, and x loses less than in 8 bits
// with a scale for 32 inputs (BlockProducts); low ranks are multiplied as floats there too.
//
// Values below 2⁻¹²⁶ count as zero. What is not finite stays so; an infinity may become NaN.

/// MatMulEach of more than kFewRows rows, whose shapes were checked; either all weights are in
/// blocks or none. lows: of every low-rank term of the outputs, one after the other, scale · x Aᵀ.
void AmxProducts(ConstMatrix x, std::span<const MatMulOutput> outputs, std::span<const Matrix> lows,
                 ThreadPool& pool);

/// MatMulBackwardInputEach, whose shapes were checked.
void AmxInputGradients(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                       ThreadPool& pool);

/// MatMulBackwardWeight, whose shapes were checked.
void AmxWeightGradient(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool);

}  // namespace roentgen
