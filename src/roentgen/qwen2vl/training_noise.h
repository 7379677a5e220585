#pragma once

#include <cstdint>
#include <string_view>

#include "roentgen/base/hash.h"
#include "roentgen/base/random.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// Random numbers of one pass that can be had again: each is a pure function of the seed, the pass,
/// the place in the model and the index, so that nothing drawn is ever stored.
class PassRandom {
 public:
  PassRandom(uint64_t seed, uint64_t pass) : key_(SplitMix64(SplitMix64(seed) + pass)) {}

  uint64_t KeyOf(std::string_view place) const { return Fnv1a64(place, key_); }

  /// Number `index` of the place with this key, uniform in [0, 1), 24 bits.
  static float Uniform(uint64_t key, uint64_t index) {
    return static_cast<float>(SplitMix64(key + (index + 1) * kSplitMixGamma) >> 40) * 0x1p-24f;
  }

 private:
  uint64_t key_;
};

/// y = x with each value dropped with probability `rate`, the others divided by 1 − rate
/// (Srivastava et al. 2014). x, y [tokens, width], may be the same memory; the value at (row, col)
/// has the index row · width + col.
void Dropout(ConstMatrix x, float rate, uint64_t key, Matrix y, ThreadPool& pool);

/// x += uniform noise within ±magnitude; indices as in Dropout from `first_index` on.
void AddNoise(Matrix x, float magnitude, uint64_t key, uint64_t first_index, ThreadPool& pool);

}  // namespace roentgen
