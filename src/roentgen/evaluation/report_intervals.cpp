#include "roentgen/evaluation/report_intervals.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "roentgen/evaluation/student_t.h"
#include "roentgen/evaluation/unit_interval.h"

namespace roentgen {
namespace {

/// What the reports of each unit are worth together; units without one of the chest are left out.
std::vector<ReportSummary> SummariseUnits(std::span<const Example> examples,
                                          const SamplingUnits& units, const Vocabulary& vocabulary,
                                          ThreadPool& pool) {
  std::vector<std::vector<Example>> reports(units.count);
  for (size_t i = 0; i < examples.size(); ++i) {
    if (IsReport(examples[i])) reports[units.of[i]].push_back(examples[i]);
  }
  std::erase_if(reports, [](const std::vector<Example>& of_unit) { return of_unit.empty(); });
  std::vector<ReportSummary> summaries(reports.size());
  pool.ForEach(reports.size(), [&](size_t unit, int /*worker*/) {
    summaries[unit] = SummariseReports(reports[unit], vocabulary);
  });
  std::erase_if(summaries, [](const ReportSummary& summary) { return summary.chest == 0; });
  return summaries;
}

bool StatesNothing(const LabelTable& table) {
  return std::none_of(table.begin(), table.end(),
                      [](const LabelCounts& counts) { return counts.occurs(); });
}

LabelTable Sum(std::span<const LabelTable> tables) {
  LabelTable sum{};
  for (const LabelTable& table : tables) {
    for (size_t label = 0; label < sum.size(); ++label) sum[label] += table[label];
  }
  return sum;
}

/// A table without one of the tables that it is the sum of.
LabelTable Without(LabelTable sum, const LabelTable& table) {
  for (size_t label = 0; label < sum.size(); ++label) {
    sum[label].both -= table[label].both;
    sum[label].only_report -= table[label].only_report;
    sum[label].only_reference -= table[label].only_reference;
  }
  return sum;
}

std::optional<Bounds> MicroInterval(std::span<const LabelTable> units) {
  std::vector<double> scores;
  std::vector<uint32_t> of_unit;
  for (size_t u = 0; u < units.size(); ++u) {
    for (const LabelCounts& counts : units[u]) {
      scores.insert(scores.end(), 2 * counts.both, 1);
      scores.insert(scores.end(), counts.only_report + counts.only_reference, 0);
    }
    of_unit.resize(scores.size(), static_cast<uint32_t>(u));
  }
  return EstimateMean(scores, of_unit).interval;
}

std::optional<Bounds> MacroInterval(std::span<const LabelTable> units) {
  const LabelTable all = Sum(units);
  const auto m = static_cast<double>(units.size());
  std::vector<double> without;
  for (const LabelTable& unit : units) without.push_back(MacroF1(Without(all, unit)));
  const double f1 = MacroF1(all);
  const double mean = std::accumulate(without.begin(), without.end(), 0.0) / m;
  double squares = 0;
  for (const double value : without) squares += (value - mean) * (value - mean);
  const double bias = (m - 1) * (mean - f1);
  const double square_error = (m - 1) / m * squares + bias * bias;
  constexpr double kRounding = 1e-24;  // squared: of values that should be equal
  const double effective = square_error < kRounding ? m : f1 * (1 - f1) / square_error;
  return WilsonBounds(f1, effective, StudentT975(units.size() - 1));
}

}  // namespace

std::optional<std::string> ReportIntervals::F1::missing() const {
  if (micro || units == 0) return std::nullopt;
  return fmt::format("too few reports ({}) for an interval", units);
}

ReportIntervals::F1 MeasureF1Intervals(std::span<const LabelTable> units) {
  std::vector<LabelTable> stating(units.begin(), units.end());
  std::erase_if(stating, StatesNothing);
  ReportIntervals::F1 intervals;
  intervals.units = stating.size();
  if (stating.size() < kFewestReportUnits) return intervals;
  intervals.micro = MicroInterval(stating);
  intervals.macro = MacroInterval(stating);
  return intervals;
}

ReportIntervals MeasureReportIntervals(std::span<const Example> examples,
                                       const SamplingUnits& units, const Vocabulary& vocabulary,
                                       ThreadPool& pool) {
  const std::vector<ReportSummary> reports = SummariseUnits(examples, units, vocabulary, pool);
  const auto measure = [&](LabelTable ReportSummary::*table) {
    std::vector<LabelTable> tables;
    for (const ReportSummary& report : reports) tables.push_back(report.*table);
    return MeasureF1Intervals(tables);
  };
  return {reports.size(), measure(&ReportSummary::present), measure(&ReportSummary::absent),
          measure(&ReportSummary::uncertain)};
}

}  // namespace roentgen
