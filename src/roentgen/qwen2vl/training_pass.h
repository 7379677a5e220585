#pragma once

#include <cstdint>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/observer.h"
#include "roentgen/qwen2vl/trained_parameters.h"
#include "roentgen/qwen2vl/training_batch.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// What a forward and backward pass does besides the batch.
struct TrainingOptions {
  /// Of what enters the trained adapters, from 0 (none) to below 1.
  float lora_dropout = 0;
  /// Uniform noise within ±alpha / √(tokens · hidden_size) on the embeddings of every sample, which
  /// must be a segment of its own (Jain et al. 2023); 0: none.
  float neftune_alpha = 0;
  /// Both are a pure function of the seed and the number of the pass.
  uint64_t seed = 0;
  uint64_t pass = 0;
  /// For what is kept between forward and backward pass (see PlanPass). Layers that do not fit keep
  /// their input and are computed again; the results are the same bit for bit.
  size_t memory_bytes = SIZE_MAX;
};

/// The sizes that decide how much memory a batch takes.
struct PassSize {
  size_t tokens = 0;   ///< with image placeholders
  size_t targets = 0;  ///< of the loss
  size_t patches = 0;  ///< of images whose tower or merger is trained
};
PassSize SizeOf(const TrainingBatch& batch);

/// How a pass will use memory.
struct PassPlan {
  size_t kept_layers = 0;  ///< decoder layers that keep everything, the last ones
  size_t kept_blocks = 0;  ///< vision blocks likewise
  size_t bytes = 0;  ///< the most that the pass holds at a time beyond weights, trained tensors
                     ///< and their gradients
};

/// What a pass with options.memory_bytes will do: decoder layers are kept before vision blocks.
/// When not even the layers' inputs fit, nothing is kept and `bytes` is above the limit.
PassPlan PlanPass(const ModelConfig& config, const ModelWeights& weights,
                  const TrainedParameters& parameters, const PassSize& size,
                  const TrainingOptions& options);

/// One pass forward and back: the gradient of Σ target.weight · nll(target) is added to those of
/// the trained parameters. Returns the negative log-likelihood of every target, in their order.
///
/// Shown to the observer: "image_features" and, when they have one, "grad.image_features".
///
/// Throws Error when the batch contradicts itself or the model: a token, label or target out of its
/// range, segments that do not cover the tokens, images that are not as large as their
/// placeholders, patches missing where the vision tower is trained. Nothing has been added then.
/// Throws Cancelled in a CancelScope; the gradients are useless then. Many passes are faster within
/// a MemoryReuse (tensor/buffer.h) of the caller.
std::vector<float> ForwardBackward(const ModelConfig& config, const ModelWeights& weights,
                                   const TrainingBatch& batch, const TrainingOptions& options,
                                   const TrainedParameters& parameters, ThreadPool& pool,
                                   const Observer& observer = {});

/// The negative log-likelihood of every target, without dropout, noise or gradients: for
/// evaluation.
std::vector<float> ForwardLoss(const ModelConfig& config, const ModelWeights& weights,
                               const TrainingBatch& batch, ThreadPool& pool);

}  // namespace roentgen
