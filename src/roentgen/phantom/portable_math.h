#pragma once

#include <cstdint>

#include "roentgen/base/random.h"

namespace roentgen {

// Functions whose last bits differ between C libraries, from additions, multiplications and
// divisions alone: a phantom is the same, bit for bit, on every machine. Errors are below 1e-12 for
// the arguments that occur here (|x| < 700 for Exp, below 1e6 for Sin and Cos).

double PortableExp(double x);
/// x above 0 and finite.
double PortableLog(double x);
double PortableSin(double radians);
double PortableCos(double radians);

/// Draws for one purpose: streams of one seed with different purposes are independent, so that
/// nothing else changes when a finding is added or taken away.
class PhantomRandom {
 public:
  PhantomRandom(uint64_t seed, uint64_t purpose)
      : random_(SplitMix64(seed + kSplitMixGamma) ^ SplitMix64(purpose * kSplitMixGamma)) {}

  uint64_t Bits() { return random_.NextBits(); }
  double Uniform(double low, double high) { return low + (high - low) * random_.NextUniform(); }
  bool Chance(double probability) { return random_.NextUniform() < probability; }
  /// A whole number in [0, count).
  int Pick(int count) { return static_cast<int>(Uniform(0, count)); }
  /// Mean 0 and variance 1: the sum of four uniform numbers, which is normal up to 3.4 deviations.
  double Normal();

 private:
  Random random_;
};

}  // namespace roentgen
