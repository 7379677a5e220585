#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace roentgen {

/// numpy's default_rng(seed): PCG64 (PCG XSL-RR 128/64, O'Neill 2014) seeded through SeedSequence.
/// It draws the same numbers as numpy 1.17 and later, so that splits and intervals that were
/// published with a seed come out again, element for element.
class NumpyGenerator {
 public:
  explicit NumpyGenerator(uint64_t seed);

  /// Generator.bit_generator.random_raw().
  uint64_t Next64();
  /// Half of a Next64: the lower half first; the upper one is kept for the next call.
  uint32_t Next32();

  /// Generator.integers(0, bound): uniform below bound, which must not be 0. Lemire's method, with
  /// 32 random bits for bounds up to 2^32, as in numpy.
  uint64_t Integer(uint64_t bound);

  /// Generator.permutation(count): Fisher and Yates' shuffle.
  std::vector<size_t> Permutation(size_t count);

  /// Skips so many calls of Next64 in logarithmic time, and a kept half.
  void Advance(uint64_t calls);

 private:
  /// Uniform up to and including largest, by masking and rejecting: what numpy's shuffle draws.
  uint64_t MaskedInteger(uint64_t largest);

  __extension__ using Bits128 = unsigned __int128;

  Bits128 state_ = 0;
  Bits128 increment_ = 0;
  uint32_t kept_ = 0;
  bool has_kept_ = false;
};

}  // namespace roentgen
