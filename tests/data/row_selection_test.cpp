// `split` of dataset_info.json: what Hugging Face's datasets 4.0.0 takes of a JSON file of 6 and of
// 150 rows for each of these texts.

#include "roentgen/data/row_selection.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::Pair;

auto Rows(const std::string& split, size_t count) {
  return RowSelection(split).Ranges(count);
}

TEST(RowSelection, TakesTheRowsThatDatasetsTakes) {
  EXPECT_TRUE(RowSelection("train").all());
  EXPECT_TRUE(RowSelection("all").all());
  EXPECT_THAT(Rows("train[:2]", 6), ElementsAre(Pair(0, 2)));
  EXPECT_THAT(Rows("train[-5:]", 6), ElementsAre(Pair(1, 6)));
  EXPECT_THAT(Rows("train[:-1]", 6), ElementsAre(Pair(0, 5)));
  EXPECT_THAT(Rows("train[:]", 6), ElementsAre(Pair(0, 6)));
  EXPECT_THAT(Rows("train[:99]", 6), ElementsAre(Pair(0, 6)));
  EXPECT_THAT(Rows("train[-99:]", 6), ElementsAre(Pair(0, 6)));
  EXPECT_THAT(Rows("train[1_0:2_0]", 150), ElementsAre(Pair(10, 20)));
  EXPECT_THAT(Rows("train[-1:]+train[:1]", 6), ElementsAre(Pair(5, 6), Pair(0, 1)));
}

TEST(RowSelection, PercentsAreRoundedAsPythonRounds) {
  EXPECT_THAT(Rows("train[:50%]", 6), ElementsAre(Pair(0, 3)));
  EXPECT_THAT(Rows("train[-50%:]", 150), ElementsAre(Pair(75, 150)));
  EXPECT_THAT(Rows("train[10%:20%]", 150), ElementsAre(Pair(15, 30)));
  EXPECT_THAT(Rows("train[10:20%]", 150), ElementsAre(Pair(15, 30)));
  EXPECT_THAT(Rows("train[:25%]", 6), ElementsAre(Pair(0, 2)));              // 1.5
  EXPECT_THAT(Rows("train[:25%](closest)", 150), ElementsAre(Pair(0, 38)));  // 37.5
  EXPECT_THAT(Rows("train[:25%](pct1_dropremainder)", 150), ElementsAre(Pair(0, 25)));
}

TEST(RowSelection, WhatDatasetsRefusesIsRefused) {
  for (const char* split : {"test", "validation", "Train", "train+test"}) {
    ROENTGEN_EXPECT_ERROR(RowSelection{split}, "unknown split");
  }
  for (const char* split :
       {"", " train", "train[2]", "train[ :2]", "train[::2]", "train[:101%]", "train[:2](closest)",
        "train[:99999999999999999999]", "train[:50%](up)", "训练集"}) {
    EXPECT_THROW(RowSelection{split}, Error) << split;
  }
  for (const char* split : {"train[10%:20%]", "train[5:2]", "train[2:2]", "train[10:]"}) {
    ROENTGEN_EXPECT_ERROR(Rows(split, 6), "takes none of the 6 rows");
  }
}

}  // namespace
}  // namespace roentgen
