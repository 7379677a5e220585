#include "roentgen/training/loss_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/training_pass.h"
#include "roentgen/tensor/buffer.h"
#include "roentgen/training/batches.h"
#include "roentgen/training/output_files.h"

namespace roentgen {

ImageSource PatchesOf(const PreparedRun& run) {
  return [&run](size_t image) -> TrainingImage {
    const Patches patches = run.images().Load(image);
    const size_t width = run.model().config.vision.patch_values();
    auto rows = std::make_shared<OwnedMatrix>(patches.values.size() / width, width);
    std::copy(patches.values.begin(), patches.values.end(), rows->data());
    return {patches.grid, nullptr, std::move(rows)};
  };
}

EvaluationEntry EvaluateLoss(const PreparedRun& run, const ImageSource& images, ThreadPool& pool,
                             const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const ModelConfig& config = run.model().config;
  const std::vector<MicroBatch> micro_batches =
      EvaluationBatches(run.evaluation_rows(), run.arguments().per_device_eval_batch_size);
  const std::vector<Pass> passes = PlanPasses(micro_batches, config.image_token_id, run.passes());
  double loss = 0;
  for (size_t i = 0; i < passes.size(); ++i) {
    Report(progress, "Evaluating", i, passes.size());
    const TrainingBatch batch = MakeBatch(passes[i], config, images);
    const std::vector<float> losses = ForwardLoss(config, run.model().weights, batch, pool);
    for (size_t t = 0; t < losses.size(); ++t) loss += batch.targets[t].weight * losses[t];
  }
  Report(progress, "Evaluating", 1, 1);
  EvaluationEntry entry;
  entry.loss = loss;
  entry.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  entry.samples = run.evaluation_rows().size();
  entry.batches = micro_batches.size();
  return entry;
}

EvaluationEntry EvaluateAlone(const PreparedRun& run, ThreadPool& pool, const Progress& progress) {
  if (run.evaluation_rows().empty()) {
    throw Error(
        fmt::format("{}: no row is left to evaluate on", run.arguments().dataset_dir.string()));
  }
  ClaimEvaluationFiles(run.arguments());
  const EvaluationEntry entry = EvaluateLoss(run, PatchesOf(run), pool, progress);
  WriteEvaluationResults(run.arguments().output_dir, entry);
  SealFiles(ClaimOf(run.arguments(), EvaluationFiles()));
  return entry;
}

}  // namespace roentgen
