#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/proportion.h"
#include "roentgen/evaluation/report_quality.h"
#include "roentgen/evaluation/sampling_units.h"
#include "roentgen/evaluation/vocabulary.h"

namespace roentgen {

/// The fewest units for an interval of F1 over report labels: with fewer it would span most of the
/// scale.
inline constexpr size_t kFewestReportUnits = 5;

/// 95 % intervals by unit of F1 over report labels.
///
/// Over all labels F1 = 2 both / (2 both + the others) is a mean, to which EstimateMean applies.
/// The labels' mean is none, and low where labels are rare: its interval is the same formula of
/// Wilson with SE² = jackknife variance + jackknife bias² (Quenouille 1956; Efron & Stein 1981) and
/// Student's t. Chosen by simulation (tests/evaluation/report_intervals_test.cpp): from five units
/// on these hold the truth in 92 to 99 % of cases, the least where labels are rare; a bootstrap of
/// 3 to 20 units does in 82 to 92 %.
struct ReportIntervals {
  struct F1 {
    size_t units = 0;  ///< in which a report or reference states something; 0: F1 has no value
    std::optional<Bounds> micro;
    std::optional<Bounds> macro;

    /// "too few reports (3) for an interval", reports of one unit counted once; nothing otherwise.
    std::optional<std::string> missing() const;
  };
  size_t units = 0;  ///< with a report of the chest
  F1 present;
  F1 absent;
  F1 uncertain;
};

ReportIntervals MeasureReportIntervals(std::span<const Example> examples,
                                       const SamplingUnits& units, const Vocabulary& vocabulary,
                                       ThreadPool& pool);

/// The intervals of one table.
///
/// units  the counts of each unit; those that state nothing are left out
ReportIntervals::F1 MeasureF1Intervals(std::span<const LabelTable> units);

}  // namespace roentgen
