#include "roentgen/text/bpe.h"

#include <gmock/gmock.h>

#include <numeric>

#include "roentgen/base/random.h"
#include "support/processor_time.h"

namespace roentgen {
namespace {

using Ids = std::vector<int32_t>;
using Merge = BytePairEncoder::Merge;

/// A byte's token has the byte's number; merge number i makes token 256 + i.
BytePairEncoder MakeEncoder(std::vector<Merge> merges) {
  std::array<int32_t, 256> bytes{};
  std::iota(bytes.begin(), bytes.end(), 0);
  for (size_t i = 0; i < merges.size(); ++i) merges[i].result = 256 + static_cast<int32_t>(i);
  return {bytes, merges};
}

Ids Encode(const BytePairEncoder& encoder, std::string_view word) {
  Ids ids;
  encoder.Encode(word, ids);
  return ids;
}

/// The definition, word for word: the leftmost merge of the lowest rank, until none is left.
Ids EncodeByDefinition(const std::vector<Merge>& merges, std::string_view word) {
  Ids ids;
  for (const char byte : word) ids.push_back(static_cast<uint8_t>(byte));
  for (size_t rank = 0; rank < merges.size();) {
    size_t i = 0;
    while (i + 1 < ids.size() &&
           (ids[i] != merges[rank].left || ids[i + 1] != merges[rank].right)) {
      ++i;
    }
    if (i + 1 >= ids.size()) {
      ++rank;
      continue;
    }
    ids[i] = 256 + static_cast<int32_t>(rank);
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    rank = 0;
  }
  return ids;
}

TEST(Bpe, MergesByRankThenFromTheLeft) {
  const BytePairEncoder encoder = MakeEncoder({{'b', 'c', 0}, {'a', 'b', 0}, {'a', 256, 0}});
  EXPECT_EQ(Encode(encoder, "abc"), (Ids{258}));
  EXPECT_EQ(Encode(encoder, "aba"), (Ids{257, 'a'}));
  EXPECT_EQ(Encode(MakeEncoder({{'a', 'a', 0}}), "aaa"), (Ids{256, 'a'}));
  EXPECT_EQ(Encode(MakeEncoder({}), "ab"), (Ids{'a', 'b'}));
  EXPECT_EQ(Encode(encoder, ""), Ids{});
}

TEST(Bpe, RandomMergesAndWordsOfAnyLengthFollowTheDefinition) {
  Random random(7);
  for (int round = 0; round < 300; ++round) {
    // Few letters and merges of merges in any order, so that every kind of overlap occurs.
    std::vector<Merge> merges;
    for (int32_t i = 0; i < 12; ++i) {
      const auto token = [&] {
        const auto n = static_cast<int32_t>(random.NextBits() % static_cast<uint64_t>(3 + i));
        return n < 3 ? 'a' + n : 256 + n - 3;
      };
      const Merge merge{token(), token(), 0};
      const bool known = std::any_of(merges.begin(), merges.end(), [&](const Merge& m) {
        return m.left == merge.left && m.right == merge.right;
      });
      if (!known) merges.push_back(merge);
    }
    const BytePairEncoder encoder = MakeEncoder(merges);
    for (const size_t length : {5u, 31u, 32u, 33u, 100u}) {
      std::string word;
      for (size_t i = 0; i < length; ++i) {
        word.push_back(static_cast<char>('a' + random.NextBits() % 3));
      }
      ASSERT_EQ(Encode(encoder, word), EncodeByDefinition(merges, word)) << word;
    }
  }
}

TEST(Bpe, AWordOfAMegabyteTakesNearLinearTime) {
  const BytePairEncoder encoder =
      MakeEncoder({{'a', 'a', 0}, {256, 256, 0}, {257, 257, 0}, {258, 258, 0}});
  const test::ProcessorTime time;
  const Ids ids = Encode(encoder, std::string(1 << 20, 'a'));
  EXPECT_EQ(ids, Ids(1 << 16, 259));
  // A second or so with sanitizers; the plain algorithm looks at 10^12 neighbours.
  EXPECT_LT(time.Seconds(), 30);
}

}  // namespace
}  // namespace roentgen
