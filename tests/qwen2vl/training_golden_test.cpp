// Gradients and whole training runs against PyTorch, Transformers and PEFT: golden/train.

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "roentgen/base/files.h"
#include "roentgen/qwen2vl/names.h"
#include "roentgen/qwen2vl/quantize.h"
#include "roentgen/qwen2vl/training_pass.h"
#include "support/golden.h"
#include "support/paths.h"
#include "support/training_cases.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

// golden/train/README.md, "Tolerances": some ten times what float32 differs from float64 there.
constexpr double kLossTolerance = 3e-6;
constexpr double kGradientTolerance = 5e-5;
constexpr double kNormTolerance = 5e-5;
constexpr double kRunTolerance = 5e-4;
constexpr double kTensorOfRunTolerance = 1e-2;
constexpr size_t kMaxJson = size_t{16} << 20;

ThreadPool& Pool() {
  static ThreadPool pool(2);
  return pool;
}

fs::path Train() {
  return test::GoldenRoot() / "train";
}

/// An adapter tensor's name in a PEFT file as ours: published, without the prefix.
std::string OurName(std::string name) {
  constexpr std::string_view kPrefix = "base_model.model.";
  if (name.starts_with(kPrefix)) name = PublishedName(name.substr(kPrefix.size()));
  return name;
}

struct Difference {
  double squares = 0;
  double reference = 0;
  double largest = 0;
  double largest_reference = 0;

  void Add(double ours, double theirs) {
    squares += (ours - theirs) * (ours - theirs);
    reference += theirs * theirs;
    largest = std::max(largest, std::abs(ours - theirs));
    largest_reference = std::max(largest_reference, std::abs(theirs));
  }
  double Rms() const { return std::sqrt(squares / reference); }
};

void ExpectGradient(const std::string& name, const float* ours, const TensorView& tensor) {
  const std::vector<float> theirs = ToFloats(tensor);
  Difference difference;
  for (size_t i = 0; i < theirs.size(); ++i) difference.Add(ours[i], theirs[i]);
  EXPECT_LE(difference.Rms(), kGradientTolerance) << name;
  EXPECT_LE(difference.largest, kGradientTolerance * difference.largest_reference) << name;
}

/// Checks one file of golden/train/grads: loss, image features, every gradient.
void CheckGradients(const std::string& name, const ModelConfig& config, const ModelWeights& weights,
                    const TrainingBatch& batch, const TrainedParameters& parameters,
                    const TrainingOptions& options = {}) {
  SCOPED_TRACE(name);
  const Json facts = ReadJsonFile(Train() / "grads" / "grads.json", kMaxJson).at(name);
  const Safetensors file(Train() / "grads" / (name + ".safetensors"));
  size_t shown = 0;
  const std::vector<float> nll =
      ForwardBackward(config, weights, batch, options, parameters, Pool(),
                      [&](const std::string& what, ConstMatrix value) {
                        const TensorView* expected = file.Find(what);
                        if (expected == nullptr) return;
                        ++shown;
                        if (what == "image_features") {
                          test::ExpectClose(what, value, *expected, 3e-5);
                        } else {
                          ExpectGradient(what, value.data, *expected);
                        }
                      });
  EXPECT_EQ(shown, batch.images.empty() ? 0u : 2u);
  const double loss = facts.at("loss_f64").get<double>();
  EXPECT_NEAR(test::Loss(batch, nll), loss, kLossTolerance * loss);

  std::map<std::string, const TrainedTensor*> ours;
  for (const TrainedTensor& tensor : parameters.tensors()) ours[tensor.name] = &tensor;
  size_t compared = 0;
  for (const auto& [key, tensor] : file.tensors()) {
    if (!key.starts_with("grad.") || key == "grad.image_features") continue;
    const std::string own = OurName(key.substr(5));
    ASSERT_TRUE(ours.contains(own)) << own;
    EXPECT_EQ(ours[own]->shape, tensor.shape);
    ExpectGradient(own, ours[own]->gradient.data(), tensor);
    ours.erase(own);
    ++compared;
  }
  EXPECT_GT(compared, 0u);
  for (const auto& [own, tensor] : ours) {  // of the vision tower, where there is no image
    EXPECT_TRUE(batch.images.empty()) << own;
    const float* const gradient = tensor->gradient.data();
    EXPECT_EQ(std::count(gradient, gradient + tensor->gradient.size(), 0.0f),
              static_cast<std::ptrdiff_t>(tensor->gradient.size()))
        << own;
  }
}

TEST(TrainingGolden, FullGradientsEqualPyTorch) {
  ROENTGEN_NEED(Train() / "grads" / "grads.json");
  const test::TrainingSamples samples(Train());
  for (const auto& [name, sample] : {std::pair("full_one", 0), std::pair("full_two", 2)}) {
    ModelWeights weights = samples.Weights();
    const TrainedParameters parameters = TrainedParameters::OfModel(
        weights, samples.config(), [](const std::string&) { return true; });
    CheckGradients(name, samples.config(), weights,
                   samples.Batch({static_cast<size_t>(sample)}, false), parameters);
  }
}

TEST(TrainingGolden, LoraGradientsEqualPeft) {
  ROENTGEN_NEED(Train() / "grads" / "grads.json");
  const test::TrainingSamples samples(Train());
  const std::pair<const char*, std::vector<size_t>> cases[] = {
      {"lora_one", {0}}, {"lora_two", {2}}, {"lora_text", {5}}, {"lora_padded", {4, 5}}};
  for (const auto& [name, list] : cases) {
    for (const size_t memory : {SIZE_MAX, size_t{0}}) {  // kept and computed again
      ModelWeights weights = samples.Weights();
      const TrainedParameters parameters = TrainedParameters::FromAdapter(
          weights, samples.config(), Train() / "grads" / "lora_adapter", Pool());
      TrainingOptions options;
      options.memory_bytes = memory;
      CheckGradients(name, samples.config(), weights, samples.Batch(list, false), parameters,
                     options);
    }
  }
}

/// The trained tensors that a run starts with.
TrainedParameters StartRun(const fs::path& folder, const Json& run, const ModelConfig& config,
                           ModelWeights& weights) {
  if (run.at("type") == "lora") {
    return TrainedParameters::FromAdapter(weights, config, folder / "init", Pool());
  }
  const auto frozen = run.value("frozen", std::vector<std::string>());
  const auto only = run.value("only", std::vector<std::string>());
  return TrainedParameters::OfModel(weights, config, [&](const std::string& name) {
    for (const std::string& part : frozen) {
      if (name.find(part) != std::string::npos) return false;
    }
    for (const std::string& part : only) {
      if (name.find(part) == std::string::npos) return false;
    }
    return true;
  });
}

using Values = std::map<std::string, std::vector<float>>;

Values ValuesOf(const TrainedParameters& parameters) {
  Values values;
  for (const TrainedTensor& tensor : parameters.tensors()) {
    values[tensor.name].assign(tensor.values.begin(), tensor.values.end());
  }
  return values;
}

void ExpectFinal(const fs::path& folder, const Values& before, const Values& after) {
  const bool adapter = fs::exists(folder / "final");
  const Safetensors file(adapter ? folder / "final" / "adapter_model.safetensors"
                                 : folder / "final.safetensors");
  double squares = 0;
  double updates = 0;
  for (const auto& [key, tensor] : file.tensors()) {
    const std::string name = OurName(key);
    ASSERT_TRUE(after.contains(name)) << name;
    const std::vector<float> theirs = ToFloats(tensor);
    double own_squares = 0;
    double own_updates = 0;
    for (size_t i = 0; i < theirs.size(); ++i) {
      own_squares += std::pow(static_cast<double>(after.at(name)[i]) - theirs[i], 2);
      own_updates += std::pow(static_cast<double>(theirs[i]) - before.at(name)[i], 2);
    }
    EXPECT_LE(std::sqrt(own_squares / own_updates), kTensorOfRunTolerance) << name;
    squares += own_squares;
    updates += own_updates;
  }
  EXPECT_EQ(file.tensors().size(), after.size());
  EXPECT_LE(std::sqrt(squares / updates), kRunTolerance);
}

/// One step's micro-batches; returns their losses.
std::vector<double> Accumulate(const test::TrainingSamples& samples, const ModelWeights& weights,
                               const TrainedParameters& parameters,
                               const std::vector<std::vector<size_t>>& step, bool vision,
                               bool by_items) {
  std::vector<TrainingBatch> batches;
  size_t items = 0;
  for (const std::vector<size_t>& list : step) {
    batches.push_back(samples.Batch(list, !vision));
    items += batches.back().targets.size();
  }
  std::vector<double> losses;
  for (TrainingBatch& batch : batches) {
    const double weight = by_items
                              ? 1.0 / static_cast<double>(items)
                              : 1.0 / static_cast<double>(batch.targets.size() * batches.size());
    for (LossTarget& target : batch.targets) target.weight = static_cast<float>(weight);
    const std::vector<float> nll =
        ForwardBackward(samples.config(), weights, batch, {}, parameters, Pool());
    const double sum = test::Loss(batch, nll);
    losses.push_back(by_items ? sum : sum * static_cast<double>(batches.size()));
  }
  return losses;
}

void Replay(const test::TrainingSamples& samples, const fs::path& folder) {
  SCOPED_TRACE(folder.filename().string());
  const Json facts = ReadJsonFile(folder / "run.json", kMaxJson);
  const Json& run = facts.at("run");
  ModelWeights weights = samples.Weights();
  const std::string quant = run.value("quant", "");
  if (!quant.empty()) QuantizeLinears(weights, quant == "nf4-dq", Pool());
  TrainedParameters parameters = StartRun(folder, run, samples.config(), weights);
  EXPECT_EQ(parameters.elements(), facts.at("trainable_parameters").get<size_t>());
  const Values before = ValuesOf(parameters);
  // A quantised tower gives other features than the stored ones.
  const bool vision = run.value("vision", false) || !quant.empty() ||
                      (run.at("type") == "full" && run.value("frozen", Json::array()).empty());
  test::ReferenceAdamW optimiser(run.at("weight_decay").get<double>());
  const auto plan = facts.at("plan").get<std::vector<std::vector<std::vector<size_t>>>>();
  for (size_t step = 0; step < plan.size(); ++step) {
    parameters.ZeroGradients();
    const std::vector<double> losses = Accumulate(samples, weights, parameters, plan[step], vision,
                                                  run.at("normalise") == "num_items_in_batch");
    for (size_t i = 0; i < losses.size(); ++i) {
      const double expected = facts.at("micro_losses").at(step).at(i).get<double>();
      EXPECT_NEAR(losses[i], expected, kLossTolerance * expected) << "step " << step;
    }
    const double norm = facts.at("grad_norm").at(step).get<double>();
    EXPECT_NEAR(test::ReferenceAdamW::Clip(parameters, run.at("clip").get<double>()), norm,
                kNormTolerance * norm)
        << "step " << step;
    optimiser.Step(parameters, facts.at("lr").at(step).get<double>(), run.value("loraplus", 1.0));
    parameters.ValuesChanged(weights, Pool());
  }
  ExpectFinal(folder, before, ValuesOf(parameters));
}

TEST(TrainingGolden, RunsEndWherePyTorchEnds) {
  ROENTGEN_NEED(Train() / "runs");
  const test::TrainingSamples samples(Train());
  size_t replayed = 0;
  for (const fs::path& folder : test::GoldenFolders("train", "run.json")) {
    Replay(samples, folder);
    ++replayed;
  }
  EXPECT_GE(replayed, 11u);
}

}  // namespace
}  // namespace roentgen
