#include "roentgen/kernels/column_sums.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

/// Calls add(row, begin, end) for all rows of one range of columns after the other: a column's sum
/// has one order for any number of threads. Plain loops: one pass over memory.
template <class Add>
void ForColumns(ConstMatrix x, ThreadPool& pool, const Add& add) {
  constexpr size_t kColumns = 64;
  pool.ForEach((x.cols + kColumns - 1) / kColumns, [&](size_t task, int) {
    const size_t begin = task * kColumns;
    const size_t end = std::min(x.cols, begin + kColumns);
    for (size_t row = 0; row < x.rows; ++row) add(row, begin, end);
  });
}

}  // namespace

void AddColumnSums(ConstMatrix x, Vector sums, ThreadPool& pool) {
  if (sums.size() != x.cols) {
    throw ShapeError(fmt::format("column sums: {} columns, {} sums", x.cols, sums.size()));
  }
  ForColumns(x, pool, [&](size_t row, size_t begin, size_t end) {
    for (size_t c = begin; c < end; ++c) sums[c] += x.Row(row)[c];
  });
}

void AddColumnProducts(ConstMatrix x, ConstMatrix y, Vector sums, ThreadPool& pool) {
  if (sums.size() != x.cols || y.cols != x.cols || y.rows != x.rows) {
    throw ShapeError(fmt::format("column products: x {}×{}, y {}×{}, {} sums", x.rows, x.cols,
                                 y.rows, y.cols, sums.size()));
  }
  ForColumns(x, pool, [&](size_t row, size_t begin, size_t end) {
    for (size_t c = begin; c < end; ++c) sums[c] += x.Row(row)[c] * y.Row(row)[c];
  });
}

}  // namespace roentgen
