#pragma once

#include <cstddef>
#include <span>

#include "roentgen/training/batches.h"
#include "roentgen/training/step_plan.h"

namespace roentgen {

/// What a run will work through, known before it begins: the figures of --plan.
struct RunPlan {
  size_t rows = 0;
  size_t samples = 0;
  size_t steps = 0;
  size_t steps_per_epoch = 0;
  size_t tokens = 0;           ///< of all samples of all steps
  size_t label_tokens = 0;     ///< the part of them that a loss is taken on
  size_t images = 0;           ///< that samples show, each time it is shown in an epoch
  size_t distinct_images = 0;  ///< that samples show
  size_t longest_sample = 0;   ///< tokens
  size_t passes = 0;           ///< through the model, in all steps
  size_t largest_pass = 0;     ///< tokens that are held at once
  /// Tokens that go through the model in the order asked for, and as they would with
  /// group_by_image: what sharing saves, and what grouping would.
  size_t computed_tokens = 0;
  size_t computed_tokens_grouped = 0;
};

/// Goes through the steps without the model. (Several epochs: the first one counts for each.)
RunPlan PlanRun(std::span<const TrainingRow> rows, const OrderOptions& order,
                const StepOptions& steps, int32_t image_token_id, const PassOptions& passes);

}  // namespace roentgen
