#include "roentgen/base/numpy_random.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

using testing::ElementsAre;

std::vector<uint64_t> Draw(NumpyGenerator& generator, uint64_t bound, size_t count) {
  std::vector<uint64_t> numbers;
  while (numbers.size() < count) numbers.push_back(generator.Integer(bound));
  return numbers;
}

// The numbers below were printed by numpy 2: default_rng(seed), its integers one call after the
// other, so that kept halves pass from one to the next.

TEST(NumpyGenerator, RawBitsAreNumpys) {
  NumpyGenerator zero(0);
  EXPECT_EQ(zero.Next64(), 11749869230777074271ull);
  EXPECT_EQ(zero.Next64(), 4976686463289251617ull);
  NumpyGenerator large((uint64_t{1} << 40) + 7);  // a seed of two words
  EXPECT_EQ(large.Next64(), 15307346044642009514ull);
  EXPECT_EQ(large.Next64(), 4709548916763817589ull);
}

TEST(NumpyGenerator, IntegersAreNumpys) {
  NumpyGenerator zero(0);
  EXPECT_THAT(Draw(zero, 7, 5), ElementsAre(5, 4, 3, 1, 2));
  EXPECT_THAT(Draw(zero, (uint64_t{1} << 33) + 5, 2), ElementsAre(141971308, 6985938164));
  EXPECT_THAT(Draw(zero, uint64_t{1} << 32, 2), ElementsAre(175979945, 2789219406));
  EXPECT_THAT(Draw(zero, 3'000'000'000, 4),  // a bound for which one draw in three is unfair
              ElementsAre(2738266731, 1510880916, 1819907326, 1896812393));
  NumpyGenerator other(42);
  EXPECT_THAT(Draw(other, 7, 5), ElementsAre(0, 5, 4, 3, 3));
  EXPECT_THAT(Draw(other, (uint64_t{1} << 33) + 5, 2), ElementsAre(5990345759, 808977258));
  EXPECT_THAT(Draw(other, uint64_t{1} << 32, 2), ElementsAre(3687649986, 2261209996));
}

TEST(NumpyGenerator, ABoundOfOneDrawsNothing) {
  NumpyGenerator generator(42);
  EXPECT_EQ(generator.Integer(1), 0u);
  EXPECT_EQ(generator.Next64(), 14276969152011380360ull);
}

TEST(NumpyGenerator, PermutationsAreNumpys) {
  EXPECT_THAT(NumpyGenerator(0).Permutation(10), ElementsAre(4, 6, 2, 7, 3, 5, 9, 0, 8, 1));
  EXPECT_THAT(NumpyGenerator(42).Permutation(10), ElementsAre(5, 6, 0, 7, 3, 2, 4, 9, 1, 8));
  EXPECT_THAT(NumpyGenerator(42).Permutation(1), ElementsAre(0));
  EXPECT_THAT(NumpyGenerator(42).Permutation(0), ElementsAre());
}

TEST(NumpyGenerator, AdvancingEqualsDrawing) {
  NumpyGenerator generator(42);
  generator.Next32();  // its other half is dropped
  NumpyGenerator fresh(42);
  fresh.Next64();
  generator.Advance(1000003 - 1);
  for (int i = 0; i < 1000003 - 1; ++i) fresh.Next64();
  EXPECT_EQ(generator.Next64(), 6198410527501102472ull);  // numpy's advance(1000003)
  EXPECT_EQ(fresh.Next64(), 6198410527501102472ull);
}

}  // namespace
}  // namespace roentgen
