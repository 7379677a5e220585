#pragma once

#include <initializer_list>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/linear.h"
#include "roentgen/qwen2vl/trained_parameters.h"
#include "roentgen/qwen2vl/training_noise.h"

namespace roentgen {

/// What all parts of one forward and backward pass share.
struct PassContext {
  const TrainedParameters& parameters;  // where gradients go
  PassRandom random;
  float lora_dropout = 0;  // on what enters the adapter that is trained; 0: none
  ThreadPool& pool;
};

/// Apply of linear.h as training sees it: with dropout.
void TrainingApply(const PassContext& context, const Linear& linear, ConstMatrix x, Matrix y);
/// Likewise ApplyEach and ApplyAdd.
void TrainingApplyEach(const PassContext& context, ConstMatrix x,
                       std::initializer_list<LinearOutput> outputs);
void TrainingApplyAdd(const PassContext& context, const Linear& linear, ConstMatrix x, Matrix y);

/// What becomes of the gradient of a linear's input.
enum class InputGradient { kNotWanted, kOverwrite, kAdd };

/// Gradients of TrainingApply: those of the linear's own trained tensors are added to theirs, that
/// of x goes to grad_x as `wanted` says.
///
/// x       [tokens, inputs], as it was
/// grad_y  [tokens, outputs]
/// grad_x  [tokens, inputs]; not read when not wanted
void LinearBackward(const PassContext& context, const Linear& linear, ConstMatrix x,
                    ConstMatrix grad_y, Matrix grad_x, InputGradient wanted);

/// The most floats a token that LinearBackward holds beside its arguments, for the adapters.
size_t LinearScratch(const TrainedParameters& parameters, const Linear& linear, bool dropout);

/// Whether the linear has a tensor that is trained.
bool LinearIsTrained(const TrainedParameters& parameters, const Linear& linear);

}  // namespace roentgen
