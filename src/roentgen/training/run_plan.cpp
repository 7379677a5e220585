#include "roentgen/training/run_plan.h"

#include <algorithm>
#include <set>

namespace roentgen {
namespace {

/// What the passes of some steps come to.
struct Work {
  size_t tokens = 0;
  size_t label_tokens = 0;
  size_t computed_tokens = 0;
  size_t passes = 0;
  size_t largest_pass = 0;

  void Add(const Work& more, size_t times) {
    tokens += times * more.tokens;
    label_tokens += times * more.label_tokens;
    computed_tokens += times * more.computed_tokens;
    passes += times * more.passes;
    largest_pass = std::max(largest_pass, more.largest_pass);
  }
};

Work WorkOf(const StepPlan::Step& step, std::span<const TrainingRow> rows, int32_t image_token_id,
            const PassOptions& options) {
  Work work;
  const std::vector<MicroBatch> batches =
      MicroBatchesOf(step, rows, LossNormalisation::kMicroBatchMean);
  for (const MicroBatch& batch : batches) {
    for (const EncodedSample* sample : batch.samples) {
      work.tokens += sample->ids.size();
      work.label_tokens += sample->LabelTokens();
    }
  }
  for (const Pass& pass : PlanPasses(batches, image_token_id, options)) {
    ++work.passes;
    work.computed_tokens += pass.Tokens();
    work.largest_pass = std::max(work.largest_pass, pass.Tokens());
  }
  return work;
}

/// All steps, each taken for what it is in the first epoch.
Work WorkOf(const StepPlan& plan, std::span<const TrainingRow> rows, int32_t image_token_id,
            const PassOptions& options) {
  Work work;
  for (size_t i = 0; i < std::min(plan.steps_per_epoch(), plan.total_steps()); ++i) {
    const size_t times = (plan.total_steps() - i - 1) / plan.steps_per_epoch() + 1;
    work.Add(WorkOf(plan.At(i), rows, image_token_id, options), times);
  }
  return work;
}

}  // namespace

RunPlan PlanRun(std::span<const TrainingRow> rows, const OrderOptions& order,
                const StepOptions& steps, int32_t image_token_id, const PassOptions& passes) {
  const StepPlan plan(RowOrder(rows, order), steps);
  OrderOptions grouped = order;
  grouped.group_by_image = true;
  const Work work = WorkOf(plan, rows, image_token_id, passes);
  const Work work_grouped =
      WorkOf(StepPlan(RowOrder(rows, grouped), steps), rows, image_token_id, passes);

  RunPlan run;
  run.rows = rows.size();
  run.steps = plan.total_steps();
  run.steps_per_epoch = plan.steps_per_epoch();
  run.tokens = work.tokens;
  run.label_tokens = work.label_tokens;
  run.passes = work.passes;
  run.largest_pass = work.largest_pass;
  run.computed_tokens = work.computed_tokens;
  run.computed_tokens_grouped = work_grouped.computed_tokens;
  std::set<size_t> distinct;
  for (const TrainingRow& row : rows) {
    run.samples += row.size();
    for (const EncodedSample& sample : row) {
      run.images += sample.images.size();
      run.longest_sample = std::max(run.longest_sample, sample.ids.size());
      distinct.insert(sample.images.begin(), sample.images.end());
    }
  }
  run.distinct_images = distinct.size();
  return run;
}

}  // namespace roentgen
