// The step that `roentgen bench train` measures on one sample.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "bench_train.h"
#include "processor_clock.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/base/random.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/qwen2vl/training_pass.h"
#include "roentgen/tensor/buffer.h"
#include "roentgen/training/optimizer.h"
#include "work_count.h"

namespace roentgen::app {
namespace {

constexpr int kImageSide = 448;
constexpr size_t kTokensBeforeImage = 16;
constexpr size_t kTextTokens = 66;
constexpr size_t kAnswerTokens = 12;

TrainingBatch RandomSample(const ModelConfig& config) {
  Random random(1);
  const auto patches = static_cast<int>(kImageSide / config.vision.patch_size);
  const GridThw grid{1, patches, patches};
  const size_t features = MergedTokens(grid, config.vision);
  const size_t tokens = kTextTokens + features;
  TrainingBatch batch;
  for (size_t i = 0; i < tokens; ++i) {
    const bool image = i >= kTokensBeforeImage && i < kTokensBeforeImage + features;
    // Below every special token, placeholders for images among them.
    const auto word = static_cast<int32_t>(random.NextBits() % (config.vocab_size / 2));
    batch.ids.push_back(image ? config.image_token_id : word);
  }
  batch.positions = ComputePositions(batch.ids, {&grid, 1}, {}, config, 0).tokens;
  batch.segments = {{0, tokens, Segment::kNoParent, true}};
  auto values = std::make_shared<OwnedMatrix>(features, config.hidden_size);
  for (size_t i = 0; i < values->size(); ++i) {
    values->data()[i] = static_cast<float>(2 * random.NextUniform() - 1);
  }
  batch.images = {{grid, std::move(values), nullptr}};
  for (size_t i = tokens - kAnswerTokens - 1; i + 1 < tokens; ++i) {
    batch.targets.push_back({i, batch.ids[i + 1], 1.0f / kAnswerTokens});
  }
  return batch;
}

std::vector<OptimizedTensor> TensorsOf(TrainedParameters& parameters) {
  std::vector<OptimizedTensor> tensors;
  for (TrainedTensor& tensor : parameters.tensors()) {
    tensors.push_back({tensor.name,
                       tensor.values,
                       {tensor.gradient.data(), tensor.gradient.size()},
                       tensor.decays});
  }
  return tensors;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

StepFigures MeasureTrainingStep(const TrainBenchOptions& options, ThreadPool& pool,
                                const Progress& progress) {
  Model model = LoadModel(ResolveModel(options.model), {}, AdapterMode::kBeside, pool, progress);
  TrainedParameters parameters = TrainedParameters::NewLora(
      model.weights, LoraSettings(),
      [](const std::string& name) { return !name.starts_with("visual."); }, pool);
  AdamW optimizer(TensorsOf(parameters), AdamWOptions());
  const TrainingBatch batch = RandomSample(model.config);
  TrainingOptions pass;
  pass.memory_bytes = AvailableMemory() / 4 * 3;  // as the trainer

  StepFigures figures;
  figures.tokens = batch.ids.size();
  figures.trained_values = parameters.elements();
  figures.kept_layers =
      PlanPass(model.config, model.weights, parameters, SizeOf(batch), pass).kept_layers;
  figures.operations = TrainingOperations(model.config, batch.ids.size(), batch.targets.size());

  const MemoryReuse reuse;
  std::vector<double> wall;
  std::vector<double> processor;
  for (int run = 0; run <= options.runs; ++run) {
    Report(progress, "Training steps", static_cast<size_t>(run),
           static_cast<size_t>(options.runs) + 1);
    figures.fma_peak = std::max(figures.fma_peak, MeasureFmaPeak(pool));
    const ProcessorClock clock;
    parameters.ZeroGradients();
    ForwardBackward(model.config, model.weights, batch, pass, parameters, pool);
    const double norm = GradientNorm(optimizer.tensors(), pool);
    optimizer.Step(1e-4, ClipFactor(norm, 1), pool);
    parameters.ValuesChanged(model.weights, pool);
    if (run == 0) continue;  // it touches memory for the first time
    wall.push_back(clock.WallSeconds());
    processor.push_back(clock.ProcessorSeconds() / pool.threads());
  }
  figures.fma_peak = std::max(figures.fma_peak, MeasureFmaPeak(pool));
  figures.seconds = Median(std::move(wall));
  figures.processor_seconds = Median(std::move(processor));
  figures.peak_memory_bytes = PeakMemory();
  return figures;
}

}  // namespace roentgen::app
