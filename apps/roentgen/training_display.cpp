#include "training_display.h"
#include "terminal.h"

#include <fmt/format.h>

#include <cstdio>

#include "roentgen/base/machine_memory.h"

namespace roentgen::app {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::seconds kBetweenLines{10};

std::string StepText(const StepReport& report, double smoothed) {
  const double seconds = std::max(report.seconds, 1e-9);
  return fmt::format(
      "step {}/{}  loss {:.4f}  lr {:.2e}  {:.0f} tokens/s  {:.2f} samples/s  {}  {} left",
      report.step, report.total_steps, smoothed, report.learning_rate,
      static_cast<double>(report.tokens) / seconds, static_cast<double>(report.samples) / seconds,
      SizeText(PeakMemory()), DurationText(report.seconds_left));
}

}  // namespace

void TrainingDisplay::Show(const StepReport& report) {
  constexpr double kPast = 0.9;
  smoothed_ = smoothed_ == 0 ? report.loss : kPast * smoothed_ + (1 - kPast) * report.loss;
  const Clock::time_point now = Clock::now();
  const bool last = report.step == report.total_steps;
  if (StderrIsTerminal()) {
    if (now - last_ >= kRedraw || last) line_.Show(StepText(report, smoothed_));
  } else if (now - last_ >= kBetweenLines || last) {
    Tell("{}\n", StepText(report, smoothed_));
  } else {
    return;
  }
  last_ = now;
}

TrainingListener TrainingDisplay::AsListener() {
  TrainingListener listener;
  listener.progress = line_.AsProgress();
  listener.note = [this](const std::string& text) {
    line_.Clear();
    PrintAside(text);
  };
  listener.step = [this](const StepReport& report) { Show(report); };
  return listener;
}

void PrintEstimate(const PreparedRun& run, const RunEstimate& estimate) {
  const RunPlan& plan = estimate.plan;
  Print("{} samples in {} rows, {} images; {} to evaluate\n", plan.samples, plan.rows,
        plan.distinct_images, run.evaluation_rows().size());
  for (const std::string& rows : run.left_out()) Print("{}\n", rows);
  Print("{} steps, {} an epoch\n", plan.steps, plan.steps_per_epoch);
  Print("{} tokens, {} of them labels; the longest sample has {}\n", plan.tokens, plan.label_tokens,
        plan.longest_sample);
  const auto share = [&](size_t tokens) {
    return 100.0 * static_cast<double>(tokens) / static_cast<double>(plan.tokens);
  };
  Print(
      "{} tokens are computed ({:.0f} %), in {} passes: questions in a step share their "
      "image\n",
      plan.computed_tokens, share(plan.computed_tokens), plan.passes);
  if (plan.computed_tokens_grouped < plan.computed_tokens) {
    Print("with group_by_image: true it would be {} ({:.0f} %)\n", plan.computed_tokens_grouped,
          share(plan.computed_tokens_grouped));
  }
  Print("{} parameters are trained\n", run.parameters().elements());
  Print("memory: weights {}, what is trained with gradients and moments {}, a pass {}\n",
        SizeText(estimate.weight_bytes), SizeText(estimate.trained_bytes),
        SizeText(estimate.pass_bytes));
  Print("measured: {} tokens in {:.2f} s", estimate.measured_tokens, estimate.measured_seconds);
  if (estimate.seconds_per_image > 0) {
    Print(", an image in {:.2f} s", estimate.seconds_per_image);
  }
  Print("\nso about {} in all\n", DurationText(estimate.seconds));
}

}  // namespace roentgen::app
