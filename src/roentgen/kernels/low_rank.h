#pragma once

#include <span>

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// y += low Bᵀ: the second half of a low-rank correction.
struct LowRankOutput {
  ConstMatrix low;  // [tokens, rank]
  ConstMatrix b;    // [outputs, rank] f32
  Matrix y;         // [tokens, outputs]
};

/// All of them, of as many tokens each. For up to kFewRows tokens, a decoding step, they take one
/// meeting of the team together, and short rows of B are read as what they are, one long stream;
/// more tokens are MatMulAdd. Throws ShapeError when sizes do not go together. A sum depends on
/// neither threads nor other tokens.
void AddLowRankEach(std::span<const LowRankOutput> outputs, ThreadPool& pool);

}  // namespace roentgen
