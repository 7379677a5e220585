// The form of reports, and what they state against their references; counted by hand.

#include "roentgen/evaluation/report_quality.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "support/paths.h"

namespace roentgen {
namespace {

Example MakeReport(const std::string& prediction, const std::string& reference) {
  Example example;
  example.prediction = prediction;
  example.reference = reference;
  example.fields = {{"question_type", {"REPORT"}}};
  return example;
}

TEST(Reports, AreKnownByTypeOrReference) {
  Example example;
  example.reference = "yes";
  EXPECT_FALSE(IsReport(example));
  example.fields = {{"question_type", {"Report"}}};
  EXPECT_TRUE(IsReport(example));
  example.fields.clear();
  for (const char* report :
       {"Findings: clear.\nImpression: normal.", "一、影像表现：双肺清晰。二、诊断意见：正常。",
        "檢查所見：肝臟正常。提示：脂肪肝"}) {
    example.reference = report;
    EXPECT_TRUE(IsReport(example)) << report;
  }
  for (const char* answer :
       {"The findings give an impression.", "超声提示胆囊结石，所见肝脏正常"}) {
    example.reference = answer;
    EXPECT_FALSE(IsReport(example)) << answer;
  }
}

TEST(ReportForm, IsCounted) {
  const ReportForm form = MeasureForm("The lungs are clear. 心影不大。", Vocabulary::BuiltIn());
  EXPECT_FALSE(form.headings);
  EXPECT_TRUE(form.lungs);
  EXPECT_TRUE(form.heart);
  EXPECT_FALSE(form.diaphragm);
  EXPECT_EQ(form.words, 8u);
  EXPECT_DOUBLE_EQ(form.term_density, 3.0 / 8);  // lungs, 心影
  EXPECT_EQ(form.repeated, 0);
  EXPECT_DOUBLE_EQ(MeasureForm("a b c d a b c d", Vocabulary::BuiltIn()).repeated, 1.0 / 5);
  EXPECT_EQ(MeasureForm("", Vocabulary::BuiltIn()).term_density, 0);
}

TEST(ReportForm, OfHeadingsAloneIsEmpty) {
  for (const char* report :
       {"Findings:\nImpression:", "**Findings:**\n\n**Impression:**\n-", "影像表现：\n诊断意见：",
        "影像表現：\n診斷意見：", "Findings:", "胸部CT影像所见：\n诊断意见：\n"}) {
    const ReportForm form = MeasureForm(report, Vocabulary::BuiltIn());
    EXPECT_EQ(form.words, 0u) << report;
    EXPECT_FALSE(form.headings || form.lungs) << report;
    EXPECT_FALSE(HasBothParts(report)) << report;
    const std::vector<Example> examples = {MakeReport(report, "Clear lungs.")};
    EXPECT_EQ(SummariseReports(examples, Vocabulary::BuiltIn()).empty, 1u) << report;
  }
  for (const char* half : {"Findings:\nImpression: normal",
                           "Findings: clear.\nImpression:", "影像表现：双肺清晰。\n诊断意见：",
                           "The findings give an impression."}) {
    EXPECT_FALSE(HasBothParts(half)) << half;
    EXPECT_GT(MeasureForm(half, Vocabulary::BuiltIn()).words, 0u) << half;
  }
  for (const char* whole :
       {"Findings: clear.\nImpression: normal.", "影像表现：双肺清晰。\n诊断意见：正常。",
        "Findings:\nComparison: none.\nThe lungs are clear.\nImpression: normal."}) {
    EXPECT_TRUE(HasBothParts(whole)) << whole;
  }
}

TEST(ReportForm, KnowsTheStructuresOfTheChest) {
  struct Spoken {
    const char* report;
    bool lungs, heart, diaphragm;
  };
  for (const Spoken& each : {Spoken{"纵膈居中", false, false, false},
                             {"縱膈居中，纵隔未增宽", false, false, false},
                             {"纵膈居中，双膈面光整", false, false, true},
                             {"橫膈光整", false, false, true},
                             {"横隔光整、肋隔角锐利", false, false, true},
                             {"兩側肋膈角銳利", false, false, true},
                             {"膈肌位置正常", false, false, true},
                             {"心肺膈未見異常", true, true, true},
                             {"心臟不大，肺紋理清晰", true, true, false},
                             {"ＬＵＮＧＳ clear, heart normal", true, true, false},
                             {"Mediastinum normal", false, false, false},
                             {"Both hemidiaphragms are smooth", false, false, true}}) {
    const ReportForm form = MeasureForm(each.report, Vocabulary::BuiltIn());
    EXPECT_EQ(form.lungs, each.lungs) << each.report;
    EXPECT_EQ(form.heart, each.heart) << each.report;
    EXPECT_EQ(form.diaphragm, each.diaphragm) << each.report;
  }
}

TEST(ReportSummary, ComparesWhatIsPresent) {
  const std::vector<Example> examples = {
      MakeReport("Effusion. Cardiomegaly.", "Effusion. Possible pneumonia."),
      MakeReport("No effusion.", "Pneumothorax.")};
  const ReportSummary summary = SummariseReports(examples, Vocabulary::BuiltIn());
  EXPECT_EQ(summary.reports, 2u);
  // Effusion both; cardiomegaly and "No Finding" only reported; pneumothorax only in the reference.
  EXPECT_DOUBLE_EQ(MicroF1(summary.present), 2.0 / 5);
  EXPECT_DOUBLE_EQ(MacroF1(summary.present), 1.0 / 4);
  const LabelCounts& effusion = summary.present[static_cast<size_t>(ReportLabel::kPleuralEffusion)];
  EXPECT_EQ(effusion.precision(), 1);
  EXPECT_EQ(effusion.recall(), 1);
  // "No effusion" has no counterpart, nor has the possible pneumonia.
  EXPECT_EQ(MicroF1(summary.absent), 0);
  const LabelCounts& pneumonia = summary.uncertain[static_cast<size_t>(ReportLabel::kPneumonia)];
  EXPECT_EQ(pneumonia.only_reference, 1u);
  EXPECT_EQ(pneumonia.recall(), 0);
  EXPECT_DOUBLE_EQ(summary.words, 2);
}

TEST(ReportSummary, OnlyChestReportsCoverTheChest) {
  const auto of = [](const char* organ) {
    Example example = MakeReport("The liver is normal. The lungs are clear.", "The liver.");
    if (*organ != 0) example.fields["organ"] = {organ};
    return example;
  };
  for (const char* chest : {"CHEST", "Lung", "胸部", "肺"})
    EXPECT_TRUE(IsOfChest(of(chest))) << chest;
  for (const char* other : {"Abdomen", "HEAD", "腹部", ""})
    EXPECT_FALSE(IsOfChest(of(other))) << other;
  const std::vector<Example> examples = {of("CHEST"), of("Abdomen"), of("")};
  const ReportSummary summary = SummariseReports(examples, Vocabulary::BuiltIn());
  EXPECT_EQ(summary.reports, 3u);
  EXPECT_EQ(summary.chest, 1u);
  EXPECT_EQ(summary.lungs, 1u);
  EXPECT_FALSE(IsOfChest(MakeReport("", "Abdomen: normal.")));
  EXPECT_TRUE(IsOfChest(MakeReport("", "The lungs are clear.")));
}

TEST(ReportSummary, IsInTheJsonOfAnEvaluationWithReports) {
  ThreadPool pool(1);
  EvaluateOptions options;
  options.bootstrap.resamples = 10;
  std::vector<Example> examples = {MakeReport("Effusion.", "Effusion.")};
  EXPECT_EQ(ToJson(Evaluate(examples, options, pool))["reports"]["chest"]["present"]["micro_f1"],
            1.0);
  examples[0].fields.clear();
  EXPECT_FALSE(ToJson(Evaluate(examples, options, pool)).contains("reports"));
}

TEST(Vocabulary, IsReadFromJsonOrLines) {
  const test::TemporaryFolder folder;
  WriteFile(folder.path() / "terms.txt", "Pleural effusion\n\n肺水肿\n");
  WriteFile(folder.path() / "terms.json", R"({"Pleural effusion": ["肺水肿"]})");
  const std::vector<std::string> words = ReportWords("Left pleural effusion, pleural; 肺水肿");
  for (const char* name : {"terms.txt", "terms.json"}) {
    const Vocabulary vocabulary = Vocabulary::Read(folder.path() / name);
    EXPECT_EQ(vocabulary.size(), 2u);
    EXPECT_EQ(vocabulary.Covered(words), 5u);
  }
  WriteFile(folder.path() / "none.txt", "\n--\n");
  ROENTGEN_EXPECT_ERROR(Vocabulary::Read(folder.path() / "none.txt"), "has no term");
  WriteFile(folder.path() / "broken.json", "{");
  EXPECT_THROW(Vocabulary::Read(folder.path() / "broken.json"), Error);
}

}  // namespace
}  // namespace roentgen
