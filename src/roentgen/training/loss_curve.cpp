#include "roentgen/training/loss_curve.h"

#include <cmath>

#include "roentgen/base/output.h"
#include "roentgen/training/line_chart.h"

namespace roentgen {
namespace {

constexpr const char* kSvg = "training_loss.svg";
constexpr const char* kPng = "training_loss.png";

}  // namespace

std::vector<double> SmoothLosses(std::span<const double> losses) {
  std::vector<double> smooth;
  if (losses.empty()) return smooth;
  const auto count = static_cast<double>(losses.size());
  const double weight = 1.8 * (1 / (1 + std::exp(-0.05 * count)) - 0.5);
  double last = losses.front();
  for (const double loss : losses) {
    last = last * weight + (1 - weight) * loss;
    smooth.push_back(last);
  }
  return smooth;
}

void PlotLosses(const TrainingLog& log, const std::filesystem::path& output_dir) {
  const TrainingLog::Curve training = log.TrainingCurve();
  if (training.steps.empty()) return;
  LineChart chart{"training loss", "step", "loss", {}};
  chart.lines.push_back({"loss", training.steps, training.losses, "#1f77b4", 0.4});
  chart.lines.push_back({"smoothed", training.steps, SmoothLosses(training.losses), "#1f77b4", 1});
  const TrainingLog::Curve evaluation = log.EvaluationCurve();
  if (!evaluation.steps.empty()) {
    chart.lines.push_back({"evaluation", evaluation.steps, evaluation.losses, "#d62728", 1});
  }
  WriteFile(output_dir / kSvg, ChartAsSvg(chart));
  SaveChartAsPng(chart, output_dir / kPng);
}

std::set<std::string> PlotFiles() {
  return {kSvg, kPng};
}

}  // namespace roentgen
