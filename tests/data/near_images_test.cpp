#include "roentgen/data/near_images.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "roentgen/data/image_facts.h"

namespace roentgen {
namespace {

TEST(NearImages, AllNearPairsAreFound) {
  EXPECT_TRUE(rc::check([](std::vector<uint64_t> hashes, const std::vector<uint8_t>& flips) {
    const int max_distance = *rc::gen::inRange(0, 16);
    // Copies with some bits flipped: random hashes are never near.
    for (size_t i = 0; i + 1 < flips.size() && !hashes.empty(); i += 2) {
      hashes.push_back(hashes[i % hashes.size()] ^ (uint64_t{1} << (flips[i] % 64)) ^
                       (uint64_t{1} << (flips[i + 1] % 64)));
    }
    std::vector<std::pair<uint32_t, uint32_t>> expected;
    for (uint32_t i = 0; i < hashes.size(); ++i) {
      for (uint32_t j = i + 1; j < hashes.size(); ++j) {
        if (HammingDistance(hashes[i], hashes[j]) <= max_distance) expected.emplace_back(i, j);
      }
    }
    std::vector<std::pair<uint32_t, uint32_t>> found;
    for (const NearPair& pair : FindNearPairs(hashes, max_distance)) {
      RC_ASSERT(pair.distance == HammingDistance(hashes[pair.first], hashes[pair.second]));
      found.emplace_back(pair.first, pair.second);
    }
    RC_ASSERT(found == expected);
  }));
}

}  // namespace
}  // namespace roentgen
