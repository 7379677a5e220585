#include "roentgen/data/mend.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MendTest : public testing::Test {
 protected:
  std::vector<CleaningFinding> MendIt(Sample& sample) {
    std::vector<CleaningFinding> findings;
    Mend(modes_, {types_, answers_, organs_, modalities_}, sample, findings);
    return findings;
  }

  static Sample Asked(std::string question, std::string answer) {
    Sample sample;
    sample.images = {"a.png"};
    sample.turns = {{Role::kUser, "<image>" + question}, {Role::kAssistant, std::move(answer)}};
    return sample;
  }

  RuleModes modes_;
  LabelSpelling types_;
  LabelSpelling answers_;
  LabelSpelling organs_;
  LabelSpelling modalities_;
};

TEST_F(MendTest, BlanksGoFromEdgesAndRuns) {
  Sample sample = Asked("Is it \tthere? ", " superficial  to\tit");
  sample.extra["frame"] = "Are there? ";
  EXPECT_THAT(MendIt(sample), SizeIs(3));
  EXPECT_EQ(sample.turns[0].text, "<image>Is it there?");
  EXPECT_EQ(sample.turns[1].text, "superficial to it");
  EXPECT_EQ(sample.extra["frame"], "Are there?");
  EXPECT_THAT(MendIt(sample), IsEmpty());
}

TEST_F(MendTest, LinesAndTheirIndentStay) {
  Sample sample = Asked("\nWhat is seen?", "Findings:\n  - left  lung \r\n\n  - heart\n");
  MendIt(sample);
  EXPECT_EQ(sample.turns[0].text, "<image>\nWhat is seen?");
  EXPECT_EQ(sample.turns[1].text, "Findings:\n  - left lung\n\n  - heart");
}

TEST_F(MendTest, MendedTextsAreNotMendedAgain) {
  EXPECT_TRUE(rc::check([this](const std::vector<uint8_t>& choices) {
    constexpr std::string_view kPieces[] = {" ", "\t", "\n", "\r\n", "a", "图", "<image>", "  "};
    std::string text;
    for (const uint8_t choice : choices) text += kPieces[choice % std::size(kPieces)];
    Sample sample = Asked(text, text);
    MendIt(sample);
    const Sample once = sample;
    RC_ASSERT(MendIt(sample).empty());
    RC_ASSERT(sample == once);
  }));
}

TEST_F(MendTest, NumbersBecomeTexts) {
  Sample sample = Asked("How many?", "4");
  sample.extra["answer"] = 4;
  EXPECT_THAT(MendIt(sample), SizeIs(1));
  EXPECT_THAT(sample.extra, IsEmpty());
  EXPECT_EQ(sample.turns[1].text, "4");
}

TEST_F(MendTest, LabelsAreSplitAndSpelled) {
  for (int i = 0; i < 20; ++i) types_.Count("PRES");
  types_.Count("PRSE");
  types_.Decide();
  Sample sample = Asked("Is it there?", "Yes");
  sample.question_types = {"PRSE, POS"};
  MendIt(sample);
  EXPECT_THAT(sample.question_types, ElementsAre("PRES", "POS"));
}

TEST_F(MendTest, SynonymsAreReportedUnlessAskedFor) {
  Sample sample = Asked("What is this?", "xray");
  std::vector<CleaningFinding> findings = MendIt(sample);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].action, CleaningFinding::Action::kReported);
  EXPECT_EQ(sample.turns[1].text, "xray");
  modes_.Set("synonyms=apply");
  MendIt(sample);
  EXPECT_EQ(sample.turns[1].text, "X-ray");
}

TEST_F(MendTest, RulesThatAreOffFindNothing) {
  modes_ = RuleModes::AllOff();
  Sample sample = Asked(" a\t", "xray ");
  const Sample before = sample;
  EXPECT_THAT(MendIt(sample), IsEmpty());
  EXPECT_EQ(sample, before);
}

TEST(LabelSpelling, OnlyRareLabelsAreMisspelled) {
  LabelSpelling labels;
  for (int i = 0; i < 200; ++i) {
    for (const char* label : {"ATTRIB", "OTHER", "CLOSED", "AP"}) labels.Count(label);
  }
  for (int i = 0; i < 11; ++i) labels.Count("CLOSER");
  for (const char* label : {"ATRIB", "Other", "CLOSED ", "PA", "SIZE"}) labels.Count(label);
  labels.Decide();
  EXPECT_EQ(labels.Right("ATRIB"), "ATTRIB");
  EXPECT_EQ(labels.Right("Other"), "OTHER");
  EXPECT_EQ(labels.Right("CLOSED "), "CLOSED");
  EXPECT_EQ(labels.Right("PA"), "PA");          // too short for a guess
  EXPECT_EQ(labels.Right("CLOSER"), "CLOSER");  // too frequent for a slip
  EXPECT_EQ(labels.Right("SIZE"), "SIZE");
}

TEST(Unusable, RowsThatCannotBeAsked) {
  const auto reason = [](std::vector<std::string> images, std::vector<Turn> turns) {
    SourceSample read;
    read.sample.images = std::move(images);
    read.sample.turns = std::move(turns);
    const auto flaw = FindUnusable(read);
    return flaw ? std::string(InfoOf(flaw->rule).name) + ": " + flaw->reason : "";
  };
  const Turn answer = {Role::kAssistant, "Yes"};
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>Is it?"}, answer}), "");
  EXPECT_EQ(reason({}, {{Role::kUser, "Is it?"}, answer}), "");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "Is it?"}, answer}),
            "image-count: 1 images for 0 <image>");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image><image>?"}, answer}),
            "image-count: 1 images for 2 <image>");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>"}, answer}), "empty-text: the question is empty");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>?"}, {Role::kAssistant, " \n"}}),
            "empty-text: the answer is empty");
}

}  // namespace
}  // namespace roentgen
