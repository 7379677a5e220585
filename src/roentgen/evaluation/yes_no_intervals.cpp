#include "roentgen/evaluation/yes_no_intervals.h"

#include <vector>

#include "roentgen/evaluation/unit_interval.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

/// Hits and misses with their units.
class Share {
 public:
  void Add(bool hit, uint32_t unit) {
    scores_.push_back(hit ? 1 : 0);
    units_.push_back(unit);
  }
  UnitMean Mean() const { return scores_.empty() ? UnitMean() : EstimateMean(scores_, units_); }
  std::optional<Bounds> Interval() const { return Mean().interval; }

 private:
  std::vector<double> scores_;
  std::vector<uint32_t> units_;
};

}  // namespace

YesNoIntervals MeasureYesNoIntervals(std::span<const Example> examples,
                                     const SamplingUnits& units) {
  Share accuracy;
  Share precision;
  Share recall;
  Share f1;
  Share yes_ratio;
  Share false_positive_rate;
  for (size_t i = 0; i < examples.size(); ++i) {
    const std::optional<bool> truth = YesOrNo(examples[i].reference);
    if (!truth) continue;
    const uint32_t unit = units.of[i];
    const std::optional<bool> said = SideTaken(examples[i].prediction);
    const bool says_yes = said == true;
    accuracy.Add(said == truth, unit);
    yes_ratio.Add(says_yes, unit);
    if (says_yes) precision.Add(*truth, unit);
    if (*truth) recall.Add(says_yes, unit);
    if (!*truth && said) false_positive_rate.Add(says_yes, unit);
    if (!*truth && !says_yes) continue;
    f1.Add(*truth && says_yes, unit);
    if (*truth && says_yes) f1.Add(true, unit);
  }
  return {
      accuracy.Mean().units, accuracy.Interval(),  precision.Interval(),          recall.Interval(),
      f1.Interval(),         yes_ratio.Interval(), false_positive_rate.Interval()};
}

}  // namespace roentgen
