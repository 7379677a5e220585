#pragma once

#include <optional>
#include <span>

#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/bootstrap.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/proportion.h"
#include "roentgen/evaluation/sampling_units.h"
#include "roentgen/evaluation/vocabulary.h"

namespace roentgen {

/// 95 % intervals of F1 over report labels, from a bootstrap of units: a mean of labels' F1 is no
/// mean of questions. None for fewer than two units, and where resamples do not differ.
struct ReportIntervals {
  struct F1 {
    std::optional<Bounds> micro;
    std::optional<Bounds> macro;
  };
  size_t units = 0;  ///< with a report of the chest
  F1 present;
  F1 absent;
  F1 uncertain;
};

ReportIntervals MeasureReportIntervals(std::span<const Example> examples,
                                       const SamplingUnits& units, const Vocabulary& vocabulary,
                                       const BootstrapOptions& options, ThreadPool& pool);

}  // namespace roentgen
