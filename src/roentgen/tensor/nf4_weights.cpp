#include "roentgen/tensor/nf4_weights.h"

namespace roentgen {

Nf4Weights::Nf4Weights(ConstVector values, size_t cols, bool double_quantization)
    : cols_(cols), values_(QuantizeNf4(values)) {
  if (!double_quantization) return;
  scales_ = QuantizeScales(values_.absmax);
  values_.absmax = {};
}

void Nf4Weights::Widen(size_t row, size_t begin, Vector out) const {
  const size_t first = row * cols_ + begin;
  if (scales_.codes.empty()) {
    DequantizeNf4(values_, first, out);
  } else {
    DequantizeNf4(values_, scales_, first, out);
  }
}

std::vector<std::span<const std::byte>> Nf4Weights::Parts() const {
  return {std::as_bytes(std::span(values_.packed)), std::as_bytes(std::span(values_.absmax)),
          std::as_bytes(std::span(scales_.codes)), std::as_bytes(std::span(scales_.absmax)),
          std::as_bytes(std::span(&scales_.offset, 1))};
}

}  // namespace roentgen
