#include "roentgen/evaluation/proportion.h"

#include <algorithm>
#include <cmath>

namespace roentgen {

Bounds WilsonBounds(double share, double n, double quantile) {
  const double square = quantile * quantile;
  const double denominator = 1 + square / n;
  const double center = share + square / (2 * n);
  const double half = quantile * std::sqrt(share * (1 - share) / n + square / (4 * n * n));
  return {std::max(0.0, (center - half) / denominator),
          std::min(1.0, (center + half) / denominator)};
}

Bounds WilsonInterval(size_t hits, size_t total) {
  if (total == 0) return {};
  constexpr double kZ = 1.959963984540054;  // the normal distribution's 97.5 % point
  const auto n = static_cast<double>(total);
  return WilsonBounds(static_cast<double>(hits) / n, n, kZ);
}

double McNemarExact(size_t only_first, size_t only_second) {
  const size_t fewer = std::min(only_first, only_second);
  const size_t n = only_first + only_second;
  if (only_first == only_second) return 1;
  // p = 2 Σ_{i ≤ fewer} C(n, i) / 2^n. The last term is the largest: the others are sums of ratios
  // to it, so that nothing underflows before the end.
  double log_largest = -static_cast<double>(n) * std::log(2.0);
  for (size_t i = 1; i <= fewer; ++i) {
    log_largest += std::log(static_cast<double>(n - fewer + i) / static_cast<double>(i));
  }
  double ratio = 1;
  double sum = 1;
  for (size_t i = fewer; i > 0; --i) {
    ratio *= static_cast<double>(i) / static_cast<double>(n - i + 1);
    sum += ratio;
  }
  return std::min(1.0, 2 * std::exp(log_largest + std::log(sum)));
}

}  // namespace roentgen
