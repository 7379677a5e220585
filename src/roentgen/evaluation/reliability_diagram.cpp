#include "roentgen/evaluation/reliability_diagram.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/evaluation/number_text.h"

namespace roentgen {
namespace {

constexpr double kSide = 200;
constexpr double kMargin = 30;

/// The axis of confidences: from 50 to 100 %, from 0 where an answer took the less likely side.
struct Axis {
  double begin = 0.5;

  explicit Axis(const Calibration& calibration) {
    for (const Calibration::Bin& bin : calibration.bins) {
      if (bin.count > 0 && bin.confidence < 0.5) begin = 0;
    }
  }
  double X(double confidence) const { return kMargin + kSide * (confidence - begin) / (1 - begin); }
};

double Y(double accuracy) {
  return 10 + kSide * (1 - accuracy);
}

std::string Text(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x, y, anchor,
                     text);
}

std::string BinSvg(const Calibration::Bin& bin, const Axis& axis) {
  const double x = axis.X(bin.confidence);
  return fmt::format(
      "<g><title>{} answers: confidence {} %, right {} %; a perfectly calibrated model: {} to {} %"
      "</title><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"8\" height=\"{:.1f}\"/>"
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/></g>",
      bin.count, PercentText(bin.confidence), PercentText(bin.accuracy),
      PercentText(bin.consistent.lower), PercentText(bin.consistent.upper), x - 4,
      Y(bin.consistent.upper), std::max(1.0, Y(bin.consistent.lower) - Y(bin.consistent.upper)), x,
      Y(bin.accuracy));
}

std::string Share(size_t part, size_t whole) {
  return PercentText(static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::string ReliabilityDiagram(const Calibration& calibration) {
  if (calibration.count == 0) return "";
  const Axis axis(calibration);
  std::string svg = fmt::format(
      "<svg class=\"reliability\" viewBox=\"0 0 240 250\" role=\"img\"><title>Accuracy "
      "over confidence</title><path class=\"frame\" d=\"M{0} 10V{1}H{2}\"/>"
      "<path class=\"diagonal\" d=\"M{0} {3}L{2} 10\"/>",
      kMargin, 10 + kSide, kMargin + kSide, Y(axis.begin));
  for (const Calibration::Bin& bin : calibration.bins) {
    if (bin.count > 0) svg += BinSvg(bin, axis);
  }
  for (const int percent : {0, 50, 100}) {
    svg += Text(kMargin - 4, Y(percent / 100.0) + 3, "end", std::to_string(percent));
  }
  for (const double confidence : {axis.begin, (1 + axis.begin) / 2, 1.0}) {
    svg += Text(axis.X(confidence), 22 + kSide, "middle", fmt::format("{:.0f}", 100 * confidence));
  }
  return svg + Text(kMargin + kSide / 2, 36 + kSide, "middle", "confidence, %") +
         Text(kMargin + 4, 18, "start", "right, %") + "</svg>";
}

std::string Describe(const Calibration& calibration) {
  if (calibration.count == 0) return "";
  std::string text = fmt::format(
      "expected error {} % (a perfectly calibrated model: {} %, up to {} %) over {}",
      PercentText(calibration.expected_calibration_error), PercentText(calibration.if_perfect),
      PercentText(calibration.if_perfect_at_most), CountText(calibration.count, "questions"));
  if (calibration.unreadable > 0) {
    text += fmt::format("; {} of them ({} %) answered with neither yes nor no, which is wrong",
                        calibration.unreadable, Share(calibration.unreadable, calibration.count));
  }
  const size_t without = calibration.questions - calibration.count;
  if (without > 0) {
    text += fmt::format("; {} ({} % of all) without a probability",
                        CountText(without, "more yes/no questions"),
                        Share(without, calibration.questions));
  }
  return text;
}

}  // namespace roentgen
