#include "roentgen/tensor/widen_row.h"

#include <cstring>

namespace roentgen {
namespace {

inline float ToFloat(float value) {
  return value;
}
using roentgen::ToFloat;

template <class Element>
void WidenElements(const std::byte* from, Vector out) {
  for (size_t i = 0; i < out.size(); ++i) {
    Element element;
    std::memcpy(&element, from + i * sizeof(Element), sizeof(element));
    out[i] = ToFloat(element);
  }
}

}  // namespace

void WidenRow(const WeightMatrix& weight, size_t row, size_t begin, Vector out) {
  if (weight.quantized != nullptr) {
    weight.quantized->Widen(row, begin, out);
    return;
  }
  const std::byte* const from = weight.Row(row) + begin * DTypeSize(weight.dtype);
  switch (weight.dtype) {
    case DType::kBF16:
      return WidenElements<BFloat16>(from, out);
    case DType::kF16:
      return WidenElements<Float16>(from, out);
    default:
      return WidenElements<float>(from, out);
  }
}

}  // namespace roentgen
