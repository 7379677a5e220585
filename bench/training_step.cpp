// One training step of a whole model: LoRA on the language model's linears, one sample with the
// features of its image at hand. Prints seconds, the share of the machine's FMA peak that useful
// arithmetic reaches (forward and input gradients; nothing that is computed twice counts twice),
// and the peak memory. Where other programs share the processor, the figure by processor time is
// nearer to what a quiet machine does.
//
//   roentgen_training_step MODEL [TOKENS [STEPS [MEMORY_MB]]]

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <string>

#include "roentgen/base/machine_memory.h"
#include "roentgen/base/random.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/qwen2vl/training_pass.h"

namespace roentgen {
namespace {

constexpr GridThw kGrid{1, 32, 32};  // 448×448: 256 features
constexpr size_t kTargets = 12;      // an answer of some words

float RandomValue(Random& random) {
  return static_cast<float>(2 * random.NextUniform() - 1);
}

TrainingBatch RandomBatch(const ModelConfig& config, size_t tokens) {
  Random random(1);
  const size_t features = MergedTokens(kGrid, config.vision);
  TrainingBatch batch;
  for (size_t i = 0; i < tokens; ++i) {
    const bool image = i >= 16 && i < 16 + features;
    const auto word = static_cast<int32_t>(random.NextBits() % (config.vocab_size / 2));
    batch.ids.push_back(image ? config.image_token_id : word);
  }
  batch.positions = ComputePositions(batch.ids, {&kGrid, 1}, {}, config, 0).tokens;
  batch.segments = {{0, tokens, Segment::kNoParent, true}};
  auto values = std::make_shared<OwnedMatrix>(features, config.hidden_size);
  for (size_t i = 0; i < values->size(); ++i) values->data()[i] = RandomValue(random);
  batch.images = {{kGrid, std::move(values), nullptr}};
  for (size_t i = tokens - kTargets - 1; i + 1 < tokens; ++i) {
    batch.targets.push_back({i, batch.ids[i + 1], 1.0f / kTargets});
  }
  return batch;
}

/// Floating-point operations of the forward pass and of all input gradients, as far as anything
/// depends on them: only targets go through the last perceptron and the head, and below the first
/// layer's keys nothing is trained.
double UsefulOperations(const ModelConfig& config, size_t tokens, size_t targets) {
  const auto width = static_cast<double>(config.hidden_size);
  const auto inside = static_cast<double>(config.intermediate_size);
  const auto key_value = static_cast<double>(config.key_value_width());
  const auto layers = static_cast<double>(config.num_hidden_layers);
  const auto rows = static_cast<double>(tokens);
  const auto looked_at = static_cast<double>(targets);
  const double inputs = width * (width + 2 * key_value);  // q, k, v
  const double output = width * width;
  const double perceptron = 3 * width * inside;
  const double attention = 2 * rows * rows / 2 * width;  // multiply-adds of scores and outputs
  const double forward = layers * (rows * (inputs + output) + attention) +
                         ((layers - 1) * rows + looked_at) * perceptron +
                         looked_at * width * static_cast<double>(config.vocab_size);
  const double backward = forward + layers * attention - rows * inputs;
  return 2 * (forward + backward);
}

struct Clock {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  double cpu = Cpu();

  static double Cpu() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  double WallSeconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  }
  double CpuSeconds() const { return Cpu() - cpu; }
};

void Run(const std::string& spec, size_t tokens, int steps, size_t memory_bytes) {
  ThreadPool pool(PhysicalCores());
  Model model = LoadModel(ResolveModel(spec), {}, AdapterMode::kBeside, pool);
  TrainedParameters parameters = TrainedParameters::NewLora(
      model.weights, LoraSettings(),
      [](const std::string& name) { return name.starts_with("model."); }, pool);
  const TrainingBatch batch = RandomBatch(model.config, tokens);
  TrainingOptions options;
  options.memory_bytes = memory_bytes;
  const PassPlan plan =
      PlanPass(model.config, model.weights, parameters, SizeOf(batch), memory_bytes);
  fmt::print("{} threads, {}; {} trained values; {} of {} layers kept, {:.2f} GB foreseen\n",
             pool.threads(), InstructionSet(), parameters.elements(), plan.kept_layers,
             model.config.num_hidden_layers, static_cast<double>(plan.bytes) * 1e-9);
  const double operations = UsefulOperations(model.config, tokens, batch.targets.size());
  const MemoryReuse reuse;  // as the trainer holds one
  for (int step = 0; step < steps; ++step) {
    const double before = MeasureFmaPeak(pool);
    parameters.ZeroGradients();
    const Clock clock;
    ForwardBackward(model.config, model.weights, batch, options, parameters, pool);
    const double wall = clock.WallSeconds();
    const double cpu = clock.CpuSeconds() / pool.threads();
    const double peak = std::max(before, MeasureFmaPeak(pool));
    fmt::print(
        "step {}: {:.2f} s ({:.2f} s of processor time a thread), {:.1f} of {:.1f} GF/s = {:.1f} "
        "%, "
        "peak memory {:.2f} GB\n",
        step, wall, cpu, operations / wall * 1e-9, peak * 1e-9, 100 * operations / wall / peak,
        static_cast<double>(PeakMemory()) * 1e-9);
  }
}

}  // namespace
}  // namespace roentgen

int main(int count, char** arguments) {
  try {
    const auto number = [&](int index, unsigned long otherwise) {
      return count > index ? std::strtoul(arguments[index], nullptr, 10) : otherwise;
    };
    if (count < 2) {
      fmt::print(stderr, "usage: {} MODEL [TOKENS [STEPS [MEMORY_MB]]]\n", arguments[0]);
      return 2;
    }
    const size_t megabytes = number(4, 0);
    roentgen::Run(arguments[1], number(2, 322), static_cast<int>(number(3, 3)),
                  megabytes == 0 ? SIZE_MAX : megabytes * 1000000);
  } catch (const std::exception& error) {
    fmt::print(stderr, "training_step: {}\n", error.what());
    return 1;
  }
}
