// What reports say: the published sample reports, and two tables of sentences of our own.

#include "roentgen/evaluation/report_labels.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/data/csv_rows.h"
#include "roentgen/evaluation/words.h"
#include "support/paths.h"

namespace roentgen {
namespace {

constexpr std::array<std::string_view, kReportLabels> kShort = {
    "NF", "EC", "CM", "LL", "LO", "ED", "CO", "PN", "AT", "PX", "EF", "PO", "FX", "SD"};
constexpr std::string_view kSigns = " -?+";

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

/// "CM+ EF-"; without "No Finding", which follows from the others.
std::string Write(const ReportLabels& labels) {
  std::vector<std::string> said;
  for (size_t i = 1; i < kReportLabels; ++i) {
    if (labels[i] != Finding::kNotMentioned) {
      said.push_back(std::string(kShort[i]) + kSigns[static_cast<size_t>(labels[i])]);
    }
  }
  std::sort(said.begin(), said.end());
  return Joined(said);
}

std::string Sorted(const std::string& labels) {
  std::vector<std::string> words = SplitAtBlanks(labels);
  std::sort(words.begin(), words.end());
  return Joined(words);
}

void ExpectTable(const std::string& name, size_t least) {
  const auto path = test::SourceDir() / "tests/evaluation/data" / name;
  std::string text = ReadFile(path, 1 << 20);
  size_t sentences = 0;
  size_t line_number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (line.starts_with('#')) continue;
    const size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << name << ":" << line_number;
    ++sentences;
    EXPECT_EQ(Write(LabelReport(line.substr(tab + 1))), Sorted(line.substr(0, tab)))
        << name << ":" << line_number << ": " << line.substr(tab + 1);
  }
  EXPECT_GE(sentences, least);
}

TEST(ReportLabels, EnglishSentences) {
  ExpectTable("english_report_sentences.tsv", 200);
}
TEST(ReportLabels, ChineseSentences) {
  ExpectTable("chinese_report_sentences.tsv", 100);
}

TEST(ReportLabels, NothingIsSaidByNothing) {
  for (const char* text : {"", " \n\t"}) EXPECT_EQ(LabelReport(text), ReportLabels{});
}

TEST(ReportLabels, NoFindingNeedsThatNothingButDevicesIsThereOrUncertain) {
  const auto no_finding = [](std::string_view text) { return LabelReport(text)[0]; };
  for (const char* text :
       {"The lungs are clear.", "No effusion.", "PICC in place.", "双肺清晰。"}) {
    EXPECT_EQ(no_finding(text), Finding::kPresent) << text;
  }
  for (const char* text : {"Effusion.", "Possible effusion.", "Hyperinflated lungs.", "肺气肿。"}) {
    EXPECT_EQ(no_finding(text), Finding::kNotMentioned) << text;
  }
}

TEST(ReportLabels, PresentWinsOverUncertainWinsOverAbsent) {
  EXPECT_EQ(Write(LabelReport("No effusion. Possible effusion.")), "EF? ");
  EXPECT_EQ(Write(LabelReport("Effusion. Possible effusion. No effusion.")), "EF+ ");
}

TEST(ReportLabels, ALineGoesOnWithASmallLetter) {
  EXPECT_EQ(Write(LabelReport("No pneumothorax or\neffusion")), "EF- PX- ");
  EXPECT_EQ(Write(LabelReport("No pneumothorax\nEffusion")), "EF+ PX- ");
}

TEST(ReportLabels, AnyBytesAreTaken) {
  EXPECT_EQ(Write(LabelReport("\xff\xe5 effusion \xe3\x80")), "EF+ ");
}

TEST(ReportLabels, EndlessRepetitionIsReadInTime) {
  std::string report;
  for (int i = 0; i < 100'000; ++i) report += "effusion resolved, ";
  EXPECT_EQ(Write(LabelReport(report)), "EF- ");
}

/// A cell of CheXpert's tables.
Finding FromCell(const std::string& cell) {
  if (cell.empty()) return Finding::kNotMentioned;
  return cell == "1.0" ? Finding::kPresent : cell == "0.0" ? Finding::kAbsent : Finding::kUncertain;
}

TEST(ReportLabels, PublishedSampleReportsComeOut) {
  const auto file = test::SharedRoot() / "data/report-labels/chexpert-labeler/labeled_reports.csv";
  ROENTGEN_NEED(file);
  size_t reports = 0;
  ForEachCsvRow(file, ',', [&](size_t line, const std::vector<std::string>& row) {
    if (row.front() == "Reports") return;
    ++reports;
    ASSERT_EQ(row.size(), kReportLabels + 1);
    const ReportLabels labels = LabelReport(row.front());
    for (size_t i = 0; i < kReportLabels; ++i) {
      EXPECT_EQ(labels[i], FromCell(row[i + 1])) << "line " << line << ": " << kReportLabelNames[i];
    }
  });
  EXPECT_EQ(reports, 4u);
}

}  // namespace
}  // namespace roentgen
