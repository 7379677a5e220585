#pragma once

#include <cstdint>

namespace roentgen {

/// The output function of SplitMix64 (Steele, Lea, Flood 2014): element n of the stream with a seed
/// is SplitMix64(seed + n · kSplitMixGamma), so a stream can be entered anywhere.
inline constexpr uint64_t kSplitMixGamma = 0x9e3779b97f4a7c15ull;
constexpr uint64_t SplitMix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// Random numbers that are the same for a seed on every platform.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t NextBits() { return SplitMix64(state_ += kSplitMixGamma); }
  /// Uniform in [0, 1), 53 bits.
  double NextUniform() { return static_cast<double>(NextBits() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

}  // namespace roentgen
