#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/training/prepared_run.h"
#include "roentgen/training/training_log.h"

namespace roentgen {

/// A step that was just done.
struct StepReport {
  size_t step = 0;  ///< from 1
  size_t total_steps = 0;
  double loss = 0;
  double learning_rate = 0;
  size_t tokens = 0;   ///< gone through since the run, or this part of it, began
  size_t samples = 0;  ///< likewise
  double seconds = 0;  ///< likewise
  double seconds_left = 0;
};

struct TrainingListener {
  Progress progress;                             ///< what comes before and beside the steps
  std::function<void(const std::string&)> note;  ///< what the user should know
  std::function<void(const StepReport&)> step;
};

struct TrainingResult {
  TrainSummary summary;
  bool stopped = false;  ///< on request: a checkpoint was saved, and the run can be resumed
};

/// Trains as the arguments say and writes what LLaMA-Factory writes into output_dir: the adapter or
/// model, checkpoints, logs, loss curves. Goes on from the last whole checkpoint of output_dir, if
/// there is one; the result is the same, bit for bit, as that of a run that was never interrupted.
/// Two kinds of run are gone on with as Transformers does, but do not end like that: one whose
/// checkpoint has no optimiser (save_only_model), which begins anew, and one that now has more
/// steps, whose learning rate is that of the new length from there on.
///
/// Other settings of the steps (SettingsOfSteps) are noted and count from the next step on.
///
/// Throws Error when output_dir holds another run's result or checkpoint, or one whose weights mean
/// something else under these settings (SettingsOfWeights), when it holds another
/// program's checkpoints, which are never touched, when something cannot be written, or when a loss
/// or gradient is not finite: the last checkpoint stays. When stop is triggered, the step in hand
/// is dropped and a checkpoint is saved.
TrainingResult Train(PreparedRun& run, ThreadPool& pool, const TrainingListener& listener,
                     const std::stop_token& stop);

}  // namespace roentgen
