#include "roentgen/qwen2vl/merged_rows.h"

#include <algorithm>
#include <cmath>

#include "roentgen/tensor/widen_row.h"

namespace roentgen {

void AddProduct(const LoraDelta& delta, size_t row, size_t begin, size_t count, float* sums) {
  const ConstMatrix a = delta.a->view();
  const ConstMatrix b = delta.b->view();
  float products[kMergeColumns] = {};
  for (size_t rank = 0; rank < a.rows; ++rank) {
    const float factor = b.Row(row)[rank];
    const float* a_row = a.Row(rank) + begin;
    for (size_t i = 0; i < count; ++i) products[i] += factor * a_row[i];
  }
  for (size_t i = 0; i < count; ++i) sums[i] += delta.scale * products[i];
}

void UpdateRowNorms(const WeightMatrix& weight, LoraDelta& delta, ThreadPool& pool) {
  constexpr size_t kRowsPerTask = 16;
  delta.row_norms.resize(weight.rows);
  pool.ForEach((weight.rows + kRowsPerTask - 1) / kRowsPerTask, [&](size_t task, int) {
    const size_t end = std::min(weight.rows, (task + 1) * kRowsPerTask);
    for (size_t row = task * kRowsPerTask; row < end; ++row) {
      double squares = 0;
      for (size_t begin = 0; begin < weight.cols; begin += kMergeColumns) {
        const size_t count = std::min(kMergeColumns, weight.cols - begin);
        float values[kMergeColumns];
        WidenRow(weight, row, begin, {values, count});
        AddProduct(delta, row, begin, count, values);
        for (size_t i = 0; i < count; ++i) squares += static_cast<double>(values[i]) * values[i];
      }
      delta.row_norms[row] = static_cast<float>(std::sqrt(squares));
    }
  });
}

}  // namespace roentgen
