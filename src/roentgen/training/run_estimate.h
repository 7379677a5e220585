#pragma once

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/training/prepared_run.h"

namespace roentgen {

/// What a run will take, measured from one pass before hours are spent.
struct RunEstimate {
  RunPlan plan;
  size_t measured_tokens = 0;  ///< of the pass that was run
  double measured_seconds = 0;
  double seconds_per_image = 0;  ///< of the vision tower, where it is frozen
  double seconds = 0;            ///< of the whole run
  size_t weight_bytes = 0;       ///< the model's matrices, as they are held
  size_t pass_bytes = 0;         ///< the largest pass beyond weights and what is trained
  size_t trained_bytes = 0;      ///< values, gradients and moments
};

/// Runs the first pass of the run, forward and back, without changing anything that is trained, and
/// encodes one image where features are computed once.
RunEstimate EstimateRun(PreparedRun& run, ThreadPool& pool, const Progress& progress);

}  // namespace roentgen
