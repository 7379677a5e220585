#include "roentgen/evaluation/evaluate.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "roentgen/base/error.h"
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
  EXPECT_THAT(baselines[2].answers, ElementsAre("沒有", "有"));  // the first in byte order
}

TEST(Baselines, CountSpellingsTogetherInAnyOrder) {
  struct Case {
    std::vector<std::string> references;
    std::string frequent;
  };
  for (const Case& each :
       {Case{{"有。", "有", "有"}, "有"}, Case{{"有。", "有。", "有", "没有", "没有"}, "有。"},
        Case{{"Yes.", "no", "yes", "No", "YES"}, "yes"},
        Case{{"right", "left"}, "left"},               // equally frequent: in byte order
        Case{{"没有", "有", "有。", "没有。"}, "有"},  // two each
        Case{{"ｌｅｆｔ", "left", "right", "right", "left"}, "left"}}) {
    std::vector<std::string> references = each.references;
    std::sort(references.begin(), references.end());
    do {
      std::vector<Example> examples;
      std::vector<Sample> training;
      for (const std::string& reference : references) {
        examples.push_back(MakeExample("图中有骨折吗？", "", reference, true));
        training.push_back(Training("图中有骨折吗？", reference));
      }
      EXPECT_EQ(MakeBaselines(examples, {})[1].answers[0], each.frequent);
      const auto trained = MakeBaselines(examples, training);
      EXPECT_EQ(trained[1].answers[0], each.frequent);
      EXPECT_EQ(trained[2].answers[0], each.frequent);
    } while (std::next_permutation(references.begin(), references.end()));
  }
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
  EXPECT_DOUBLE_EQ(Find(closed, "strict", "exact_match").estimate.mean, 0.5);
  EXPECT_THAT(Find(closed, "strict", "exact_match").baselines[0], Optional(0.5));  // always no
  EXPECT_DOUBLE_EQ(closed.yes_no.false_positive_rate(), 1);
  EXPECT_EQ(Find(evaluation.groups[0], "llava-med", "open_recall").estimate.questions, 2u);
  EXPECT_EQ(Find(evaluation.groups[0], "strict", "f1").estimate.questions, 4u);
  EXPECT_THROW(Find(closed, "llava-med", "open_recall"), Error);  // defined for none of them
}

TEST(Evaluate, ImagesAreCountedBesideQuestions) {
  ThreadPool pool(1);
  std::vector<Example> examples = FourExamples();
  examples[0].images = examples[1].images = {"a.png"};
  examples[2].images = {"b.png"};
  examples[3].images = {"c.png"};
  EvaluateOptions options;
  options.breakdown = {"modality"};
  const Evaluation evaluation = Evaluate(examples, options, pool);
  EXPECT_EQ(evaluation.units.count, 3u);
  EXPECT_EQ(evaluation.groups[0].units, 3u);
  EXPECT_EQ(evaluation.groups[1].units, 1u);  // closed: both about a.png
  EXPECT_EQ(evaluation.groups[3].units, 3u);  // CT
  EXPECT_TRUE(Find(evaluation.groups[0], "strict", "f1").estimate.interval.has_value());
  EXPECT_FALSE(Find(evaluation.groups[1], "strict", "f1").estimate.interval.has_value());
  EXPECT_FALSE(Find(evaluation.groups[4], "strict", "f1").estimate.interval.has_value());
}

TEST(Evaluate, BaselinesAreOfTheirGroup) {
  // "no" is the most frequent answer of all, "left" of the open ones, "yes" of MRI.
  ThreadPool pool(1);
  const std::vector<Example> examples = {MakeExample("Is it?", "", "no", true, "CT"),
                                         MakeExample("Is it?", "", "no", true, "CT"),
                                         MakeExample("Is it?", "", "no", true, "CT"),
                                         MakeExample("Is it?", "", "yes", true, "MRI"),
                                         MakeExample("Is it?", "", "yes", true, "MRI"),
                                         MakeExample("Where?", "", "left", false, "CT"),
                                         MakeExample("Where?", "", "left", false, "MRI"),
                                         MakeExample("Where?", "", "right", false, "CT")};
  EvaluateOptions options;
  options.breakdown = {"modality"};
  options.scorers = {&StrictScorer()};
  const auto frequent = [&](const Evaluation& evaluation, size_t group) {
    return *Find(evaluation.groups[group], "strict", "exact_match").baselines[1];
  };
  const Evaluation own = Evaluate(examples, options, pool);
  EXPECT_DOUBLE_EQ(frequent(own, 0), 3.0 / 8);
  EXPECT_DOUBLE_EQ(frequent(own, 2), 2.0 / 3);  // open
  EXPECT_EQ(own.groups[4].value, "MRI");
  EXPECT_DOUBLE_EQ(frequent(own, 4), 2.0 / 3);
  // Of a training set the same part counts.
  options.training = {Training("Is this?", "no"), Training("Is that?", "no"),
                      Training("Where is it?", "right")};
  EXPECT_DOUBLE_EQ(frequent(Evaluate(examples, options, pool), 2), 1.0 / 3);
}

TEST(Evaluate, BaselinesAreOfTheQuestionsOfTheScore) {
  // "no" is the most frequent answer of all; beside scores of open questions stands the open one.
  ThreadPool pool(1);
  std::vector<Example> examples;
  for (int i = 0; i < 5; ++i) examples.push_back(MakeExample("Is it?", "yes", "no", true, "CT"));
  for (int i = 0; i < 3; ++i) examples.push_back(MakeExample("Where?", "", "left", false, "CT"));
  examples.push_back(MakeExample("Where?", "", "right", false, "CT"));
  EvaluateOptions options;
  options.breakdown = {"modality"};
  options.bootstrap.resamples = 10;
  options.scorers = {&LlavaMedScorer(), &StrictScorer()};
  for (const bool trained : {false, true}) {
    if (trained) {
      options.training = {Training("Is this?", "no"), Training("Is that?", "no"),
                          Training("Where is it?", "left")};
    }
    const Evaluation evaluation = Evaluate(examples, options, pool);
    const auto frequent = [&](size_t group, const char* scorer, const char* value) {
      return Find(evaluation.groups[group], scorer, value).baselines[1];
    };
    for (const size_t group : {0, 2, 3}) {  // all, open, CT
      EXPECT_THAT(frequent(group, "llava-med", "open_recall"), Optional(0.75)) << group;
    }
    for (const size_t group : {0, 1, 3}) {  // all, closed, CT
      EXPECT_THAT(frequent(group, "llava-med", "closed_accuracy"), Optional(1)) << group;
    }
    EXPECT_THAT(frequent(0, "strict", "exact_match"), Optional(testing::DoubleEq(5.0 / 9)));
  }
}

TEST(Evaluate, BaselinesDoNotDependOnTheAnswers) {
  // LLaVA-Med's script has no score for a wrong yes or no; its baseline is of all closed questions,
  // of which "no" is the most frequent answer, not of those that were answered right.
  ThreadPool pool(1);
  std::vector<Example> examples;
  for (const char* reference : {"no", "no", "no", "yes", "front", "front"}) {
    examples.push_back(MakeExample("Is it?", "yes", reference, true));
  }
  EvaluateOptions options;
  options.scorers = {&LlavaMedScorer()};
  const auto baselines = [&] {
    return Find(Evaluate(examples, options, pool).groups[0], "llava-med",
                "closed_accuracy_as_in_their_script")
        .baselines;
  };
  const auto before = baselines();
  EXPECT_THAT(before[1], Optional(1));
  for (Example& example : examples) example.prediction = "no idea";
  EXPECT_EQ(baselines(), before);
  for (Example& example : examples) example.prediction = "";
  EXPECT_EQ(baselines(), before);
}

TEST(Evaluate, AllRightIsNoCertainty) {
  ThreadPool pool(1);
  const std::vector<Example> examples(3, MakeExample("Is it?", "yes", "yes", true));
  const Evaluation evaluation = Evaluate(examples, {}, pool);
  const ScoreSummary& score = Find(evaluation.groups[0], "strict", "exact_match");
  EXPECT_EQ(score.estimate.mean, 1);
  EXPECT_LT(score.estimate.interval->lower, 0.2);
  EXPECT_LT(evaluation.groups[0].yes_no_intervals.f1->lower, 0.3);
}

TEST(Evaluate, YesAndNoHaveIntervalsByImage) {
  // Gold yes: 1 "yes", 9 "hard to say"; gold no: 10 right. F1 = 2 / (2 + 9).
  ThreadPool pool(1);
  std::vector<Example> examples;
  for (int i = 0; i < 20; ++i) {
    examples.push_back(MakeExample("Is it?",
                                   i == 0   ? "yes"
                                   : i < 10 ? "hard to say"
                                            : "no",
                                   i < 10 ? "yes" : "no", true));
  }
  const GroupSummary all = Evaluate(examples, {}, pool).groups[0];
  EXPECT_NEAR(all.yes_no.f1(), 2.0 / 11, 1e-12);
  EXPECT_LT(all.yes_no_intervals.f1->lower, 2.0 / 11);
  EXPECT_GT(all.yes_no_intervals.f1->upper, 2.0 / 11);
  EXPECT_EQ(all.yes_no_intervals.units, 20u);
  EXPECT_LT(all.yes_no_intervals.recall->upper, 0.5);
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
  EXPECT_EQ(Find(all, "llama-factory-characters", "bleu-4").estimate.questions, 4u);
  EXPECT_EQ(all.scores.size(), 8u);
}

TEST(Evaluate, NothingAndUnknownFieldsAreRefused) {
  ThreadPool pool(1);
  ROENTGEN_EXPECT_ERROR(Evaluate({}, {}, pool), "nothing to evaluate");
  EvaluateOptions options;
  options.breakdown = {"colour"};
  ROENTGEN_EXPECT_ERROR(Evaluate(FourExamples(), options, pool), "no question has a field");
}

}  // namespace
}  // namespace roentgen
