#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/qwen2vl/trained_parameters.h"
#include "roentgen/qwen2vl/training_batch.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen::test {

/// The samples of golden/train: each a text with up to two images and the labels of its answer.
class TrainingSamples {
 public:
  explicit TrainingSamples(const std::filesystem::path& train_folder);

  const ModelConfig& config() const { return config_; }
  /// The model's weights, generated; a fresh copy that shares the matrices.
  ModelWeights Weights() const { return ModelWeights::Load(config_, source_); }

  /// Samples end to end, each a segment of its own. Every target weighs 1 / their number. With
  /// features, images come as what the frozen tower makes of them.
  TrainingBatch Batch(const std::vector<size_t>& samples, bool features) const;

 private:
  void Append(size_t sample, bool features, TrainingBatch& batch) const;

  std::filesystem::path folder_;
  ModelConfig config_;
  std::shared_ptr<const TensorSource> source_;
  Safetensors data_;
};

/// Σ weight · nll in double.
double Loss(const TrainingBatch& batch, const std::vector<float>& nll);

/// AdamW as golden/train/README.md writes it down, for proving that gradients train.
class ReferenceAdamW {
 public:
  explicit ReferenceAdamW(double weight_decay) : weight_decay_(weight_decay) {}

  /// Scales gradients to a norm of at most `clip`; returns the norm before.
  static double Clip(TrainedParameters& parameters, double clip);
  /// The learning rate of LoRA's B is lr · b_ratio (LoRA+).
  void Step(TrainedParameters& parameters, double lr, double b_ratio);

 private:
  double weight_decay_;
  int steps_ = 0;
  std::vector<std::vector<double>> first_;
  std::vector<std::vector<double>> second_;
};

}  // namespace roentgen::test
