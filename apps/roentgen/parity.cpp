#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "commands.h"
#include "model_options.h"
#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/inference/sampler.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "roentgen/tensor/safetensors.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct ParityOptions {
  ModelOptions model;
  std::filesystem::path reference;
};

// Some ten times what float32 itself differs from float64 on such a model; a mistake costs more.
constexpr double kFeatureTolerance = 1e-4;
constexpr double kLogitTolerance = 1e-4;

/// A stored run of another implementation: inputs, features, logits and greedy tokens of one prompt
/// with one picture.
class StoredRun {
 public:
  explicit StoredRun(const std::filesystem::path& path)
      : tensors_(path), json_(ReadJsonFile(JsonPath(path), size_t{16} << 20), path.string()) {
    const JsonObject greedy = json_.Object("greedy");
    tokens_ = greedy.Get<std::vector<int32_t>>("tokens");
  }

  std::vector<int32_t> Ids() const { return json_.Get<std::vector<int32_t>>("input_ids"); }
  const std::vector<int32_t>& tokens() const { return tokens_; }

  GridThw Grid() const {
    const TensorView& tensor = tensors_.At("image_grid_thw");
    int64_t values[3];
    if (tensor.dtype != DType::kI64 || tensor.elements() != 3) {
      throw Error(tensors_.path().string() + ": expected one image_grid_thw of type I64");
    }
    std::memcpy(values, tensor.data.data(), sizeof(values));
    return {static_cast<int>(values[0]), static_cast<int>(values[1]), static_cast<int>(values[2])};
  }

  std::vector<float> Floats(const std::string& name) const { return ToFloats(tensors_.At(name)); }

 private:
  static std::filesystem::path JsonPath(std::filesystem::path path) {
    return path.replace_extension(".json");
  }

  Safetensors tensors_;
  JsonObject json_;
  std::vector<int32_t> tokens_;
};

double LargestDifference(std::span<const float> ours, std::span<const float> stored) {
  if (ours.size() != stored.size()) {
    throw Error(fmt::format("{} values where the reference has {}", ours.size(), stored.size()));
  }
  double largest = 0;
  for (size_t i = 0; i < ours.size(); ++i) {
    const double difference = std::abs(static_cast<double>(ours[i]) - stored[i]);
    if (!(difference <= largest)) largest = difference;  // NaN stays
  }
  return largest;
}

/// Prints one line of the comparison; false when the difference is not allowed.
bool Judge(const std::string& what, double difference, double allowed) {
  const bool good = difference <= allowed;
  Print("{:<26} {:>9.1e}  allowed {:.0e}  {}\n", what, difference, allowed,
        good ? "equal" : "DIFFERENT");
  return good;
}

bool CompareTokens(Sequence& sequence, const std::vector<int32_t>& stored) {
  Sampler greedy({}, 0);
  size_t equal = 0;
  std::string shown;
  for (size_t i = 0; i < stored.size(); ++i) {
    const int32_t token = greedy.Next(sequence.logits(), {});
    equal += token == stored[i] ? 1 : 0;
    if (i < 12) shown += fmt::format(" {}", token);
    sequence.Append({&stored[i], 1}, {});
  }
  Print("{:<26} {} of {}\n", "greedy tokens equal", equal, stored.size());
  Print("  ours{}{}\n", shown, stored.size() > 12 ? " …" : "");
  return equal == stored.size();
}

int RunParity(const ParityOptions& options) {
  ThreadPool pool(options.model.threads);
  const Model model = options.model.Load(pool, {});
  const StoredRun stored(options.reference);

  const std::vector<float> pixels = stored.Floats("pixel_values");
  const GridThw grid = stored.Grid();
  const size_t width = model.config.vision.patch_values();
  const ConstMatrix patches{pixels.data(), pixels.size() / width, width, width};
  const auto features = std::make_shared<const OwnedMatrix>(
      EncodeVision(model.weights.vision, model.config.vision, patches, {&grid, 1}, pool));
  Sequence sequence(model, pool);
  sequence.Append(stored.Ids(), std::vector<VisualFeatures>{{grid, features}});

  const std::vector<float> logits = stored.Floats("logits");
  const std::span<const float> last =
      std::span(logits).last(std::min(logits.size(), model.config.vocab_size));
  bool equal =
      Judge("image features",
            LargestDifference({features->data(), features->size()}, stored.Floats("vision.merger")),
            kFeatureTolerance);
  equal = Judge("logits", LargestDifference(sequence.logits(), last), kLogitTolerance) && equal;
  equal = CompareTokens(sequence, stored.tokens()) && equal;
  return equal ? kDone : kFailed;
}

}  // namespace

void AddParity(CLI::App& inspect, Run& run) {
  auto options = std::make_shared<ParityOptions>();
  CLI::App* command =
      inspect.add_subcommand("parity", "Compare with a stored run of another implementation");
  command
      ->add_option(
          "reference", options->reference,
          "CASE.safetensors with pixel_values, vision.merger and logits; CASE.json beside\n"
          "it with input_ids and greedy tokens")
      ->required();
  options->model.AddTo(*command);
  command->callback([options, &run] { run = [options] { return RunParity(*options); }; });
}

}  // namespace roentgen::app
