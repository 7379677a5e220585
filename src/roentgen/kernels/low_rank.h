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

/// Whether AddLowRankRows takes them: few tokens, and a rank that is a multiple of 4.
bool IsNarrow(const LowRankOutput& output);

/// Has B's rows for outputs [first, first + count) brought into the second-level cache. They are
/// too short a stream for the processor to foresee.
void FetchLowRankRows(const LowRankOutput& output, size_t first, size_t count);

/// The same as AddLowRankEach for outputs [first, first + count), of what IsNarrow.
void AddLowRankRows(const LowRankOutput& output, size_t first, size_t count);

/// All of them, of as many tokens each. For up to kFewRows tokens, a decoding step, they take one
/// meeting of the team together, and short rows of B are read as what they are, one long stream;
/// more tokens are MatMulAdd. Throws ShapeError when sizes do not go together. A sum depends on
/// neither threads nor other tokens.
void AddLowRankEach(std::span<const LowRankOutput> outputs, ThreadPool& pool);

}  // namespace roentgen
