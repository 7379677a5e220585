#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/adapter.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// A tensor that training changes.
struct TrainedTensor {
  /// As published ("model.layers.0.input_layernorm.weight"); a factor of an adapter has its
  /// module's published name before PEFT's own ending: "….q_proj.lora_A.weight", "….lora_B.weight",
  /// "….lora_magnitude_vector".
  std::string name;
  std::vector<size_t> shape;
  Vector values;         ///< the f32 master, which the model computes from
  OwnedMatrix gradient;  ///< of the same size; passes add to it
  bool decays = true;    ///< weight decay applies: not to biases and norms
};

/// The adapters to train (Hu et al. 2021).
struct LoraSettings {
  int rank = 8;
  double alpha = 16;
  bool use_rslora = false;  ///< scale alpha / √rank instead of alpha / rank (Kalajdzievski 2023)
  bool use_dora = false;    ///< Liu et al. 2024
  uint64_t seed = 42;       ///< of the first values of A
};

/// The set of tensors that training changes, with their gradients.
///
/// The model computes from the values themselves: its weights point at them. So whoever changes the
/// values changes the model, and the weights must live as long as the set. What is trained is found
/// by where its values lie; everything else is frozen.
class TrainedParameters {
 public:
  /// New adapters on the linears whose published module names `wanted` takes: A uniform within
  /// ±1/√inputs as PEFT draws it (Kaiming, a = √5), a pure function of seed and name; B zero; with
  /// DoRA the magnitude that leaves the model as it is. Throws Error, leaving the weights alone,
  /// when no linear is taken, the rank is below 1 or above a linear's smaller side, or a linear has
  /// an adapter and one of them is DoRA.
  static TrainedParameters NewLora(ModelWeights& weights, const LoraSettings& settings,
                                   const std::function<bool(const std::string& module)>& wanted,
                                   ThreadPool& pool);

  /// The adapter of a PEFT folder, applied by ApplyAdapter and trained on, with what it brings
  /// whole; adapters that the weights had before stay frozen. info: what was applied; may be null.
  static TrainedParameters FromAdapter(ModelWeights& weights, const ModelConfig& config,
                                       const std::filesystem::path& folder, ThreadPool& pool,
                                       AdapterInfo* info = nullptr);

  /// Adds parameters of the model itself, those whose published names `wanted` takes, as OfModel
  /// does. Tied embeddings come apart: each that is taken is trained by itself, as PEFT does with
  /// the modules that it saves whole.
  void AddWhole(ModelWeights& weights, const ModelConfig& config,
                const std::function<bool(const std::string& name)>& wanted);

  /// Parameters of the model itself, those whose published names `wanted` takes: all of them in
  /// full tuning. Matrices become f32 copies. Tied embeddings are one tensor,
  /// model.embed_tokens.weight. Throws Error when no parameter is taken.
  static TrainedParameters OfModel(ModelWeights& weights, const ModelConfig& config,
                                   const std::function<bool(const std::string& name)>& wanted);

  std::vector<TrainedTensor>& tensors() { return tensors_; }
  const std::vector<TrainedTensor>& tensors() const { return tensors_; }
  size_t elements() const;

  void ZeroGradients();

  /// To be called after the values were changed from outside: brings up to date what the model
  /// derives from them (the row norms of DoRA).
  void ValuesChanged(ModelWeights& weights, ThreadPool& pool) const;

  bool IsTrained(const void* values) const { return by_address_.contains(values); }
  /// The tensor whose values lie here; null when they are frozen.
  const TrainedTensor* At(const void* values) const;

  /// Gradients to add to, by where the values lie; without data when they are frozen.
  Matrix GradientOf(const WeightMatrix& values) const;
  Matrix GradientOf(const OwnedMatrix& values) const;
  Vector GradientOf(ConstVector values) const;

 private:
  void Add(std::string name, std::vector<size_t> shape, float* values);
  void AddAdapter(const std::string& module, const LoraDelta& delta);

  std::vector<TrainedTensor> tensors_;
  std::unordered_map<const void*, size_t> by_address_;
};

}  // namespace roentgen
