// Hallucination, twins, paraphrases, calibration: each on a handful of answers counted by hand.

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/calibration.h"
#include "roentgen/evaluation/consistency.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "roentgen/evaluation/hallucination.h"
#include "roentgen/evaluation/reliability_diagram.h"
#include "roentgen/evaluation/scorers.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using Fields = std::map<std::string, std::vector<std::string>>;

Example MakeExample(const std::string& prediction, const std::string& reference, Fields fields) {
  Example example;
  example.prediction = prediction;
  example.reference = reference;
  example.fields = std::move(fields);
  return example;
}

TEST(Presence, CountsYesNoQuestionsOfThatType) {
  const std::vector<Example> examples = {
      MakeExample("Yes", "no", {{"question_type", {"PRES"}}}),
      MakeExample("No.", "no", {{"question_type", {"SIZE", "ABN"}}}),
      MakeExample("没有", "没有", {{"question_type", {"Abnormality"}}}),
      MakeExample("yes", "no", {{"question_type", {"SIZE"}}}),
      MakeExample("left", "left", {{"question_type", {"PRES"}}}),
      MakeExample("yes", "no", {})};
  const YesNoTable table = CountPresence(examples);
  EXPECT_EQ(table.total(), 3u);
  EXPECT_DOUBLE_EQ(table.false_positive_rate(), 1.0 / 3);
}

TEST(Abstention, IsRecognisedInBothLanguages) {
  for (const char* declines :
       {"I can't tell from this image.", "This cannot be determined.", "There is no fracture.",
        "The kidney is not visible in the image.", "Unable to assess.", "No evidence of a mass.",
        "无法判断。", "图中没有骨折", "未见明显结节", "这个问题信息不足", "没有骨折", "未发现骨折",
        "難以確定", "看不出明显异常"}) {
    EXPECT_TRUE(Abstains(declines)) << declines;
  }
  for (const char* answers : {"", "5 cm", "In the left lung", "It is not large.", "Yes", "No",
                              "左肺上叶", "有两个结节", "The notable nodule", "没错",
                              "右侧第5肋骨骨折，余未见异常。", "右側第5肋骨骨折，餘未見異常。"}) {
    EXPECT_FALSE(Abstains(answers)) << answers;
  }
}

TEST(Abstention, IsReadWithTheQuestion) {
  EXPECT_FALSE(Abstains("右侧有骨折，左侧没有骨折", "骨折在哪里？"));
  EXPECT_FALSE(Abstains("约3cm，看不清边界", "肿块的大小是多少？"));
  EXPECT_FALSE(Abstains("Right. No mass on the left.", "On which side is the mass?"));
  EXPECT_TRUE(Abstains("中线居中", "中线向哪一侧移位？"));
  EXPECT_TRUE(Abstains("The ribs are intact", "Where is the fracture?"));
}

TEST(Abstention, IsNotThatThereIsNoImage) {
  for (const char* silent : {"I cannot see an image", "No image was provided.", "未提供图片",
                             "Please upload the image", "我看不到图像"}) {
    EXPECT_FALSE(Abstains(silent, "Where is the mass?")) << silent;
    const Example example = MakeExample(silent, "", {{"premise", {"false"}}});
    EXPECT_EQ(CountFalsePremises(std::vector{example}).declined, 0u) << silent;
  }
  EXPECT_TRUE(Abstains("No.", "Where is the mass?"));
  EXPECT_TRUE(Abstains("不在那里", "肿块在哪里？"));
}

TEST(Abstention, OnlyFalsePremisesCount) {
  const std::vector<Example> examples = {
      MakeExample("There is no nodule.", "", {{"premise", {"false"}}}),
      MakeExample("It is 5 cm.", "", {{"premise", {"false"}}}),
      MakeExample("Cannot tell.", "", {{"premise", {"true"}}}),
      MakeExample("Cannot tell.", "", {})};
  EXPECT_EQ(CountFalsePremises(examples).questions, 2u);
  EXPECT_EQ(CountFalsePremises(examples).declined, 1u);
  for (const char* spelt : {"False", "FALSE", "0", "no", "假", "不成立"}) {
    EXPECT_TRUE(HasFalsePremise(MakeExample("", "", {{"premise", {spelt}}}))) << spelt;
  }
  EXPECT_FALSE(HasFalsePremise(MakeExample("", "", {{"premise", {"真"}}})));
}

TEST(Twins, AreRightOnBothSidesOrNot) {
  const std::vector<Example> examples = {
      MakeExample("Yes.", "yes", {{"twin", {"a"}}}), MakeExample("no", "no", {{"twin", {"a"}}}),
      MakeExample("yes", "yes", {{"twin", {"b"}}}), MakeExample("yes", "no", {{"twin", {"b"}}}),
      MakeExample("yes", "no", {})};
  const TwinScore score = ScoreTwins(examples);
  EXPECT_EQ(score.pairs, 2u);
  EXPECT_EQ(score.both_right, 1u);
  EXPECT_EQ(score.one_right, 1u);
  EXPECT_EQ(ScoreTwins(std::span(examples).first(3)).pairs, 1u);
  const std::vector<Example> chinese = {MakeExample("有。", "有", {{"twin", {"a"}}}),
                                        MakeExample("沒有。", "没有", {{"twin", {"a"}}})};
  EXPECT_EQ(ScoreTwins(chinese).both_right, 1u);
  const std::vector<Example> in_sentences = {
      MakeExample("可见骨折", "有", {{"twin", {"a"}}}),
      MakeExample("未见骨折", "没有", {{"twin", {"a"}}}),
      MakeExample("Yes, there is", "Yes", {{"twin", {"b"}}}),
      MakeExample("No fracture is seen.", "No", {{"twin", {"b"}}})};
  EXPECT_EQ(ScoreTwins(in_sentences).both_right, 2u);
}

TEST(Paraphrases, AreComparedWithinAnImageAndAnAnswer) {
  std::vector<Example> examples = {MakeExample("Yes", "yes", {{"paraphrase", {"1"}}}),
                                   MakeExample("yes.", "yes", {{"paraphrase", {"1"}}}),
                                   MakeExample("no", "yes", {{"qid_linked_id", {"1"}}}),
                                   MakeExample("no", "no", {{"paraphrase", {"1"}}}),
                                   MakeExample("no", "yes", {})};
  EXPECT_EQ(MeasureAgreement(examples).pairs, 3u);
  EXPECT_EQ(MeasureAgreement(examples).equal, 1u);
  const std::vector<Example> chinese = {MakeExample("右侧。", "右侧", {{"paraphrase", {"1"}}}),
                                        MakeExample("右側", "右侧。", {{"paraphrase", {"1"}}})};
  EXPECT_EQ(MeasureAgreement(chinese).equal, 1u);
  examples[0].images = {"other.png"};
  EXPECT_EQ(MeasureAgreement(examples).pairs, 1u);
  // A copy of the file is the same image.
  for (Example& example : examples) example.image_hashes = {"a"};
  EXPECT_EQ(MeasureAgreement(examples).pairs, 3u);
  // Saying nothing twice is no agreement.
  for (Example& example : examples) example.prediction = " ";
  EXPECT_EQ(MeasureAgreement(examples).equal, 0u);
}

TEST(Paraphrases, OneNameForVeryManyQuestionsIsAnError) {
  for (const std::string& name : std::vector<std::string>{"p", "同义"}) {
    std::vector<Example> examples(100, MakeExample("有", "有", {{"paraphrase", {name}}}));
    EXPECT_EQ(MeasureAgreement(examples).equal, 4950u);
    examples.push_back(examples[0]);
    ROENTGEN_EXPECT_ERROR(MeasureAgreement(examples),
                          "101 questions without an image are paraphrases \"" + name +
                              "\" of one another; at most 100");
    for (Example& example : examples) example.images = {"片.png"};
    ROENTGEN_EXPECT_ERROR(MeasureAgreement(examples), "101 questions about \"片.png\"");
    examples[0].images = {"other.png"};
    EXPECT_EQ(MeasureAgreement(examples).pairs, 4950u);
  }
}

Example Sure(const std::string& prediction, const std::string& reference, double probability_yes) {
  Example example = MakeExample(prediction, reference, {});
  example.probability_yes = probability_yes;
  return example;
}

TEST(Calibration, IsTheMeanGapOfTheBins) {
  const std::vector<Example> examples = {Sure("yes", "yes", 0.92),  // bin 18, 0.90 to 0.95
                                         Sure("yes", "no", 0.94),
                                         Sure("no", "no", 0.07),     // confidence 0.93
                                         Sure("yes", "yes", 1.0),    // the last bin
                                         Sure("yes", "left", 0.9)};  // no yes/no question
  const Calibration calibration = MeasureCalibration(examples);
  EXPECT_EQ(calibration.count, 4u);
  EXPECT_EQ(calibration.bins[18].count, 3u);
  EXPECT_DOUBLE_EQ(calibration.bins[18].confidence, 0.93);
  EXPECT_DOUBLE_EQ(calibration.bins[18].accuracy, 2.0 / 3);
  EXPECT_EQ(calibration.bins[19].count, 1u);
  EXPECT_NEAR(calibration.expected_calibration_error, 0.75 * (0.93 - 2.0 / 3), 1e-15);
}

TEST(Calibration, AnAnswerOfTheLessLikelySideHasItsOwnBins) {
  // Confidence 0.1 and right, 0.9 and wrong, 0.52 and right: gaps of 0.9, 0.9 and 0.48.
  for (const bool chinese : {false, true}) {
    const std::string yes = chinese ? "有。" : "yes";
    const std::string no = chinese ? "没有" : "no";
    const std::vector<Example> examples = {Sure(yes, yes, 0.1), Sure(no, yes, 0.1),
                                           Sure(yes, yes, 0.52)};
    const Calibration calibration = MeasureCalibration(examples);
    EXPECT_EQ(calibration.bins[2].count, 1u);
    EXPECT_EQ(calibration.bins[18].count, 1u);
    EXPECT_EQ(calibration.bins[10].count, 1u);  // 0.50 to 0.55
    EXPECT_NEAR(calibration.expected_calibration_error, (0.9 + 0.9 + 0.48) / 3, 1e-12);
    const auto bins = ToJson(calibration)["bins"];
    EXPECT_EQ(bins.size(), 20u);
    EXPECT_EQ(bins[10]["from"], 0.5);
    EXPECT_EQ(bins[10]["to"], 0.55);
    // The axis begins at 0, where the diagonal does.
    const std::string page = ReliabilityDiagram(calibration);
    EXPECT_THAT(page, testing::HasSubstr("d=\"M30 210L230 10\""));
    EXPECT_THAT(page, testing::HasSubstr("<circle cx=\"50.0\" cy=\"10.0\""));
    EXPECT_THAT(page, testing::HasSubstr("text-anchor=\"middle\">0</text>"));
  }
  const std::vector<Example> greedy = {Sure("yes", "yes", 0.9), Sure("no", "no", 0.5)};
  const std::string page = ReliabilityDiagram(MeasureCalibration(greedy));
  EXPECT_THAT(page, testing::HasSubstr("d=\"M30 110L230 10\""));
  EXPECT_THAT(page, testing::HasSubstr("text-anchor=\"middle\">75</text>"));
  // Answers that are wrong when sure and right when not do not make up for each other.
  std::vector<Example> hidden;
  for (int i = 0; i < 20; ++i) {
    hidden.push_back(Sure("yes", i < 10 ? "yes" : "no", i < 10 ? 0.05 : 0.45));
  }
  EXPECT_NEAR(MeasureCalibration(hidden).expected_calibration_error, (0.95 + 0.45) / 2, 1e-12);
}

TEST(Calibration, AnAnswerThatSaysNeitherIsWrong) {
  const std::vector<Example> examples = {Sure("hard to say", "yes", 1), Sure("", "no", 0),
                                         Sure("说不清", "有", 0.999),
                                         MakeExample("yes", "yes", {})};
  const Calibration calibration = MeasureCalibration(examples);
  EXPECT_EQ(calibration.questions, 4u);
  EXPECT_EQ(calibration.count, 3u);
  EXPECT_EQ(calibration.unreadable, 3u);
  EXPECT_NEAR(calibration.expected_calibration_error, 2.999 / 3, 1e-12);
}

TEST(Calibration, APerfectModelHasAnErrorTooWhenQuestionsAreFew) {
  // Of n answers with confidence 0.9 in one bin, the error is |right / n − 0.9|. n = 1: 0.1 with
  // chance 0.9, else 0.9: mean 0.18. n = 2: 0.1 (0.81), 0.4 (0.18), 0.9 (0.01): mean 0.162.
  const std::vector<Example> one = {Sure("yes", "yes", 0.9)};
  EXPECT_NEAR(MeasureCalibration(one).if_perfect, 0.18, 0.025);  // 4 · 0.24 / √2000 of draws
  EXPECT_NEAR(MeasureCalibration(one).if_perfect_at_most, 0.9, 1e-12);
  const std::vector<Example> two = {Sure("yes", "yes", 0.9), Sure("no", "no", 0.1)};
  EXPECT_NEAR(MeasureCalibration(two).if_perfect, 0.162, 0.014);
  EXPECT_NEAR(MeasureCalibration(two).if_perfect_at_most, 0.4, 1e-12);
  EXPECT_TRUE(MeasureCalibration(two).may_be_perfect());
  EXPECT_EQ(MeasureCalibration(two).if_perfect, MeasureCalibration(two).if_perfect);
}

TEST(Calibration, ConsistencyBarsHoldWhatAPerfectModelShows) {
  // 100 answers of confidence 0.8: right in 80 ± 1.96 · 4.
  std::vector<Example> examples(100, Sure("yes", "yes", 0.8));
  for (size_t i = 0; i < 50; ++i) examples[i].reference = "no";
  const Calibration calibration = MeasureCalibration(examples);
  EXPECT_NEAR(calibration.bins[16].consistent.lower, 0.72, 0.011);
  EXPECT_NEAR(calibration.bins[16].consistent.upper, 0.87, 0.011);
  EXPECT_FALSE(calibration.may_be_perfect());
  EXPECT_EQ(Describe(calibration).substr(0, 22), "expected error 30.0 % ");
  EXPECT_THAT(ReliabilityDiagram(calibration),
              testing::HasSubstr("100 answers: confidence 80.0 %, right 50.0 %"));
  EXPECT_EQ(ReliabilityDiagram({}), "");
}

TEST(EvaluationJson, NamesUnitsBaselinesAndRefusals) {
  std::vector<Example> examples = {MakeExample("yes", "yes", {{"twin", {"a"}}}),
                                   MakeExample("左", "no", {{"twin", {"a"}}})};
  examples[0].closed = examples[1].closed = true;
  ThreadPool pool(1);
  EvaluateOptions options;
  options.bootstrap.resamples = 10;
  const auto json = ToJson(Evaluate(examples, options, pool));
  EXPECT_EQ(json.at("groups").size(), 2u);  // all, closed
  const auto& scores = json.at("groups").at(0).at("scores");
  EXPECT_EQ(scores.at(0).at("value"), "exact_match");
  EXPECT_EQ(scores.at(0).at("unit"), "share");
  EXPECT_EQ(scores.at(0).at("mean"), 0.5);
  EXPECT_EQ(scores.at(0).at("baselines").at("always no"), 0.5);
  bool refused = false;
  for (const auto& score : scores) {
    if (score.at("scorer") == "llama-factory") refused = score.contains("refused");
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(json.at("twins").at("one_right"), 1);
  EXPECT_FALSE(json.contains("calibration"));
}

TEST(EvaluationJson, BoundsHoldTheValue) {
  // Rounding leaves a bound a last digit beside a value at an end of the scale.
  ThreadPool pool(1);
  for (size_t questions = 2; questions < 60; ++questions) {
    for (const char* answer : {"yes", "no", "有", "没有。"}) {
      std::vector<Example> examples;
      for (size_t i = 0; i < questions; ++i) examples.push_back(MakeExample(answer, "yes", {}));
      for (size_t i = 0; i < questions; ++i) examples[i].images = {std::to_string(i)};
      EvaluateOptions options;
      options.scorers = {&FindScorer("strict"), &FindScorer("first-token")};
      const auto json = ToJson(Evaluate(examples, options, pool));
      for (const auto& score : json["groups"][0]["scores"]) {
        if (!score.contains("interval95")) continue;
        EXPECT_LE(score["interval95"][0], score["mean"]) << score;
        EXPECT_GE(score["interval95"][1], score["mean"]) << score;
      }
      const auto& yes_no = json["groups"][0]["yes_no"];
      for (const auto& [name, bounds] : yes_no["intervals95"].items()) {
        EXPECT_LE(bounds[0], yes_no[name]) << name;
        EXPECT_GE(bounds[1], yes_no[name]) << name;
      }
    }
  }
}

TEST(Refusals, HoldForTheGroupsWithChineseOnly) {
  std::vector<Example> examples = {MakeExample("yes", "yes", {{"language", {"en"}}}),
                                   MakeExample("有。", "有", {{"language", {"zh"}}})};
  examples[0].closed = examples[1].closed = true;
  ThreadPool pool(1);
  EvaluateOptions options;
  options.bootstrap.resamples = 10;
  options.breakdown = {"language"};
  const Evaluation evaluation = Evaluate(examples, options, pool);
  const auto refused = [&](const std::string& value, const std::string& scorer) {
    const auto group =
        std::find_if(evaluation.groups.begin(), evaluation.groups.end(),
                     [&](const GroupSummary& summary) { return summary.value == value; });
    const auto score =
        std::find_if(group->scores.begin(), group->scores.end(),
                     [&](const ScoreSummary& summary) { return summary.scorer == scorer; });
    return !score->refusal.empty();
  };
  for (const char* scorer : {"llava-med", "medvlmbench", "pope", "llama-factory"}) {
    EXPECT_TRUE(refused("all", scorer)) << scorer;
    EXPECT_TRUE(refused("zh", scorer)) << scorer;
    EXPECT_FALSE(refused("en", scorer)) << scorer;
  }
  EXPECT_FALSE(refused("all", "first-token"));
  EXPECT_FALSE(refused("zh", "strict"));
}

}  // namespace
}  // namespace roentgen
