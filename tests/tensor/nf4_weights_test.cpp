#include "roentgen/tensor/nf4_weights.h"

#include <gmock/gmock.h>

#include "roentgen/base/random.h"

namespace roentgen {
namespace {

std::vector<float> Values(size_t count) {
  Random random(5);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(2 * random.NextUniform() - 1);
  return values;
}

TEST(Nf4Weights, AnyPartOfARowIsThatOfTheWhole) {
  constexpr size_t kRows = 37;
  constexpr size_t kCols = 149;  // odd, so that rows begin in the middle of bytes and blocks
  const std::vector<float> values = Values(kRows * kCols);
  for (const bool twice : {false, true}) {
    Nf4Values stored = QuantizeNf4(values);
    if (twice) stored.absmax = DequantizeScales(QuantizeScales(stored.absmax));
    std::vector<float> whole(values.size());
    DequantizeNf4(stored, 0, whole);
    const Nf4Weights weights(values, kCols, twice);
    for (size_t row = 0; row < kRows; ++row) {
      for (const size_t begin : {size_t{0}, size_t{1}, size_t{64}, kCols - 1}) {
        for (const size_t end : {begin + 1, (begin + kCols) / 2, kCols}) {
          std::vector<float> part(end - begin);
          weights.Widen(row, begin, part);
          const float* const expected = whole.data() + row * kCols;
          ASSERT_EQ(part, std::vector<float>(expected + begin, expected + end))
              << row << ": " << begin << " … " << end;
        }
      }
    }
  }
}

TEST(Nf4Weights, TakeHalfAByteAndTheirScales) {
  constexpr size_t kCount = size_t{64} * 1024;
  const std::vector<float> values = Values(kCount);
  const size_t codes = kCount / 2;
  const size_t blocks = kCount / 64;
  const Nf4Weights once(values, 256, false);
  EXPECT_EQ(once.bytes(), codes + 4 * blocks + sizeof(float));
  const Nf4Weights twice(values, 256, true);
  EXPECT_EQ(twice.bytes(), codes + blocks + 4 * (blocks / 256) + sizeof(float));
}

}  // namespace
}  // namespace roentgen
