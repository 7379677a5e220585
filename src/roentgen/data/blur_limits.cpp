#include "roentgen/data/blur_limits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace roentgen {
namespace {

constexpr size_t kEnoughImages = 20;
constexpr size_t kImagesAnOutlier = 20;  // of so many one may be
constexpr size_t kFewOutliers = 2;       // that there may be of fewer, too
constexpr double kDeviations = 4;
constexpr double kDeviationPerMad = 1.4826;  // of a normal distribution

/// Of values in any order; there must be one.
double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double Threshold(const std::vector<double>& blur, double median) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  if (blur.size() < kEnoughImages) return kNone;
  std::vector<double> distances;
  for (const double value : blur) distances.push_back(std::abs(value - median));
  const double deviation = kDeviationPerMad * Median(std::move(distances));
  if (deviation == 0) return kNone;
  const double threshold = median + kDeviations * deviation;
  const auto beyond = static_cast<size_t>(
      std::count_if(blur.begin(), blur.end(), [&](double value) { return value > threshold; }));
  const size_t most = std::max(kFewOutliers, blur.size() / kImagesAnOutlier);
  return beyond > most || threshold >= 1 ? kNone : threshold;
}

}  // namespace

std::vector<BlurLimit> CalibrateBlurLimits(std::span<const ImageFacts> images,
                                           std::span<const uint32_t> same,
                                           std::span<const uint32_t> modality) {
  std::map<uint32_t, std::vector<double>> blur;
  for (uint32_t i = 0; i < images.size(); ++i) {
    if (images[i].problem.empty() && same[i] == i) blur[modality[i]].push_back(images[i].blur);
  }
  std::vector<BlurLimit> limits;
  for (const auto& [number, values] : blur) {
    const double median = Median(values);
    limits.push_back({number, values.size(), median, Threshold(values, median)});
  }
  return limits;
}

}  // namespace roentgen
