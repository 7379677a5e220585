#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace roentgen {

/// The values of a weight matrix [rows, cols] in a few bits each, whatever the scheme.
class QuantizedWeights {
 public:
  virtual ~QuantizedWeights() = default;
  /// Values [begin, begin + out.size()) of a row, in f32: what every product computes with.
  virtual void Widen(size_t row, size_t begin, std::span<float> out) const = 0;
  /// Codes and scales as they lie in memory, in an order of the scheme's own.
  virtual std::vector<std::span<const std::byte>> Parts() const = 0;
  /// What they take.
  size_t bytes() const;
};

}  // namespace roentgen
