#include "roentgen/phantom/portable_math.h"

#include <array>
#include <cmath>
#include <cstddef>

namespace roentgen {
namespace {

constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kHalfPi = 0x1.921fb54442d18p+0;

/// 1/n!
constexpr std::array<double, 18> kInverseFactorial = [] {
  std::array<double, 18> inverse{1};
  double factorial = 1;
  for (size_t n = 1; n < inverse.size(); ++n) {
    factorial *= static_cast<double>(n);
    inverse[n] = 1 / factorial;
  }
  return inverse;
}();

/// sin for |x| ≤ π/4: its Taylor series.
double SinPolynomial(double x) {
  const double s = x * x;
  double sum = 0;
  for (int n = 17; n >= 3; n -= 2) sum = kInverseFactorial[static_cast<size_t>(n)] - s * sum;
  return x - x * s * sum;
}

/// cos for |x| ≤ π/4.
double CosPolynomial(double x) {
  const double s = x * x;
  double sum = 0;
  for (int n = 16; n >= 2; n -= 2) sum = kInverseFactorial[static_cast<size_t>(n)] - s * sum;
  return 1 - s * sum;
}

/// 1/(2n + 1)
constexpr std::array<double, 10> kInverseOdd = [] {
  std::array<double, 10> inverse{};
  for (size_t n = 0; n < inverse.size(); ++n) inverse[n] = 1 / (2 * static_cast<double>(n) + 1);
  return inverse;
}();

/// sin(x + quarter · π/2).
double SinShifted(double x, int64_t quarter) {
  const double turns = std::floor(x / kHalfPi + 0.5);
  const double rest = x - turns * kHalfPi;
  switch ((static_cast<int64_t>(turns) + quarter) & 3) {
    case 0:
      return SinPolynomial(rest);
    case 1:
      return CosPolynomial(rest);
    case 2:
      return -SinPolynomial(rest);
    default:
      return -CosPolynomial(rest);
  }
}

}  // namespace

double PortableExp(double x) {
  const double k = std::floor(x / (kLn2High + kLn2Low) + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 0;
  for (size_t n = 14; n-- > 0;) sum = kInverseFactorial[n] + r * sum;
  return std::ldexp(sum, static_cast<int>(k));
}

double PortableLog(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0x1.6a09e667f3bcdp-1) {  // so that it lies around 1
    mantissa *= 2;
    --exponent;
  }
  // 2 artanh(s) by its series.
  const double s = (mantissa - 1) / (mantissa + 1);
  double sum = 0;
  for (size_t n = kInverseOdd.size(); n-- > 0;) sum = kInverseOdd[n] + s * s * sum;
  return exponent * (kLn2High + kLn2Low) + 2 * s * sum;
}

double PortableSin(double radians) {
  return SinShifted(radians, 0);
}

double PortableCos(double radians) {
  return SinShifted(radians, 1);
}

double PhantomRandom::Normal() {
  const uint64_t bits = random_.NextBits();
  const auto part = [bits](int shift) { return static_cast<double>((bits >> shift) & 0xffff); };
  // Each part has variance (2^32 − 1)/12 about the mean 32767.5.
  constexpr double kDeviation = 37837.22723720648;
  return (part(0) + part(16) + part(32) + part(48) - 131070.0) / kDeviation;
}

}  // namespace roentgen
