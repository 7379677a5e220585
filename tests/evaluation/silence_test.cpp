// Answers that say nothing: missing ones, and those that can be read as neither yes nor no. They
// must not look better than a model that is mostly right.

#include <gmock/gmock.h>

#include <cmath>

#include "roentgen/evaluation/ablation.h"
#include "roentgen/evaluation/consistency.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "roentgen/evaluation/hallucination.h"
#include "roentgen/evaluation/report_quality.h"
#include "roentgen/evaluation/yes_no.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

struct Language {
  const char* yes;
  const char* no;
  const char* unsure;
  const char* empty_talk;
};
constexpr Language kLanguages[] = {
    {"Yes", "No", "Hard to say.", "The image shows an X-ray."},
    {"有", "没有", "不好说。", "这是一张胸片。"},
};

Example Asked(std::string prediction, std::string reference, int image) {
  Example example;
  example.id = std::to_string(image);
  example.images = {"image" + example.id + ".png"};
  example.prediction = std::move(prediction);
  example.reference = std::move(reference);
  example.fields["question_type"] = {"PRES"};
  return example;
}

TEST(Silence, RecallIsOfAllWhoseTruthIsYes) {
  for (const Language& language : kLanguages) {
    for (const char* silence : {language.unsure, language.empty_talk, "", " "}) {
      YesNoTable table;
      for (int i = 0; i < 10; ++i) {
        table.Add(*YesOrNo(language.yes), SideTaken(i == 0 ? language.yes : silence));
        table.Add(*YesOrNo(language.no), SideTaken(language.no));
      }
      EXPECT_DOUBLE_EQ(table.precision(), 1) << silence;
      EXPECT_DOUBLE_EQ(table.recall(), 0.1) << silence;
      EXPECT_NEAR(table.f1(), 0.1818, 1e-4) << silence;
      EXPECT_DOUBLE_EQ(table.accuracy(), 0.55) << silence;
      EXPECT_DOUBLE_EQ(table.yes_ratio(), 0.05) << silence;
      EXPECT_DOUBLE_EQ(table.unanswered_share(), 0.45) << silence;
      EXPECT_EQ(ToJson(table).at("unanswered"), 9) << silence;
    }
  }
}

TEST(Silence, OfNoAnswerTheRateOfFalsePositivesIsUnknown) {
  YesNoTable table;
  for (int i = 0; i < 5; ++i) table.Add(false, std::nullopt);
  EXPECT_TRUE(std::isnan(table.false_positive_rate()));
  EXPECT_EQ(table.accuracy(), 0);
  EXPECT_EQ(ToJson(table).dump().find("\"false_positive_rate\":0"), std::string::npos);
  table.Add(false, true);
  EXPECT_EQ(table.false_positive_rate(), 1);
}

TEST(Silence, InventsNothingAndIsNoMerit) {
  for (const Language& language : kLanguages) {
    std::vector<Example> silent;
    std::vector<Example> model;  // right in 80 %
    for (int i = 0; i < 100; ++i) {
      const bool there = i % 2 == 0;
      const bool right = i % 10 < 8;
      const char* truth = there ? language.yes : language.no;
      silent.push_back(Asked(language.empty_talk, truth, i));
      model.push_back(Asked(there == right ? language.yes : language.no, truth, i));
    }
    EXPECT_TRUE(std::isnan(InventsFinding(silent[1])));
    EXPECT_TRUE(std::isnan(InventsFinding(model[0])));  // is there
    EXPECT_EQ(AnswersAboutAbsent(silent[1]), 0);
    EXPECT_EQ(AnswersAboutAbsent(model[1]), 1);
    EXPECT_EQ(InventsFinding(model[1]), 0);
    EXPECT_EQ(InventsFinding(model[9]), 1);
    EXPECT_TRUE(std::isnan(CountPresence(silent).false_positive_rate()));
    ThreadPool pool(1);
    const Ablation ablation = CompareRuns(silent, model, {}, pool);
    bool answered = false;
    for (const AblationRow& row : ablation.rows) {
      EXPECT_NE(row.change(), Change::kWorse) << row.measure->name;
      EXPECT_NE(row.measure->name, "findings invented");  // no question that both answer
      if (row.measure->name != "absent findings answered") continue;
      answered = true;
      EXPECT_EQ(row.before, 0);
      EXPECT_EQ(row.after, 1);
    }
    EXPECT_TRUE(answered);
    // Half silent: compared on what both answer.
    for (int i = 0; i < 50; ++i) silent[i] = model[i];
    for (const AblationRow& row : CompareRuns(silent, model, {}, pool).rows) {
      if (row.measure->name != "findings invented") continue;
      EXPECT_EQ(row.test.questions, 25u);
      EXPECT_EQ(row.before, row.after);
    }
  }
}

TEST(Silence, IsNoAgreementOfParaphrases) {
  for (const Language& language : kLanguages) {
    for (const char* silence : {"", " ", language.empty_talk, language.unsure}) {
      std::vector<Example> examples = {Asked(silence, language.yes, 1),
                                       Asked(silence, language.yes, 1)};
      for (Example& example : examples) example.fields["paraphrase"] = {"p"};
      EXPECT_EQ(MeasureAgreement(examples).pairs, 1u) << silence;
      EXPECT_EQ(MeasureAgreement(examples).equal, 0u) << silence;
    }
  }
}

TEST(Silence, TwoOpenRefusalsDoNotAgree) {
  for (const char* silence : {"I cannot see an image", "N/A", "I don't know", "Sorry.", "None", "-",
                              "我看不到图像", "不知道", "抱歉", "无", "未见", "请求超时"}) {
    for (const char* reference : {"left lung", "左肺"}) {
      std::vector<Example> examples = {Asked(silence, reference, 1), Asked(silence, reference, 1)};
      for (Example& example : examples) example.fields["paraphrase"] = {"p"};
      EXPECT_EQ(MeasureAgreement(examples).pairs, 1u) << silence;
      EXPECT_EQ(MeasureAgreement(examples).equal, 0u) << silence;
    }
  }
}

TEST(Silence, ParaphrasesAgreeByTheirReader) {
  struct Case {
    const char *reference, *one, *other;
    size_t equal;
  };
  for (const auto& [reference, one, other, equal] :
       {Case{"Yes", "Yes", "Yes, it is.", 1}, Case{"有", "有", "可见骨折", 1},
        Case{"C", "B", "B. liver", 1}, Case{"left lung", "right lung", "The right lung.", 1},
        Case{"左肺", "右肺", "在右肺", 1}, Case{"3 cm", "5 cm", "50 mm", 1},
        Case{"Yes", "Yes", "No", 0}, Case{"左肺", "左肺", "右肺", 0}, Case{"C", "B", "A", 0}}) {
    std::vector<Example> examples = {Asked(one, reference, 1), Asked(other, reference, 1)};
    for (Example& example : examples) example.fields["paraphrase"] = {"p"};
    EXPECT_EQ(MeasureAgreement(examples).equal, equal) << one << " / " << other;
  }
}

TEST(Silence, OfReportsIsCountedAndRepeatsNothing) {
  std::vector<Example> examples(4);
  for (Example& example : examples) {
    example.fields["question_type"] = {"REPORT"};
    example.reference = "Findings: The lungs are clear. Impression: Normal chest.";
  }
  examples[0].prediction = "the lungs are clear the lungs are clear";
  examples[1].prediction = " \n";
  const ReportSummary summary = SummariseReports(examples, Vocabulary::BuiltIn());
  EXPECT_EQ(summary.reports, 4u);
  EXPECT_EQ(summary.empty, 3u);
  EXPECT_DOUBLE_EQ(summary.repeated, 0.2);  // of five runs one was before, in the one report
  EXPECT_DOUBLE_EQ(summary.words, 2);
  const auto no_finding = static_cast<size_t>(ReportLabel::kNoFinding);
  EXPECT_EQ(summary.present[no_finding].both, 1u);  // which no empty report says
}

}  // namespace
}  // namespace roentgen
