#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/linear_training.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// Rows whose logits exist at a time: 128 × 151,936 × 4 bytes = 78 MB. Fewer would read the head,
/// the largest matrix of the model, more often.
inline constexpr size_t kHeadRows = 128;

/// The negative log-likelihood of each row's label under the vocabulary head.
/// normed [rows, hidden_size]: behind the final norm. Throws ShapeError when a label lies outside
/// the vocabulary.
std::vector<float> HeadLoss(const ModelWeights& weights, ConstMatrix normed,
                            std::span<const int32_t> labels, ThreadPool& pool);

/// HeadLoss, and the gradient of Σ label_weights · nll: grad_normed is overwritten, the head's own
/// is added to where it is trained.
std::vector<float> HeadLossBackward(const PassContext& context, const ModelWeights& weights,
                                    ConstMatrix normed, std::span<const int32_t> labels,
                                    ConstVector label_weights, Matrix grad_normed);

}  // namespace roentgen
