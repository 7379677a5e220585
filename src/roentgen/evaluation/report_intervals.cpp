#include "roentgen/evaluation/report_intervals.h"

#include <algorithm>
#include <vector>

#include "roentgen/evaluation/report_quality.h"

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

std::optional<Bounds> Interval(const std::vector<ReportSummary>& units,
                               LabelTable ReportSummary::*table, double (*f1)(const LabelTable&),
                               const BootstrapOptions& options, ThreadPool& pool) {
  const auto statistic = [&](std::span<const uint32_t> drawn) {
    LabelTable sum{};
    for (const uint32_t unit : drawn) {
      for (size_t label = 0; label < sum.size(); ++label) sum[label] += (units[unit].*table)[label];
    }
    return f1(sum);
  };
  const MeanInterval interval = BootstrapUnits(units.size(), statistic, options, pool);
  if (interval.lower == interval.upper) return std::nullopt;
  return Bounds{interval.lower, interval.upper};
}

}  // namespace

ReportIntervals MeasureReportIntervals(std::span<const Example> examples,
                                       const SamplingUnits& units, const Vocabulary& vocabulary,
                                       const BootstrapOptions& options, ThreadPool& pool) {
  const std::vector<ReportSummary> reports = SummariseUnits(examples, units, vocabulary, pool);
  ReportIntervals intervals;
  intervals.units = reports.size();
  if (reports.size() < 2) return intervals;
  const auto measure = [&](LabelTable ReportSummary::*table) {
    return ReportIntervals::F1{Interval(reports, table, MicroF1, options, pool),
                               Interval(reports, table, MacroF1, options, pool)};
  };
  intervals.present = measure(&ReportSummary::present);
  intervals.absent = measure(&ReportSummary::absent);
  intervals.uncertain = measure(&ReportSummary::uncertain);
  return intervals;
}

}  // namespace roentgen
