#include "roentgen/base/numpy_random.h"

#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace roentgen {
namespace {

constexpr size_t kPool = 4;

/// numpy's SeedSequence (after O'Neill's seed_seq_fe): the eight words that it generates for a
/// seed.
class SeedSequence {
 public:
  explicit SeedSequence(uint64_t seed) {
    const std::array<uint32_t, 2> entropy = {static_cast<uint32_t>(seed),
                                             static_cast<uint32_t>(seed >> 32)};
    for (size_t i = 0; i < kPool; ++i) pool_[i] = Hash(i < entropy.size() ? entropy[i] : 0);
    for (size_t from = 0; from < kPool; ++from) {
      for (size_t to = 0; to < kPool; ++to) {
        if (from != to) pool_[to] = Mix(pool_[to], Hash(pool_[from]));
      }
    }
  }

  std::array<uint64_t, 4> Generate() const {
    std::array<uint64_t, 4> words{};
    uint32_t constant = 0x8b51f9dd;
    for (size_t i = 0; i < 2 * words.size(); ++i) {
      uint32_t value = pool_[i % kPool] ^ constant;
      constant *= 0x58f38ded;
      value *= constant;
      value ^= value >> 16;
      words[i / 2] |= uint64_t{value} << (i % 2 * 32);
    }
    return words;
  }

 private:
  uint32_t Hash(uint32_t value) {
    value ^= constant_;
    constant_ *= 0x931e8875;
    value *= constant_;
    return value ^ (value >> 16);
  }
  static uint32_t Mix(uint32_t x, uint32_t y) {
    const uint32_t result = 0xca01f9dd * x - 0x4973f715 * y;
    return result ^ (result >> 16);
  }

  uint32_t constant_ = 0x43b0d7e5;
  std::array<uint32_t, kPool> pool_{};
};

__extension__ using Bits128 = unsigned __int128;
constexpr Bits128 Join(uint64_t high, uint64_t low) {
  return (Bits128{high} << 64) | low;
}
constexpr Bits128 kMultiplier = Join(2549297995355413924ull, 4865540595714422341ull);

}  // namespace

NumpyGenerator::NumpyGenerator(uint64_t seed) {
  const std::array<uint64_t, 4> words = SeedSequence(seed).Generate();
  increment_ = (Join(words[2], words[3]) << 1) | 1;
  state_ = (increment_ + Join(words[0], words[1])) * kMultiplier + increment_;
}

uint64_t NumpyGenerator::Next64() {
  state_ = state_ * kMultiplier + increment_;
  const auto high = static_cast<uint64_t>(state_ >> 64);
  return std::rotr(high ^ static_cast<uint64_t>(state_), static_cast<int>(high >> 58));
}

uint32_t NumpyGenerator::Next32() {
  if (std::exchange(has_kept_, false)) return kept_;
  const uint64_t bits = Next64();
  kept_ = static_cast<uint32_t>(bits >> 32);
  has_kept_ = true;
  return static_cast<uint32_t>(bits);
}

uint64_t NumpyGenerator::Integer(uint64_t bound) {
  if (bound == 1) return 0;  // numpy draws nothing then
  if (bound <= uint64_t{1} << 32) {
    // Of the 2^32 products' lower halves, those below 2^32 mod bound would favour some numbers.
    const uint64_t unfair = (uint64_t{1} << 32) % bound;
    uint64_t product = Next32() * bound;
    while (static_cast<uint32_t>(product) < unfair) product = Next32() * bound;
    return product >> 32;
  }
  const uint64_t unfair = -bound % bound;
  Bits128 product = Bits128{Next64()} * bound;
  while (static_cast<uint64_t>(product) < unfair) product = Bits128{Next64()} * bound;
  return static_cast<uint64_t>(product >> 64);
}

std::vector<size_t> NumpyGenerator::Permutation(size_t count) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  for (size_t last = count; last-- > 1;) std::swap(order[last], order[MaskedInteger(last)]);
  return order;
}

uint64_t NumpyGenerator::MaskedInteger(uint64_t largest) {
  const uint64_t mask = std::bit_ceil(largest + 1) - 1;
  const bool short_draws = largest <= UINT32_MAX;
  for (;;) {
    const uint64_t value = (short_draws ? Next32() : Next64()) & mask;
    if (value <= largest) return value;
  }
}

void NumpyGenerator::Advance(uint64_t calls) {
  has_kept_ = false;
  // One call is state · a + c; two are state · a² + (a + 1) · c, and so on by the bits of calls.
  Bits128 factor = kMultiplier;
  Bits128 addend = increment_;
  for (; calls > 0; calls >>= 1) {
    if ((calls & 1) != 0) state_ = state_ * factor + addend;
    addend *= factor + 1;
    factor *= factor;
  }
}

}  // namespace roentgen
