#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace roentgen {

/// numpy.random.default_rng(seed): PCG64 (O'Neill 2014, XSL-RR on 128 bits) seeded by SeedSequence.
/// Its splits are the ones that LLaMA-Factory's users know.
class NumpyRandom {
 public:
  explicit NumpyRandom(uint64_t seed);

  uint64_t NextUint64();
  /// Half of a NextUint64, the lower one first.
  uint32_t NextUint32();
  /// Generator.integers(count), count from 1 to 2^32 − 1: Lemire's method (2019).
  uint32_t NextBelow(uint32_t count);
  /// Generator.permutation(count): the numbers below count, shuffled. count at most 2^32 − 1.
  std::vector<size_t> Permutation(size_t count);

 private:
  __extension__ using Uint128 = unsigned __int128;

  void Advance();
  uint32_t NextUpTo(uint32_t last);

  Uint128 state_ = 0;
  Uint128 increment_ = 0;
  uint32_t kept_ = 0;  // the upper half of the last NextUint64
  bool has_kept_ = false;
};

}  // namespace roentgen
