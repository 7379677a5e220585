#include "roentgen/tensor/quantized_weights.h"

namespace roentgen {

size_t QuantizedWeights::bytes() const {
  size_t bytes = 0;
  for (const std::span<const std::byte> part : Parts()) bytes += part.size();
  return bytes;
}

}  // namespace roentgen
