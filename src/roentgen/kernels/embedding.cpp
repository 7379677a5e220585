#include "roentgen/kernels/embedding.h"

#include <fmt/format.h>

#include <cstring>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

inline float ToFloat(float value) {
  return value;
}
using roentgen::ToFloat;

template <class Element>
void WidenRow(const std::byte* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    Element element;
    std::memcpy(&element, from + i * sizeof(Element), sizeof(element));
    to[i] = ToFloat(element);
  }
}

}  // namespace

void LookUpRows(const WeightMatrix& table, std::span<const int32_t> ids, Matrix out) {
  if (out.rows != ids.size() || out.cols != table.cols) {
    throw ShapeError(fmt::format("embedding: {} ids, table {}×{}, out {}×{}", ids.size(),
                                 table.rows, table.cols, out.rows, out.cols));
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || static_cast<size_t>(ids[i]) >= table.rows) {
      throw ShapeError(
          fmt::format("embedding: token id {} in a vocabulary of {}", ids[i], table.rows));
    }
    const std::byte* row = table.Row(static_cast<size_t>(ids[i]));
    switch (table.dtype) {
      case DType::kBF16:
        WidenRow<BFloat16>(row, table.cols, out.Row(i));
        break;
      case DType::kF16:
        WidenRow<Float16>(row, table.cols, out.Row(i));
        break;
      default:
        WidenRow<float>(row, table.cols, out.Row(i));
        break;
    }
  }
}

}  // namespace roentgen
