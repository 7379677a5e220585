#include "roentgen/evaluation/ablation.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

Example Ask(std::string id, std::string reference, std::string prediction,
            std::map<std::string, std::vector<std::string>> fields = {}) {
  Example example;
  example.id = std::move(id);
  example.reference = std::move(reference);
  example.prediction = std::move(prediction);
  example.fields = std::move(fields);
  return example;
}

const AblationRow& Row(const Ablation& ablation, std::string_view name) {
  const auto row = std::find_if(ablation.rows.begin(), ablation.rows.end(),
                                [&](const AblationRow& r) { return r.measure->name == name; });
  if (row == ablation.rows.end()) throw Error("no such row");
  return *row;
}

class AblationTest : public testing::Test {
 protected:
  Ablation Compare(const std::vector<Example>& before, const std::vector<Example>& after) {
    return CompareRuns(before, after, options_, pool_);
  }
  ThreadPool pool_{2};
  CompareOptions options_;
};

TEST_F(AblationTest, AChattyAnswerIsRecognisedButNotSaidAsTheReference) {
  const std::vector<Example> before = {Ask("1", "PA", "I think that it is taken from behind (PA)."),
                                       Ask("2", "胸部", "图片显示的是胸部。"),
                                       Ask("3", "Yes", "No, I cannot find it.")};
  const std::vector<Example> after = {Ask("1", "PA", "PA"), Ask("2", "胸部", "胸部"),
                                      Ask("3", "Yes", "Yes")};
  const auto rows = Compare(before, after);
  EXPECT_EQ(Row(rows, "open right").before, 1);
  EXPECT_EQ(Row(rows, "open right").after, 1);
  EXPECT_EQ(Row(rows, "yes/no right").before, 0);
  EXPECT_EQ(Row(rows, "yes/no right").after, 1);
  EXPECT_EQ(Row(rows, "said as the reference").before, 0);
  EXPECT_EQ(Row(rows, "said as the reference").after, 1);
}

TEST_F(AblationTest, AWordInsideAnotherIsNotTheAnswer) {
  EXPECT_FALSE(IsRecognised(Ask("1", "PA", "It is paper.")));
  EXPECT_TRUE(IsRecognised(Ask("1", "PA", "A pa view")));
  EXPECT_TRUE(IsRecognised(Ask("1", "CT", "这是CT图像")));
  EXPECT_TRUE(IsRecognised(Ask("1", "MRI", "这是一张磁共振图像。")));
}

TEST_F(AblationTest, TheContraryIsNotTheAnswer) {
  EXPECT_FALSE(IsRecognised(Ask("1", "正常", "不正常")));
  EXPECT_FALSE(IsRecognised(Ask("1", "不正常", "正常")));
  EXPECT_FALSE(IsRecognised(Ask("1", "对称", "不對稱。")));
  EXPECT_FALSE(IsRecognised(Ask("1", "结节", "未见结节")));
  EXPECT_FALSE(IsRecognised(Ask("1", "nodule", "There is no nodule.")));
  EXPECT_TRUE(IsRecognised(Ask("1", "不正常", "心脏不正常。")));
}

TEST_F(AblationTest, MarksAndWidthDoNotCount) {
  const std::vector<Example> runs = {Ask("1", "右侧", "右側。"), Ask("2", "Ｔ２", "T2.")};
  EXPECT_EQ(Row(Compare(runs, runs), "said as the reference").before, 1);
  EXPECT_EQ(Row(Compare(runs, runs), "open right").before, 1);
}

TEST_F(AblationTest, ChineseHasWords) {
  const std::vector<Example> runs = {Ask("1", "右侧胸腔积液", "左侧胸腔积液")};
  EXPECT_DOUBLE_EQ(Row(Compare(runs, runs), "words of the answer").before, 0.5);
}

TEST_F(AblationTest, McNemarIsExactOnSharesOfRightAndWrong) {
  std::vector<Example> before;
  std::vector<Example> after;
  for (int i = 0; i < 10; ++i) {
    before.push_back(Ask(std::to_string(i), "Yes", "No"));
    after.push_back(Ask(std::to_string(i), "Yes", "Yes"));
  }
  const auto rows = Compare(before, after);
  const AblationRow& row = Row(rows, "yes/no right");
  EXPECT_NEAR(*row.test.p, 2.0 / 1024, 1e-12);
  EXPECT_EQ(row.test.difference, 1);
  EXPECT_EQ(row.test.questions, 10u);
  EXPECT_EQ(row.change(), Change::kBetter);
}

/// Yes/no questions about as many images, of which the runs get the first so many right.
std::vector<Example> RightOnTheFirst(size_t right, size_t images, size_t questions_each = 1) {
  std::vector<Example> examples;
  for (size_t i = 0; i < images * questions_each; ++i) {
    const size_t image = i / questions_each;
    examples.push_back(Ask(std::to_string(i), "Yes", image < right ? "Yes" : "No"));
    examples.back().images = {std::to_string(image)};
  }
  return examples;
}

TEST_F(AblationTest, TheUnitIsTheImage) {
  // Seven images get better: p is 2 / 2^7, however many questions are asked about each.
  for (const size_t questions : {1, 9}) {
    const Ablation ablation =
        Compare(RightOnTheFirst(0, 10, questions), RightOnTheFirst(7, 10, questions));
    const AblationRow& row = Row(ablation, "yes/no right");
    EXPECT_EQ(row.test.questions, 10 * questions);
    EXPECT_EQ(row.test.units, 10u);
    EXPECT_DOUBLE_EQ(*row.test.p, 2.0 / 128);
  }
}

TEST_F(AblationTest, ImagesMayBeKnownToOneRunOnly) {
  std::vector<Example> nameless = RightOnTheFirst(7, 10, 3);
  for (Example& example : nameless) example.images.clear();
  EXPECT_EQ(Compare(RightOnTheFirst(0, 10, 3), nameless).units.count, 10u);
  EXPECT_EQ(Compare(nameless, RightOnTheFirst(0, 10, 3)).units.count, 10u);
  EXPECT_EQ(Compare(nameless, nameless).units.count, 30u);
}

TEST_F(AblationTest, ThePrimaryMeasureIsFirstAndTheOthersAreCorrected) {
  const Ablation ablation = Compare(RightOnTheFirst(0, 10), RightOnTheFirst(7, 10));
  const AblationRow& first = ablation.rows.front();
  EXPECT_TRUE(first.primary);
  EXPECT_EQ(first.measure->name, "answers right");
  EXPECT_EQ(first.p, first.test.p);
  EXPECT_EQ(ablation.tested_together, 2u);  // yes/no right, said as the reference
  EXPECT_DOUBLE_EQ(*Row(ablation, "yes/no right").p, 4.0 / 128);
  options_.primary = "said as the reference";
  EXPECT_EQ(Compare(RightOnTheFirst(0, 10), RightOnTheFirst(7, 10)).rows.front().measure->name,
            "said as the reference");
  options_.primary = "twins right";
  EXPECT_FALSE(Compare(RightOnTheFirst(0, 10), RightOnTheFirst(7, 10)).rows.front().primary);
  options_.primary = "beauty";
  ROENTGEN_EXPECT_ERROR(Compare(RightOnTheFirst(0, 10), RightOnTheFirst(7, 10)),
                        "there is no measure \"beauty\"");
}

TEST_F(AblationTest, FewImagesGetNoVerdict) {
  for (const size_t images : {1, 5}) {
    const Ablation ablation =
        Compare(RightOnTheFirst(0, images, 40), RightOnTheFirst(images, images, 40));
    const AblationRow& row = ablation.rows.front();
    EXPECT_EQ(row.change(), Change::kTooFew);
    EXPECT_FALSE(row.test.p.has_value());
    EXPECT_FALSE(row.test.interval.has_value());
  }
}

TEST_F(AblationTest, InventedFindingsAreYesesToWhatIsNotThere) {
  const std::map<std::string, std::vector<std::string>> presence = {{"question_type", {"PRES"}}};
  const std::vector<Example> before = {Ask("1", "No", "Yes, I see it.", presence),
                                       Ask("2", "Yes", "Yes", presence), Ask("3", "No", "Yes")};
  const std::vector<Example> after = {Ask("1", "No", "No", presence),
                                      Ask("2", "Yes", "Yes", presence), Ask("3", "No", "Yes")};
  const auto rows = Compare(before, after);
  const AblationRow& row = Row(rows, "findings invented");
  EXPECT_EQ(row.test.questions, 1u);
  EXPECT_EQ(row.before, 1);
  EXPECT_EQ(row.after, 0);
  EXPECT_FALSE(row.measure->higher_is_better);
}

TEST_F(AblationTest, TwinsAreRightOnBothSidesOrNot) {
  const std::map<std::string, std::vector<std::string>> twin = {{"twin", {"a"}}};
  const std::vector<Example> before = {Ask("1", "Yes", "Yes", twin), Ask("2", "No", "Yes", twin)};
  const std::vector<Example> after = {Ask("1", "Yes", "Yes", twin), Ask("2", "No", "No", twin)};
  const auto rows = Compare(before, after);
  const AblationRow& row = Row(rows, "twins right");
  EXPECT_EQ(row.test.questions, 1u);
  EXPECT_EQ(row.before, 0);
  EXPECT_EQ(row.after, 1);
}

TEST_F(AblationTest, TwinsAreJudgedAsInAnEvaluation) {
  const std::map<std::string, std::vector<std::string>> twin = {{"twin", {"a"}}};
  const std::vector<Example> sides = {Ask("1", "有", "可见骨折", twin),
                                      Ask("2", "没有", "未见骨折", twin)};
  EXPECT_EQ(Row(Compare(sides, sides), "twins right").before, 1);
  const std::vector<Example> open = {Ask("1", "左肺", "在左肺上叶", twin),
                                     Ask("2", "右肺", "右肺", twin)};
  EXPECT_EQ(Row(Compare(open, open), "twins right").before, 1);
  EXPECT_EQ(Row(Compare(open, open), "open right").before, 1);
  const std::vector<Example> english = {Ask("1", "left lung", "The left lung.", twin),
                                        Ask("2", "right lung", "It is in the left lung.", twin)};
  EXPECT_EQ(Row(Compare(english, english), "twins right").before, 0);
  EXPECT_EQ(Row(Compare(english, english), "open right").before, 0.5);
}

TEST_F(AblationTest, TwinsThatTheRunsGroupOtherwiseAreLeftOut) {
  const auto of = [](const std::string& names) {
    std::vector<Example> examples;
    for (size_t i = 0; i < names.size(); ++i) {
      examples.push_back(Ask(std::to_string(i), "yes", "yes", {{"twin", {names.substr(i, 1)}}}));
    }
    return examples;
  };
  const std::string left_out = "left out, of which the runs do not name the same questions";
  const Ablation none = Compare(of("aabb"), of("abab"));
  for (const AblationRow& row : none.rows) {
    EXPECT_NE(row.measure->name, "twins right");
  }
  EXPECT_THAT(OneSidedMeasures(of("aabb"), of("abab")),
              testing::ElementsAre("twins right: 4 twins are " + left_out + "; none is left"));
  // What they are called does not matter; the second twin is another one.
  EXPECT_EQ(Row(Compare(of("aabbc"), of("xxycy")), "twins right").test.questions, 1u);
  EXPECT_THAT(OneSidedMeasures(of("aabbc"), of("xxycy")),
              testing::ElementsAre("twins right: 2 twins are " + left_out));
  EXPECT_THAT(OneSidedMeasures(of("aabb"), of("ccdd")), testing::IsEmpty());
}

TEST_F(AblationTest, AChoiceIsReadAsEverywhere) {
  for (const auto& [reference, right, wrong] :
       {std::array{"A", "The answer is A.", "This is a chest X-ray, so the answer is B."},
        std::array{"C", "选C", "维生素C缺乏，因此答案是B"}, std::array{"B", "B. liver", "B超"},
        std::array{"B、肝脏", "B", "C、肝脏"}}) {
    EXPECT_TRUE(IsRecognised(Ask("1", reference, right))) << right;
    EXPECT_FALSE(IsRecognised(Ask("1", reference, wrong))) << wrong;
  }
}

TEST_F(AblationTest, ReportsAreJudgedByPartsAndSentences) {
  const std::map<std::string, std::vector<std::string>> report = {{"question_type", {"REPORT"}}};
  const std::string truth = "影像表现：\n心影增大。纵隔不宽。\n诊断意见：\n1. 心脏增大。";
  const std::vector<Example> before = {Ask("1", truth, "这是一张胸部的X光图片。", report)};
  const std::vector<Example> after = {
      Ask("1", truth, "影像表现：\n心影增大。\n诊断意见：\n1. 心脏增大。", report)};
  const auto rows = Compare(before, after);
  EXPECT_EQ(Row(rows, "reports in two parts").after, 1);
  EXPECT_EQ(Row(rows, "reports in two parts").before, 0);
  EXPECT_EQ(Row(rows, "sentences of the report").before, 0);
  EXPECT_GT(Row(rows, "sentences of the report").after, 0.3);
  EXPECT_LT(Row(rows, "sentences of the report").after, 1);
}

TEST_F(AblationTest, FalsePremisesAreToBeDeclined) {
  const std::map<std::string, std::vector<std::string>> premise = {{"premise", {"false"}}};
  const std::vector<Example> before = {Ask("1", "There is no nodule", "On the left.", premise)};
  const std::vector<Example> after = {
      Ask("1", "There is no nodule", "There is no nodule", premise)};
  const auto rows = Compare(before, after);
  EXPECT_EQ(Row(rows, "false premises declined").before, 0);
  EXPECT_EQ(Row(rows, "false premises declined").after, 1);
}

TEST_F(AblationTest, RunsOverOtherQuestionsAreRefusedWithTheDifference) {
  const std::vector<Example> one = {Ask("1", "Yes", "Yes"), Ask("2", "No", "No")};
  ROENTGEN_EXPECT_ERROR(Compare(one, {Ask("1", "Yes", "Yes"), Ask("3", "No", "No")}),
                        "has the id \"2\" in one and \"3\"");
  ROENTGEN_EXPECT_ERROR(Compare(one, {Ask("1", "No", "Yes"), Ask("2", "No", "No")}),
                        "has the reference \"Yes\"");
  ROENTGEN_EXPECT_ERROR(Compare(one, {Ask("1", "Yes", "Yes")}), "2 in one, 1 in the other");
}

TEST_F(AblationTest, OutcomesSayWhatTuningDid) {
  const Example right = Ask("1", "Yes", "Yes");
  const Example wrong = Ask("1", "Yes", "No");
  EXPECT_EQ(OutcomeOf(right, right), Outcome::kStillRight);
  EXPECT_EQ(OutcomeOf(wrong, right), Outcome::kMended);
  EXPECT_EQ(OutcomeOf(right, wrong), Outcome::kBroken);
  EXPECT_EQ(OutcomeOf(wrong, wrong), Outcome::kStillWrong);
}

}  // namespace
}  // namespace roentgen
