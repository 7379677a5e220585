#include "roentgen/evaluation/calibration.h"

#include <algorithm>
#include <cmath>

#include "roentgen/language/answer.h"

namespace roentgen {

Calibration MeasureCalibration(std::span<const Example> examples) {
  Calibration result;
  const auto bins = static_cast<double>(result.bins.size());
  for (const Example& example : examples) {
    const std::optional<bool> truth = YesOrNo(example.reference);
    if (!truth || !example.probability_yes) continue;
    const bool says_yes = *example.probability_yes >= 0.5;
    const double confidence = says_yes ? *example.probability_yes : 1 - *example.probability_yes;
    const auto place = static_cast<size_t>((confidence - 0.5) * 2 * bins);
    Calibration::Bin& bin = result.bins[std::min(place, result.bins.size() - 1)];
    ++result.count;
    ++bin.count;
    bin.confidence += confidence;
    bin.accuracy += says_yes == *truth ? 1 : 0;
  }
  for (Calibration::Bin& bin : result.bins) {
    if (bin.count == 0) continue;
    const auto count = static_cast<double>(bin.count);
    result.expected_calibration_error +=
        std::abs(bin.accuracy - bin.confidence) / static_cast<double>(result.count);
    bin.confidence /= count;
    bin.accuracy /= count;
  }
  return result;
}

}  // namespace roentgen
