#pragma once

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// sums[c] += Σ over rows of x[row][c], in their order: the gradient of a bias.
/// Throws ShapeError when the widths differ.
void AddColumnSums(ConstMatrix x, Vector sums, ThreadPool& pool);

/// sums[c] += Σ over rows of x[row][c] · y[row][c]: the gradient of a factor of each column.
/// Throws ShapeError when the shapes differ.
void AddColumnProducts(ConstMatrix x, ConstMatrix y, Vector sums, ThreadPool& pool);

}  // namespace roentgen
