#include "roentgen/kernels/embedding.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"
#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace {

void CheckIds(const char* name, std::span<const int32_t> ids, size_t table_rows, size_t table_cols,
              ConstMatrix out) {
  if (out.rows != ids.size() || out.cols != table_cols) {
    throw ShapeError(fmt::format("{}: {} ids, table {}×{}, out {}×{}", name, ids.size(), table_rows,
                                 table_cols, out.rows, out.cols));
  }
  for (const int32_t id : ids) {
    if (id < 0 || static_cast<size_t>(id) >= table_rows) {
      throw ShapeError(fmt::format("{}: token id {} in a vocabulary of {}", name, id, table_rows));
    }
  }
}

}  // namespace

void LookUpRows(const WeightMatrix& table, std::span<const int32_t> ids, Matrix out) {
  CheckIds("embedding", ids, table.rows, table.cols, out);
  for (size_t i = 0; i < ids.size(); ++i) {
    WidenRow(table, static_cast<size_t>(ids[i]), 0, {out.Row(i), out.cols});
  }
}

void LookUpRowsBackward(ConstMatrix grad_out, std::span<const int32_t> ids, Matrix grad_table,
                        ThreadPool& pool) {
  CheckIds("embedding gradient", ids, grad_table.rows, grad_table.cols, grad_out);
  constexpr size_t kColumns = 64;  // a task's; it takes all tokens, in their order
  pool.ForEach((grad_table.cols + kColumns - 1) / kColumns, [&](size_t task, int) {
    const size_t end = std::min(grad_table.cols, (task + 1) * kColumns);
    for (size_t i = 0; i < ids.size(); ++i) {
      float* const to = grad_table.Row(static_cast<size_t>(ids[i]));
      for (size_t c = task * kColumns; c < end; ++c) to[c] += grad_out.Row(i)[c];
    }
  });
}

}  // namespace roentgen
