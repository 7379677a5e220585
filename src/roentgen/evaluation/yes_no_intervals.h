#pragma once

#include <optional>
#include <span>

#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/proportion.h"
#include "roentgen/evaluation/sampling_units.h"

namespace roentgen {

/// 95 % intervals of what a YesNoTable tells, by unit; none where there are fewer than two.
struct YesNoIntervals {
  size_t units = 0;  ///< with such a question
  std::optional<Bounds> accuracy;
  std::optional<Bounds> precision;
  std::optional<Bounds> recall;
  std::optional<Bounds> f1;
  std::optional<Bounds> yes_ratio;
  std::optional<Bounds> false_positive_rate;
};

/// Of the examples whose reference is yes or no, by SideTaken. All are means, to which
/// EstimateMean applies: F1 = 2 TP / (2 TP + FP + FN) is one too, over twice the true positives and
/// once each error.
YesNoIntervals MeasureYesNoIntervals(std::span<const Example> examples, const SamplingUnits& units);

}  // namespace roentgen
