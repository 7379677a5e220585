#pragma once

#include "roentgen/training/run_estimate.h"
#include "roentgen/training/trainer.h"
#include "terminal.h"

namespace roentgen::app {

/// What a person sees of a training run, on standard error: on a terminal one line that is drawn
/// again and again, elsewhere a line now and then.
class TrainingDisplay {
 public:
  TrainingListener AsListener();
  void Clear() { line_.Clear(); }

 private:
  using Clock = std::chrono::steady_clock;
  void Show(const StepReport& report);

  ProgressLine line_;
  double smoothed_ = 0;
  Clock::time_point last_;
};

/// The plan of --plan, on standard output.
void PrintEstimate(const PreparedRun& run, const RunEstimate& estimate);

}  // namespace roentgen::app
