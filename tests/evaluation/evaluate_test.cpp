#include "roentgen/evaluation/evaluate.h"

#include <gmock/gmock.h>

#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/image_use.h"
#include "roentgen/evaluation/scorers.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

Example MakeExample(const std::string& question, const std::string& prediction,
                    const std::string& reference, bool closed, const std::string& modality = "") {
  Example example;
  example.question = question;
  example.prediction = prediction;
  example.reference = reference;
  example.closed = closed;
  if (!modality.empty()) example.fields["modality"] = {modality};
  return example;
}

Sample Training(const std::string& question, const std::string& answer) {
  Sample sample;
  sample.turns = {{Role::kUser, question}, {Role::kAssistant, answer}};
  return sample;
}

TEST(Baselines, AnswerWithoutTheImage) {
  const std::vector<Example> examples = {MakeExample("Is the heart big?", "", "Yes", true),
                                         MakeExample("心脏大吗？", "", "不是", true),
                                         MakeExample("Is the lung clear?", "", "no", true),
                                         MakeExample("Why?", "", "left", false)};
  const std::vector<Sample> training = {
      Training("is the heart BIG?", "No"),  Training("Is the heart big", "Yes."),
      Training("Is the heart big?", "yes"), Training("Is the liver big?", "No"),
      Training("Is the spleen big?", "No"), Training("What is it?", "Mass")};
  const auto baselines = MakeBaselines(examples, training);
  ASSERT_EQ(baselines.size(), 3u);
  EXPECT_THAT(baselines[0].answers, ElementsAre("no", "不是", "no", "no"));
  // 3 no and 2 yes; the same question says yes; "is the" says no.
  EXPECT_THAT(baselines[1].answers, ElementsAre("no", "no", "no", "no"));
  EXPECT_THAT(baselines[2].answers, ElementsAre("yes", "no", "no", "no"));
  EXPECT_EQ(MakeBaselines(examples, {}).size(), 2u);
}

TEST(Baselines, ChineseQuestionsBeginWithTwoWordsToo) {
  const std::vector<Example> examples = {MakeExample("图像中有肿瘤吗？", "", "没有", true),
                                         MakeExample("图像中有骨折吗?", "", "有", true)};
  const std::vector<Sample> training = {
      Training("图像中有积液吗？", "没有。"), Training("图像中有气胸吗？", "沒有"),
      Training("图像中有骨折吗？", "有"),     Training("这是哪个部位？", "胸部"),
      Training("这是什么检查？", "胸部"),     Training("这是什么图像？", "胸部")};
  const auto baselines = MakeBaselines(examples, training);
  EXPECT_THAT(baselines[1].answers, ElementsAre("胸部", "胸部"));
  EXPECT_THAT(baselines[2].answers, ElementsAre("没有。", "有"));
}

const ScoreSummary& Find(const GroupSummary& group, const std::string& scorer,
                         const std::string& value) {
  for (const ScoreSummary& score : group.scores) {
    if (score.scorer == scorer && score.value == value) return score;
  }
  throw Error("no " + scorer + "." + value);
}

std::vector<Example> FourExamples() {
  return {MakeExample("Is it?", "yes", "Yes", true, "CT"),
          MakeExample("Is it there?", "yes", "no", true, "MRI"),
          MakeExample("Where?", "left lung", "left lung", false, "CT"),
          MakeExample("Where else?", "  ", "liver", false, "CT")};
}

TEST(Evaluate, GroupsByKindAndField) {
  ThreadPool pool(1);
  EvaluateOptions options;
  options.breakdown = {"modality"};
  options.bootstrap.resamples = 100;
  const Evaluation evaluation = Evaluate(FourExamples(), options, pool);
  EXPECT_EQ(evaluation.examples, 4u);
  EXPECT_EQ(evaluation.empty_answers, 1u);
  std::vector<std::string> groups;
  for (const GroupSummary& group : evaluation.groups) {
    groups.push_back(group.field + " " + group.value + " " + std::to_string(group.examples));
  }
  EXPECT_THAT(groups, ElementsAre("kind all 4", "kind closed 2", "kind open 2", "modality CT 3",
                                  "modality MRI 1"));
  const GroupSummary& closed = evaluation.groups[1];
  EXPECT_DOUBLE_EQ(Find(closed, "strict", "exact_match").interval.mean, 0.5);
  EXPECT_TRUE(Find(closed, "strict", "exact_match").wilson.has_value());
  EXPECT_THAT(Find(closed, "strict", "exact_match").baselines[0], Optional(0.5));  // always no
  EXPECT_DOUBLE_EQ(closed.yes_no.false_positive_rate(), 1);
  EXPECT_EQ(Find(evaluation.groups[0], "llava-med", "open_recall").count, 2u);
  EXPECT_EQ(Find(evaluation.groups[0], "strict", "f1").count, 4u);
  EXPECT_THROW(Find(closed, "llava-med", "open_recall"), Error);  // defined for none of them
}

TEST(Evaluate, ARefusedScoreSaysWhy) {
  ThreadPool pool(1);
  std::vector<Example> examples = FourExamples();
  examples[3].prediction = "肝脏";
  EvaluateOptions options;
  options.bootstrap.resamples = 10;
  options.scorers = {&LlamaFactoryScorer(), &LlamaFactoryCharactersScorer()};
  const Evaluation evaluation = Evaluate(examples, options, pool);
  const GroupSummary& all = evaluation.groups[0];
  EXPECT_THAT(Find(all, "llama-factory", "bleu-4").refusal, HasSubstr("jieba"));
  EXPECT_EQ(Find(all, "llama-factory-characters", "bleu-4").count, 4u);
  EXPECT_EQ(all.scores.size(), 8u);
}

TEST(Evaluate, NothingAndUnknownFieldsAreRefused) {
  ThreadPool pool(1);
  ROENTGEN_EXPECT_ERROR(Evaluate({}, {}, pool), "nothing to evaluate");
  EvaluateOptions options;
  options.breakdown = {"colour"};
  ROENTGEN_EXPECT_ERROR(Evaluate(FourExamples(), options, pool), "no question has a field");
}

ImageUse Use(const std::vector<std::string>& with_true,
             const std::vector<std::string>& with_other) {
  return MeasureImageUse(std::vector<std::string>(with_true.size(), "yes"), with_true, with_other);
}

TEST(ImageUse, AModelThatDropsTheImageDoesNotUseIt) {
  const std::vector<std::string> answers = {"yes", "No", "yes."};
  const ImageUse use = Use(answers, {"Yes", "no", "yes"});  // the same but for their writing
  EXPECT_EQ(use.verdict, ImageUseVerdict::kNo);
  EXPECT_EQ(use.p, 1);
  EXPECT_THAT(Describe(use, "swapped images"), HasSubstr("depend on the image: no, p = 1"));
}

TEST(ImageUse, MarksOfChineseDoNotCount) {
  const std::vector<std::string> references(20, "是");
  const std::vector<std::string> right(20, "是。");
  const std::vector<std::string> wrong(20, "不是。");
  const ImageUse use = MeasureImageUse(references, right, wrong);
  EXPECT_EQ(use.right_true, 20u);
  EXPECT_EQ(use.right_other, 0u);
  EXPECT_EQ(use.verdict, ImageUseVerdict::kYes);
  EXPECT_EQ(MeasureImageUse(references, right, references).changed, 0u);
}

TEST(ImageUse, ASideThatIsTakenInASentenceCounts) {
  const auto verdict = [](const char* reference, const char* right, const char* wrong) {
    const std::vector<std::string> references(20, reference);
    return MeasureImageUse(references, std::vector<std::string>(20, right),
                           std::vector<std::string>(20, wrong))
        .verdict;
  };
  EXPECT_EQ(verdict("有", "是，有骨折", "没有"), ImageUseVerdict::kYes);
  EXPECT_EQ(verdict("没有", "未見骨折", "可见骨折"), ImageUseVerdict::kYes);
  EXPECT_EQ(verdict("Yes", "Yes, there is", "No"), ImageUseVerdict::kYes);
}

TEST(ImageUse, MoreRightAnswersShowItAndChangesAloneDoNot) {
  const std::vector<std::string> right(8, "yes");
  const std::vector<std::string> wrong(8, "no");
  EXPECT_EQ(Use(right, wrong).verdict, ImageUseVerdict::kYes);  // p = 2^-7
  EXPECT_EQ(Use(wrong, right).verdict, ImageUseVerdict::kNotShown);
  EXPECT_EQ(Use({"yes", "yes"}, {"no", "no"}).verdict, ImageUseVerdict::kNotShown);  // p = 0.5
  ROENTGEN_EXPECT_ERROR(Use(right, {"no"}), "8 and 1 answers");
}

TEST(ImageUse, ADerangementMovesEveryImage) {
  for (size_t count = 2; count < 12; ++count) {
    std::vector<std::string> images;
    for (size_t i = 0; i < count; ++i) images.push_back("image" + std::to_string(i));
    images.push_back("image0");
    const auto other = DerangeImages(images, 42);
    ASSERT_EQ(other.size(), count);
    std::set<std::string> taken;
    for (const auto& [image, replacement] : other) {
      EXPECT_NE(image, replacement);
      EXPECT_TRUE(taken.insert(replacement).second);
    }
    EXPECT_EQ(other, DerangeImages(images, 42));
  }
  ROENTGEN_EXPECT_ERROR(DerangeImages({"a", "a"}, 0), "two different");
}

}  // namespace
}  // namespace roentgen
