#include "roentgen/evaluation/number_text.h"

#include <fmt/format.h>

#include <cmath>

#include "roentgen/data/svg_chart.h"

namespace roentgen {
namespace {

/// In percent with one decimal; what rounds to 0 has no sign.
double Rounded(double share) {
  const double tenths = std::round(1000 * share);
  return tenths == 0 ? 0 : 100 * share;
}

}  // namespace

std::string PercentText(double share) {
  return fmt::format("{:.1f}", Rounded(share));
}

std::string PercentPointsText(double difference) {
  const double rounded = Rounded(difference);
  return rounded == 0 ? "0.0" : fmt::format("{:+.1f}", rounded);
}

std::string PercentPointsBound(double bound) {
  if (bound == 0 || Rounded(bound) != 0) return PercentPointsText(bound);
  return bound > 0 ? "> 0.0" : "< 0.0";
}

std::string PValueText(double p) {
  return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p);
}

std::string CountText(size_t count, std::string_view plural) {
  if (count == 1) plural.remove_suffix(1);
  return fmt::format("{} {}", Grouped(count), plural);
}

}  // namespace roentgen
