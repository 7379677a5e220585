#include "roentgen/data/split.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "support/paths.h"

namespace roentgen {
namespace {

TEST(Split, NoGroupIsInTwoParts) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<uint8_t, uint8_t>>& drawn, uint64_t seed) {
    std::vector<SplitRow> rows = {{1000, 0}, {1001, 0}, {1002, 1}};  // groups enough
    for (const auto& [group, stratum] : drawn) rows.push_back({group, stratum % 4u});
    const std::vector<double> shares = {0.7, 0.2, 0.1};
    const std::vector<uint32_t> parts = SplitByGroup(rows, shares, seed);
    RC_ASSERT(parts.size() == rows.size());
    RC_ASSERT(parts == SplitByGroup(rows, shares, seed));
    std::map<uint32_t, uint32_t> part_of;
    for (size_t i = 0; i < rows.size(); ++i) {
      RC_ASSERT(parts[i] < shares.size());
      RC_ASSERT(part_of.try_emplace(rows[i].image_group, parts[i]).first->second == parts[i]);
    }
  }));
}

/// 400 images with 1 to 12 questions each, of three strata.
std::vector<SplitRow> ManyRows() {
  Random random(5);
  std::vector<SplitRow> rows;
  for (uint32_t group = 0; group < 400; ++group) {
    for (uint64_t i = random.NextBits() % 12 + 1; i > 0; --i) {
      rows.push_back({group, static_cast<uint32_t>(random.NextBits() % 5 % 3)});
    }
  }
  return rows;
}

TEST(Split, PartsAndStrataGetTheirShares) {
  const std::vector<SplitRow> rows = ManyRows();
  const std::vector<double> shares = {0.7, 0.1, 0.2};
  const std::vector<uint32_t> parts = SplitByGroup(rows, shares, 1);
  std::map<uint32_t, double> total;
  std::map<std::pair<uint32_t, uint32_t>, double> count;
  for (size_t i = 0; i < rows.size(); ++i) {
    ++total[rows[i].stratum];
    ++count[{rows[i].stratum, parts[i]}];
  }
  for (const auto& [stratum, rows_of_it] : total) {
    for (uint32_t part = 0; part < shares.size(); ++part) {
      // The last groups are single questions, so parts miss their share by a group's size at most.
      EXPECT_NEAR(count[std::pair(stratum, part)], shares[part] * rows_of_it, 6);
    }
  }
}

TEST(Split, TheSeedDecides) {
  const std::vector<SplitRow> rows = ManyRows();
  const std::vector<double> folds(5, 1.0);
  EXPECT_NE(SplitByGroup(rows, folds, 1), SplitByGroup(rows, folds, 2));
}

TEST(Split, FewerImagesThanPartsAreRefused) {
  const std::vector<SplitRow> rows = {{0, 0}, {0, 1}};
  ROENTGEN_EXPECT_ERROR(SplitByGroup(rows, std::vector<double>{1, 1}, 0),
                        "1 image cannot be dealt into 2 parts");
}

}  // namespace
}  // namespace roentgen
