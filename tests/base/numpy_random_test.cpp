#include "roentgen/base/numpy_random.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "roentgen/base/json.h"
#include "support/paths.h"

namespace roentgen {
namespace {

// numpy.random.default_rng(42), from numpy 2: bit_generator.random_raw().
TEST(NumpyRandom, RawOutputs) {
  NumpyRandom random(42);
  for (const uint64_t expected :
       {14276969152011380360ull, 8095878257575067585ull, 15838336090824644132ull,
        12864169557245331597ull, 1737265434024182251ull, 17997055833233904524ull}) {
    EXPECT_EQ(random.NextUint64(), expected);
  }
}

TEST(NumpyRandom, HalvesComeLowerFirst) {
  NumpyRandom whole(7);
  NumpyRandom halves(7);
  const uint64_t bits = whole.NextUint64();
  EXPECT_EQ(halves.NextUint32(), static_cast<uint32_t>(bits));
  EXPECT_EQ(halves.NextUint32(), static_cast<uint32_t>(bits >> 32));
}

// The same golden as evaluation's intervals stand on.
TEST(NumpyRandom, Integers) {
  const std::filesystem::path file = test::GoldenRoot() / "metrics" / "stats.json";
  ROENTGEN_NEED(file);
  const Json golden = ReadJsonFile(file, size_t{16} << 20).at("pcg64");
  NumpyRandom random(42);
  for (const Json& expected : golden.at("first")) {
    EXPECT_EQ(random.NextBelow(251), expected.get<uint32_t>());
  }
}

// numpy.random.default_rng(42).permutation(24).
TEST(NumpyRandom, Permutation) {
  EXPECT_THAT(NumpyRandom(42).Permutation(24),
              testing::ElementsAre(16, 15, 18, 19, 9, 7, 17, 23, 6, 10, 3, 0, 20, 12, 5, 11, 14, 22,
                                   2, 4, 21, 1, 13, 8));
}

TEST(NumpyRandom, APermutationHasEveryNumberOnce) {
  for (const size_t count : {0u, 1u, 2u, 1000u}) {
    std::vector<size_t> order = NumpyRandom(3).Permutation(count);
    ASSERT_EQ(order.size(), count);
    std::sort(order.begin(), order.end());
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(order[i], i);
  }
}

}  // namespace
}  // namespace roentgen
