// Reports labelled by hand: precision and recall of the reader, by label.
//
// tests/evaluation/data/reports_zh_early.tsv was written while the rules were, reports_zh_late.tsv
// after they were frozen, by writers who had not seen them; reports_en.tsv holds the English ones.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/evaluation/report_labels.h"
#include "roentgen/evaluation/words.h"
#include "support/paths.h"

namespace roentgen {
namespace {

constexpr std::array<std::string_view, kReportLabels> kShort = {
    "NF", "EC", "CM", "LL", "LO", "ED", "CO", "PN", "AT", "PX", "EF", "PO", "FX", "SD"};
constexpr std::string_view kSigns = " -?+";

struct GoldReport {
  std::set<std::string> labels;  // "CM+", "EF?"
  std::string text;
};

std::vector<GoldReport> ReadGold(const std::string& name) {
  std::istringstream lines(ReadFile(test::SourceDir() / "tests/evaluation/data" / name, 1 << 20));
  std::vector<GoldReport> reports;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const size_t tab = line.find('\t');
    if (tab == std::string::npos) {
      ADD_FAILURE() << name << " without a tab: " << line;
      continue;
    }
    const std::vector<std::string> words = SplitAtBlanks(line.substr(0, tab));
    reports.push_back({{words.begin(), words.end()}, line.substr(tab + 1)});
  }
  return reports;
}

std::set<std::string> Read(std::string_view text) {
  const ReportLabels labels = ReadReport(text).labels;
  std::set<std::string> said;
  for (size_t i = 0; i < kReportLabels; ++i) {
    if (labels[i] == Finding::kNotMentioned) continue;
    said.insert(std::string(kShort[i]) + kSigns[static_cast<size_t>(labels[i])]);
  }
  return said;
}

/// What is stated of a label, right and wrong.
struct Counts {
  size_t right = 0;
  size_t only_said = 0;
  size_t only_gold = 0;

  double precision() const { return Share(right, right + only_said); }
  double recall() const { return Share(right, right + only_gold); }

 private:
  static double Share(size_t part, size_t whole) {
    return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

/// Counts a file and prints its table, which docs/evaluation.md shows.
std::array<Counts, kReportLabels> Measure(const std::string& name, size_t least) {
  std::array<Counts, kReportLabels> counts{};
  const std::vector<GoldReport> reports = ReadGold(name);
  EXPECT_GE(reports.size(), least);
  for (const GoldReport& report : reports) {
    const std::set<std::string> said = Read(report.text);
    for (size_t i = 0; i < kReportLabels; ++i) {
      for (const char sign : {'-', '?', '+'}) {
        const std::string label = std::string(kShort[i]) + sign;
        const bool in_said = said.contains(label);
        const bool in_gold = report.labels.contains(label);
        counts[i].right += in_said && in_gold ? 1 : 0;
        counts[i].only_said += in_said && !in_gold ? 1 : 0;
        counts[i].only_gold += !in_said && in_gold ? 1 : 0;
      }
    }
  }
  fmt::print("{}, {} reports\n", name, reports.size());
  for (size_t i = 0; i < kReportLabels; ++i) {
    fmt::print("  {:<27} {:>4} {:>7.1f} {:>7.1f}\n", kReportLabelNames[i],
               counts[i].right + counts[i].only_gold, 100 * counts[i].precision(),
               100 * counts[i].recall());
  }
  return counts;
}

void ExpectAtLeast(const std::array<Counts, kReportLabels>& counts, double precision,
                   double recall) {
  for (size_t i = 0; i < kReportLabels; ++i) {
    EXPECT_GE(counts[i].precision(), precision) << kReportLabelNames[i];
    EXPECT_GE(counts[i].recall(), recall) << kReportLabelNames[i];
  }
}

TEST(ReportGold, ChineseWrittenWhileTheRulesWere) {
  ExpectAtLeast(Measure("reports_zh_early.tsv", 200), 0.95, 0.95);
}

TEST(ReportGold, ChineseWrittenAfterTheRulesWereFrozen) {
  ExpectAtLeast(Measure("reports_zh_late.tsv", 200), 0.95, 0.95);
}

TEST(ReportGold, English) {
  ExpectAtLeast(Measure("reports_en.tsv", 200), 0.85, 0.85);
}

}  // namespace
}  // namespace roentgen
