#include "roentgen/evaluation/calibration.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "roentgen/base/random.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

constexpr size_t kBins = Calibration::kBins;

size_t BinOf(double confidence) {
  // Counted from 0.5, where bins of greedy answers begin, so that rounding puts none below it.
  const double place = std::floor((confidence - 0.5) * kBins) + kBins / 2.0;
  return static_cast<size_t>(std::clamp(place, 0.0, kBins - 1.0));
}

/// The answers whose confidence is known, by bins, with sums in place of means.
using Confidences = std::array<std::vector<double>, kBins>;

Confidences Collect(std::span<const Example> examples, Calibration& sums) {
  Confidences confidences;
  for (const Example& example : examples) {
    const std::optional<bool> truth = YesOrNo(example.reference);
    if (!truth) continue;
    ++sums.questions;
    if (!example.probability_yes) continue;
    const std::optional<bool> said = SideTaken(example.prediction);
    const double yes = *example.probability_yes;
    const double confidence = said.value_or(yes >= 0.5) ? yes : 1 - yes;
    Calibration::Bin& bin = sums.bins[BinOf(confidence)];
    ++sums.count;
    sums.unreadable += said ? 0 : 1;
    ++bin.count;
    bin.confidence += confidence;
    bin.accuracy += said == truth ? 1 : 0;
    confidences[BinOf(confidence)].push_back(confidence);
  }
  return confidences;
}

/// The quantile of values, which are reordered: as many of them lie below as its share says.
double QuantileOf(std::vector<double>& values, double share) {
  const auto place =
      static_cast<size_t>(std::lround(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(place), values.end());
  return values[place];
}

/// Draws right and wrong answers as the confidences say.
void DrawPerfectModels(const Confidences& confidences, uint64_t seed, size_t drawings,
                       Calibration& result) {
  Random random(seed);
  const auto n = static_cast<double>(result.count);
  std::vector<double> errors(drawings, 0);
  for (size_t b = 0; b < kBins; ++b) {
    Calibration::Bin& bin = result.bins[b];
    if (bin.count == 0) continue;
    std::vector<double> accuracies(drawings);
    for (size_t drawing = 0; drawing < drawings; ++drawing) {
      double right = 0;
      for (const double confidence : confidences[b]) {
        right += random.NextUniform() < confidence ? 1 : 0;
      }
      const auto count = static_cast<double>(bin.count);
      accuracies[drawing] = right / count;
      errors[drawing] += std::abs(right - bin.confidence * count) / n;
    }
    bin.consistent = {QuantileOf(accuracies, 0.025), QuantileOf(accuracies, 0.975)};
  }
  for (const double error : errors) result.if_perfect += error / static_cast<double>(drawings);
  result.if_perfect_at_most = QuantileOf(errors, 0.95);
}

}  // namespace

Calibration MeasureCalibration(std::span<const Example> examples, uint64_t seed, size_t drawings) {
  Calibration result;
  const Confidences confidences = Collect(examples, result);
  if (result.count == 0) return result;
  for (Calibration::Bin& bin : result.bins) {
    if (bin.count == 0) continue;
    const auto count = static_cast<double>(bin.count);
    result.expected_calibration_error +=
        std::abs(bin.accuracy - bin.confidence) / static_cast<double>(result.count);
    bin.confidence /= count;
    bin.accuracy /= count;
  }
  DrawPerfectModels(confidences, seed, drawings, result);
  return result;
}

}  // namespace roentgen
