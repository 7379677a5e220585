#pragma once

#include <span>

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// y = x Wᵀ + bias.
///
/// x       [tokens, inputs] f32
/// weight  [outputs, inputs] F32, F16, BF16 or quantised; widened while it is read, arithmetic is
///         f32, but for BlockWeights, whose codes are multiplied as integers (see BlockProducts) or
///         on AMX, with many tokens, as bf16 numbers (amx_matmul.h)
/// bias    [outputs] f32, or empty
/// y       [tokens, outputs] f32; must not overlap x
/// Throws ShapeError when the sizes do not go together.
///
/// An output is one chain of fused multiply-adds over the inputs (for more than kFewRows tokens,
/// and for NF4: it gives the bits that its widened values would) or a fixed number
/// of such chains: on one instruction set it does not depend on the thread count, nor on the other
/// rows in the matrix. On AMX the sums of many tokens are cut otherwise (amx_matmul.h); this holds
/// there too.
void MatMul(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
            ThreadPool& pool);

/// y += x Wᵀ + bias, otherwise as MatMul.
void MatMulAdd(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
               ThreadPool& pool);

/// A low-rank correction of a product: scale · (x Aᵀ) Bᵀ, in f32.
struct LowRankTerm {
  ConstMatrix a;  // [rank, inputs], without gaps
  ConstMatrix b;  // [outputs, rank], without gaps
  float scale;
};

/// One of several products of the same x, as the arguments of MatMul.
struct MatMulOutput {
  WeightMatrix weight;
  ConstVector bias;
  Matrix y;
  bool add = false;                         // to what y holds
  std::span<const LowRankTerm> low_rank{};  // added to the product
};

/// MatMul for each of the outputs, and their low-rank corrections. Together they are faster than
/// one after the other: x is packed once, and when few tokens stream past small weights the team
/// meets only once.
void MatMulEach(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool);

/// Up to this many tokens a product is bound by reading the weights; a kernel then streams them
/// once past all tokens instead of packing them.
inline constexpr size_t kFewRows = 4;

/// grad_x = grad_y W: the gradient of MatMul's input.
///
/// grad_y  [tokens, outputs] f32
/// weight  [outputs, inputs] F32, F16, BF16 or quantised
/// grad_x  [tokens, inputs] f32; must not overlap grad_y
/// Throws ShapeError when the sizes do not go together. A value is one chain of fused multiply-adds
/// over the outputs.
void MatMulBackwardInput(ConstMatrix grad_y, const WeightMatrix& weight, Matrix grad_x,
                         ThreadPool& pool);

/// grad_x += grad_y W, otherwise as MatMulBackwardInput.
void MatMulBackwardInputAdd(ConstMatrix grad_y, const WeightMatrix& weight, Matrix grad_x,
                            ThreadPool& pool);

/// The same of a low-rank correction: grad_low A, where grad_low = scale · grad_y B.
struct LowRankGradient {
  ConstMatrix grad_low;  // [tokens, rank]
  ConstMatrix a;         // [rank, inputs], without gaps
};

/// One of several products of the same grad_y, as the arguments of MatMulBackwardInput.
struct MatMulInputGradient {
  WeightMatrix weight;
  Matrix grad_x;
  bool add = false;                             // to what grad_x holds
  std::span<const LowRankGradient> low_rank{};  // added to the product
};

/// MatMulBackwardInput for each of the outputs; grad_y is packed once.
void MatMulBackwardInputEach(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                             ThreadPool& pool);

/// grad_weight += grad_yᵀ x: the gradient of MatMul's weight.
///
/// grad_y       [tokens, outputs] f32
/// x            [tokens, inputs] f32
/// grad_weight  [outputs, inputs] f32
/// Throws ShapeError when the sizes do not go together. A value is one chain of fused multiply-adds
/// over the tokens, for each block of them, added to what was there.
void MatMulBackwardWeight(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool);

}  // namespace roentgen
