#include "support/training_cases.h"

#include <fmt/format.h>

#include <cmath>

#include "roentgen/qwen2vl/procedural.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "support/golden.h"

namespace roentgen::test {
namespace {

ThreadPool& Pool() {
  static ThreadPool pool(2);
  return pool;
}

}  // namespace

TrainingSamples::TrainingSamples(const std::filesystem::path& train_folder)
    : folder_(train_folder),
      config_(ModelConfig::Load(folder_ / "tiny-t")),
      source_(GenerateWeights(config_, ProceduralSeed(folder_ / "tiny-t"), Pool())),
      data_(folder_ / "data.safetensors") {}

void TrainingSamples::Append(size_t sample, bool features, TrainingBatch& batch) const {
  const std::string prefix = fmt::format("sample.{:02}.", sample);
  const auto ids = Integers<int32_t>(data_.At(prefix + "input_ids"));
  const auto labels = Integers<int32_t>(data_.At(prefix + "labels"));
  std::vector<GridThw> grids;
  if (data_.Find(prefix + "image_grid_thw") != nullptr) {
    grids = Grids(data_.At(prefix + "image_grid_thw"));
  }
  const size_t begin = batch.ids.size();
  for (size_t i = 1; i < labels.size(); ++i) {
    if (labels[i] >= 0) batch.targets.push_back({begin + i - 1, labels[i], 0.0f});
  }
  const TokenPositions positions = ComputePositions(ids, grids, {}, config_, 0);
  batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
  batch.positions.insert(batch.positions.end(), positions.tokens.begin(), positions.tokens.end());
  batch.segments.push_back({begin, batch.ids.size(), Segment::kNoParent, /*causal=*/true});
  if (grids.empty()) return;
  const OwnedMatrix all = ToMatrix(data_.At(prefix + "pixel_values"));
  const ModelWeights weights = Weights();
  size_t row = 0;
  for (const GridThw& grid : grids) {
    const size_t patches = MergedTokens(grid, config_.vision) * config_.vision.merged_patches();
    auto own = std::make_shared<OwnedMatrix>(patches, all.cols());
    std::copy_n(all.view().Row(row), own->size(), own->data());
    row += patches;
    if (features) {
      auto encoded = std::make_shared<OwnedMatrix>(
          EncodeVision(weights.vision, config_.vision, *own, {&grid, 1}, Pool()));
      batch.images.push_back({grid, std::move(encoded), nullptr});
    } else {
      batch.images.push_back({grid, nullptr, std::move(own)});
    }
  }
}

TrainingBatch TrainingSamples::Batch(const std::vector<size_t>& samples, bool features) const {
  TrainingBatch batch;
  for (const size_t sample : samples) Append(sample, features, batch);
  for (LossTarget& target : batch.targets) {
    target.weight = 1.0f / static_cast<float>(batch.targets.size());
  }
  return batch;
}

double Loss(const TrainingBatch& batch, const std::vector<float>& nll) {
  double loss = 0;
  for (size_t i = 0; i < nll.size(); ++i) {
    loss += static_cast<double>(batch.targets[i].weight) * nll[i];
  }
  return loss;
}

double ReferenceAdamW::Clip(TrainedParameters& parameters, double clip) {
  double squares = 0;
  for (const TrainedTensor& tensor : parameters.tensors()) {
    for (size_t i = 0; i < tensor.gradient.size(); ++i) {
      squares += std::pow(static_cast<double>(tensor.gradient.data()[i]), 2);
    }
  }
  const double norm = std::sqrt(squares);
  const auto factor = static_cast<float>(std::min(1.0, clip / (norm + 1e-6)));
  for (const TrainedTensor& tensor : parameters.tensors()) {
    for (size_t i = 0; i < tensor.gradient.size(); ++i) tensor.gradient.data()[i] *= factor;
  }
  return norm;
}

void ReferenceAdamW::Step(TrainedParameters& parameters, double lr, double b_ratio) {
  ++steps_;
  first_.resize(parameters.tensors().size());
  second_.resize(parameters.tensors().size());
  const double bias1 = 1 - std::pow(0.9, steps_);
  const double bias2 = 1 - std::pow(0.999, steps_);
  for (size_t t = 0; t < first_.size(); ++t) {
    TrainedTensor& tensor = parameters.tensors()[t];
    first_[t].resize(tensor.values.size());
    second_[t].resize(tensor.values.size());
    const bool is_b = tensor.name.find(".lora_B.") != std::string::npos;
    const double rate = is_b ? lr * b_ratio : lr;
    for (size_t i = 0; i < tensor.values.size(); ++i) {
      const double g = tensor.gradient.data()[i];
      double& m = first_[t][i];
      double& v = second_[t][i];
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      double p = tensor.values[i];
      if (tensor.decays) p *= 1 - rate * weight_decay_;
      p -= rate / bias1 * m / (std::sqrt(v) / std::sqrt(bias2) + 1e-8);
      tensor.values[i] = static_cast<float>(p);
    }
  }
}

}  // namespace roentgen::test
