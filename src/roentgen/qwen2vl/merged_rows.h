#pragma once

#include <cstddef>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// Columns that are summed at a time: with rank 64 that part of A is 128 KiB and stays in the L2
/// cache while some rows pass over it.
inline constexpr size_t kMergeColumns = 512;

/// sums[i] += scale · (B A)[row][begin + i] for count ≤ kMergeColumns columns: PEFT sums B A first,
/// then scales.
void AddProduct(const LoraDelta& delta, size_t row, size_t begin, size_t count, float* sums);

/// Sets delta.row_norms to the lengths of the rows of weight + scale · B A, summed in double. They
/// are a constant to the gradient (Liu et al. 2024, 4.3) but change with A and B.
void UpdateRowNorms(const WeightMatrix& weight, LoraDelta& delta, ThreadPool& pool);

}  // namespace roentgen
