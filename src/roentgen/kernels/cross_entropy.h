#pragma once

#include <cstdint>
#include <span>

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// nll[i] = log Σ exp(logits[i]) − logits[i][labels[i]], the negative log-likelihood of each row's
/// label, in nats.
///
/// logits  [rows, vocabulary] f32
/// labels  [rows], each in the vocabulary
/// nll     [rows]
/// Throws ShapeError when the sizes do not go together or a label lies outside.
void CrossEntropy(ConstMatrix logits, std::span<const int32_t> labels, Vector nll,
                  ThreadPool& pool);

/// CrossEntropy, and the logits become the gradient of Σ weights[i] · nll[i] with respect to them:
/// weights[i] · (softmax(logits[i]) − one at the label).
void CrossEntropyBackward(Matrix logits, std::span<const int32_t> labels, ConstVector weights,
                          Vector nll, ThreadPool& pool);

}  // namespace roentgen
