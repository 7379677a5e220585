#include "roentgen/training/run_estimate.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "roentgen/base/machine_memory.h"
#include "roentgen/qwen2vl/training_pass.h"
#include "roentgen/qwen2vl/vision_tower.h"

namespace roentgen {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// What stands for an image while it is measured: zeros cost what features cost.
TrainingImage StandIn(const PreparedRun& run, size_t image) {
  const ImageSet::Entry& entry = run.images()[image];
  const ModelConfig& config = run.model().config;
  const size_t patches = static_cast<size_t>(entry.grid.t) * entry.grid.h * entry.grid.w;
  auto values = run.TrainsVision()
                    ? std::make_shared<OwnedMatrix>(patches, config.vision.patch_values())
                    : std::make_shared<OwnedMatrix>(entry.tokens, config.hidden_size);
  std::fill_n(values->data(), values->size(), 0.0f);
  if (run.TrainsVision()) return {entry.grid, nullptr, std::move(values)};
  return {entry.grid, std::move(values), nullptr};
}

double MeasureImage(const PreparedRun& run, ThreadPool& pool) {
  if (run.TrainsVision() || run.images().size() == 0) return 0;
  const Patches patches = run.images().Load(0);
  const size_t width = run.model().config.vision.patch_values();
  const Clock::time_point begin = Clock::now();
  EncodeVision(run.model().weights.vision, run.model().config.vision,
               {patches.values.data(), patches.values.size() / width, width, width},
               std::span(&patches.grid, 1), pool);
  return SecondsSince(begin);
}

}  // namespace

RunEstimate EstimateRun(PreparedRun& run, ThreadPool& pool, const Progress& progress) {
  RunEstimate estimate;
  estimate.plan = run.Plan();
  Report(progress, "Measuring", 0, 1);
  const ModelConfig& config = run.model().config;
  const std::vector<MicroBatch> micro_batches =
      MicroBatchesOf(run.steps().At(0), run.rows(), run.arguments().normalisation);
  const Pass pass = PlanPasses(micro_batches, config.image_token_id, run.passes()).front();
  const TrainingBatch batch =
      MakeBatch(pass, config, [&](size_t image) { return StandIn(run, image); });
  TrainingOptions options;
  options.lora_dropout = static_cast<float>(run.arguments().lora_dropout);
  options.memory_bytes = AvailableMemory() / 4 * 3;
  const Clock::time_point begin = Clock::now();
  ForwardBackward(config, run.model().weights, batch, options, run.parameters(), pool);
  estimate.measured_seconds = SecondsSince(begin);
  run.parameters().ZeroGradients();
  estimate.measured_tokens = pass.Tokens();
  estimate.seconds_per_image = MeasureImage(run, pool);
  Report(progress, "Measuring", 1, 1);

  PassSize largest = SizeOf(batch);
  largest.tokens = std::max(largest.tokens, estimate.plan.largest_pass);
  estimate.pass_bytes =
      PlanPass(config, run.model().weights, run.parameters(), largest, options).bytes;
  estimate.weight_bytes = MatrixBytes(run.model().weights);
  estimate.trained_bytes = 4 * sizeof(float) * run.parameters().elements();
  estimate.seconds = estimate.measured_seconds *
                         static_cast<double>(estimate.plan.computed_tokens) /
                         static_cast<double>(estimate.measured_tokens) +
                     estimate.seconds_per_image * static_cast<double>(run.images().size());
  return estimate;
}

}  // namespace roentgen
