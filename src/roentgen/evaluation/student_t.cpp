#include "roentgen/evaluation/student_t.h"

#include <cmath>
#include <numbers>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

/// The chance of |t| ≤ √degrees · tan(angle): Abramowitz & Stegun 1964, 26.7.3 and 26.7.4, a finite
/// sum.
double TwoSided(double angle, size_t degrees) {
  const double cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1;
  double sum = 0;
  for (size_t i = odd ? 3 : 2; i <= degrees; i += 2) {
    sum += term;
    term *= static_cast<double>(i - 1) / static_cast<double>(i) * cosine * cosine;
  }
  if (!odd) return std::sin(angle) * sum;
  return 2 / std::numbers::pi * (angle + std::sin(angle) * sum);
}

/// Abramowitz & Stegun 26.7.5: how the quantile leaves the normal distribution's. Its next term is
/// below 1e-10 from 200 degrees on.
double Expansion(double degrees) {
  constexpr double kZ = 1.959963984540054;  // the normal distribution's 97.5 % point
  constexpr double kZ2 = kZ * kZ;
  const double g1 = kZ * (kZ2 + 1) / 4;
  const double g2 = kZ * ((5 * kZ2 + 16) * kZ2 + 3) / 96;
  const double g3 = kZ * (((3 * kZ2 + 19) * kZ2 + 17) * kZ2 - 15) / 384;
  const double g4 = kZ * ((((79 * kZ2 + 776) * kZ2 + 1482) * kZ2 - 1920) * kZ2 - 945) / 92160;
  return kZ + (g1 + (g2 + (g3 + g4 / degrees) / degrees) / degrees) / degrees;
}

}  // namespace

double StudentT975(size_t degrees) {
  if (degrees == 0) throw Error("Student's t distribution needs at least one degree of freedom");
  if (degrees >= 200) return Expansion(static_cast<double>(degrees));
  double low = 0;
  double high = std::numbers::pi / 2;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    (TwoSided(middle, degrees) < 0.95 ? low : high) = middle;
  }
  return std::sqrt(static_cast<double>(degrees)) * std::tan(low);
}

}  // namespace roentgen
