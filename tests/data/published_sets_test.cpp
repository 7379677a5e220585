// The flaws and counts that REFERENCE.md states of the published sets, found by the program itself.

#include <gmock/gmock.h>

#include "data/generated_set.h"
#include "roentgen/data/import.h"

namespace roentgen {
namespace {

class PublishedSets : public testing::Test {
 protected:
  const RuleSummary& Of(Rule rule) const { return summary_.rules[static_cast<size_t>(rule)]; }
  size_t Tally(Rule rule, const std::string& what) const {
    const auto& tally = Of(rule).tally;
    return tally.contains(what) ? tally.at(what) : 0;
  }

  ThreadPool pool_{2};
  ImportSummary summary_;
};

TEST_F(PublishedSets, VqaRad) {
  const auto folder = test::SharedRoot() / "data/vqa-rad";
  ROENTGEN_NEED(folder);
  summary_ = Import(*OpenVqaRad(folder), {}, pool_);
  EXPECT_EQ(summary_.rows, 2248u);
  EXPECT_EQ(summary_.images_in_set, 315u);
  EXPECT_THAT(summary_.unused_images, testing::ElementsAre("synpic35356.jpg"));
  const PartSummary& train = summary_.parts.at("train");
  const PartSummary& test = summary_.parts.at("test");
  EXPECT_EQ(train.rows, 1797u);
  EXPECT_EQ(test.rows, 451u);
  EXPECT_EQ(test.kept, 451u);  // a yardstick
  EXPECT_EQ(test.closed, 272u);
  EXPECT_EQ(test.yes, 118u);
  EXPECT_EQ(test.no, 133u);
  ASSERT_EQ(summary_.overlaps.size(), 1u);
  EXPECT_EQ(summary_.overlaps[0].images, 203u);
  EXPECT_EQ(summary_.overlaps[0].shared, 202u);
  EXPECT_EQ(Tally(Rule::kLabelSpelling, "\"ATRIB\" for ATTRIB"), 1u);
  EXPECT_EQ(Tally(Rule::kLabelSpelling, "\"PRSE\" for PRES"), 1u);
  EXPECT_EQ(Tally(Rule::kLabelSpelling, "\"Other\" for OTHER"), 2u);
  EXPECT_EQ(Of(Rule::kSeveralLabels).reported, 34u);
  EXPECT_EQ(Of(Rule::kIntegerAnswer).mended, 5u);
  EXPECT_EQ(Tally(Rule::kLostComma, "answer"), 5u);
  EXPECT_EQ(Tally(Rule::kLostComma, "question"), 6u);
  EXPECT_EQ(Tally(Rule::kWhitespace, "answer"), 1u);
  EXPECT_EQ(Tally(Rule::kWhitespace, "question"), 1u);
  EXPECT_EQ(Tally(Rule::kWhitespace, "question_frame"), 12u);
  EXPECT_EQ(Tally(Rule::kWhitespace, "answer_type"), 2u);  // "CLOSED "
  EXPECT_EQ(Tally(Rule::kClosedNotYesNo, "train"), 85u);
  EXPECT_EQ(Tally(Rule::kClosedNotYesNo, "test"), 21u);
  EXPECT_EQ(Of(Rule::kDuplicate).dropped, 3u);
  EXPECT_EQ(Of(Rule::kTestLeak).dropped, 1u);
  EXPECT_EQ(summary_.kept, 2244u);
}

TEST_F(PublishedSets, Slake) {
  const auto folder = test::SharedRoot() / "data/slake";
  ROENTGEN_NEED(folder);
  summary_ = Import(*OpenSlake(folder), {}, pool_);
  size_t rows = 0;
  for (const char* file : {"train.json", "validate.json"}) {
    rows += ReadJsonFile(folder / file, size_t{64} << 20).size();
  }
  EXPECT_EQ(summary_.rows, rows);
  EXPECT_EQ(summary_.images_in_set, 630u);
  EXPECT_EQ(Of(Rule::kDuplicate).dropped, 14u);
  EXPECT_EQ(Of(Rule::kEmptyText).dropped, 1u);
  EXPECT_GT(summary_.knowledge, 5000u);
}

}  // namespace
}  // namespace roentgen
