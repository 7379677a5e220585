#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/training_batch.h"
#include "roentgen/training/step_plan.h"
#include "roentgen/training/training_set.h"

namespace roentgen {

/// Samples whose loss is the mean over their label tokens, and how much that counts.
struct MicroBatch {
  std::vector<const EncodedSample*> samples;
  double weight = 1;
};

/// How the losses of an optimiser step come together.
enum class LossNormalisation {
  /// The mean of its micro-batches' means: what LLaMA-Factory does for Qwen2-VL.
  kMicroBatchMean,
  /// The sum over all its label tokens divided by their number: the plain Trainer of Transformers.
  kNumItemsInBatch,
};

/// The micro-batches of a step. Their samples are those of rows, which must stay where they are.
std::vector<MicroBatch> MicroBatchesOf(const StepPlan::Step& step,
                                       std::span<const TrainingRow> rows,
                                       LossNormalisation normalisation);

/// All rows in order, batch_size at a time: their loss is the eval_loss of Hugging Face's Trainer,
/// a mean over rows of their batches' means.
std::vector<MicroBatch> EvaluationBatches(std::span<const TrainingRow> rows, size_t batch_size);

struct PassOptions {
  /// Samples with the same images and the same tokens up to the end of the last one go through
  /// that beginning together, and a last token that is only predicted does not go through at all.
  /// Only right where every sample would see the same there: not with dropout or NEFTune, which
  /// take every sample whole, as a segment of its own.
  bool share_prefixes = true;
  /// A pass has no more tokens, unless a single sample has.
  size_t max_tokens = 4096;
};

/// Samples that go through the model in one pass.
struct Pass {
  struct Target {
    const EncodedSample* sample;
    size_t tokens;  ///< of the sample that go through the model, the first ones
    double weight;  ///< of each of its label tokens
  };
  /// Samples that share their first prefix tokens; one sample has no prefix to share.
  struct Family {
    size_t prefix = 0;
    std::vector<Target> samples;
    size_t Tokens() const;
  };
  std::vector<Family> families;
  size_t Tokens() const;
};

/// Deals the samples of micro-batches into passes: families in the order of their first samples,
/// cut where a pass is full. The sum of the passes' losses is the step's loss.
std::vector<Pass> PlanPasses(std::span<const MicroBatch> micro_batches, int32_t image_token_id,
                             const PassOptions& options);

/// What the model's pass takes. image gives what stands in an image's places, by its number.
TrainingBatch MakeBatch(const Pass& pass, const ModelConfig& config,
                        const std::function<TrainingImage(size_t)>& image);

}  // namespace roentgen
