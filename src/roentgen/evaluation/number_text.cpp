#include "roentgen/evaluation/number_text.h"

#include <fmt/format.h>

#include <cmath>

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

std::string PValueText(double p) {
  return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p);
}

}  // namespace roentgen
