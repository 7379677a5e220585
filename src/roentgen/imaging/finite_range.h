#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace roentgen {

/// The smallest and the largest of the finite numbers; nothing when all are NaN or infinite.
inline std::optional<std::pair<double, double>> FiniteRange(std::span<const double> numbers) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : numbers) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return std::nullopt;
  return std::pair(low, high);
}

}  // namespace roentgen
