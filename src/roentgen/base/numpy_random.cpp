#include "roentgen/base/numpy_random.h"

#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace roentgen {
namespace {

constexpr size_t kPoolWords = 4;

/// SeedSequence's hash, whose constant changes with every use.
class SeedHash {
 public:
  SeedHash(uint32_t constant, uint32_t multiplier) : constant_(constant), multiplier_(multiplier) {}

  uint32_t operator()(uint32_t value) {
    value ^= constant_;
    constant_ *= multiplier_;
    value *= constant_;
    return value ^ (value >> 16);
  }

 private:
  uint32_t constant_;
  uint32_t multiplier_;
};

uint32_t Mix(uint32_t x, uint32_t y) {
  const uint32_t mixed = 0xca01f9ddu * x - 0x4973f715u * y;
  return mixed ^ (mixed >> 16);
}

/// SeedSequence(seed).generate_state(4, uint64).
std::array<uint64_t, 4> SeedState(uint64_t seed) {
  std::array<uint32_t, kPoolWords> pool{};
  SeedHash in(0x43b0d7e5u, 0x931e8875u);
  for (size_t i = 0; i < kPoolWords; ++i) {
    pool[i] = in(i < 2 ? static_cast<uint32_t>(seed >> (32 * i)) : 0);
  }
  for (size_t from = 0; from < kPoolWords; ++from) {
    for (size_t to = 0; to < kPoolWords; ++to) {
      if (from != to) pool[to] = Mix(pool[to], in(pool[from]));
    }
  }
  SeedHash out(0x8b51f9ddu, 0x58f38dedu);
  std::array<uint64_t, 4> state{};
  for (size_t i = 0; i < 2 * state.size(); ++i) {
    state[i / 2] |= static_cast<uint64_t>(out(pool[i % kPoolWords])) << (32 * (i % 2));
  }
  return state;
}

}  // namespace

NumpyRandom::NumpyRandom(uint64_t seed) {
  const std::array<uint64_t, 4> words = SeedState(seed);
  increment_ = (static_cast<Uint128>(words[2]) << 64 | words[3]) << 1 | 1u;
  Advance();
  state_ += static_cast<Uint128>(words[0]) << 64 | words[1];
  Advance();
}

void NumpyRandom::Advance() {
  constexpr Uint128 kMultiplier =
      static_cast<Uint128>(2549297995355413924ull) << 64 | 4865540595714422341ull;
  state_ = state_ * kMultiplier + increment_;
}

uint64_t NumpyRandom::NextUint64() {
  Advance();
  const auto folded = static_cast<uint64_t>(state_ >> 64) ^ static_cast<uint64_t>(state_);
  return std::rotr(folded, static_cast<int>(state_ >> 122));
}

uint32_t NumpyRandom::NextUint32() {
  if (std::exchange(has_kept_, false)) return kept_;
  const uint64_t bits = NextUint64();
  kept_ = static_cast<uint32_t>(bits >> 32);
  has_kept_ = true;
  return static_cast<uint32_t>(bits);
}

uint32_t NumpyRandom::NextBelow(uint32_t count) {
  if (count == 1) return 0;
  const uint32_t threshold = (UINT32_MAX - count + 1) % count;
  uint64_t product = 0;
  do {
    product = static_cast<uint64_t>(NextUint32()) * count;
  } while (static_cast<uint32_t>(product) < threshold);
  return static_cast<uint32_t>(product >> 32);
}

/// random_interval: masked bits until they are in range. This is what numpy shuffles with.
uint32_t NumpyRandom::NextUpTo(uint32_t last) {
  const uint32_t mask = UINT32_MAX >> std::countl_zero(last);
  uint32_t value = 0;
  do {
    value = NextUint32() & mask;
  } while (value > last);
  return value;
}

std::vector<size_t> NumpyRandom::Permutation(size_t count) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  for (size_t i = count; i-- > 1;) {
    std::swap(order[i], order[NextUpTo(static_cast<uint32_t>(i))]);
  }
  return order;
}

}  // namespace roentgen
