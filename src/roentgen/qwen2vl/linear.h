#pragma once

#include <initializer_list>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// y = x Wᵀ + bias + Σ scale · (x Aᵀ) Bᵀ over the linear's adapters; with DoRA
/// y = magnitude / ‖row of W + scale B A‖ · (x Wᵀ + scale · (x Aᵀ) Bᵀ) + bias.
/// x [tokens, inputs], y [tokens, outputs], not overlapping.
void Apply(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool);

struct LinearOutput {
  const Linear& linear;
  Matrix y;
  bool add = false;  // to what y holds
};

/// Apply for several linears of the same x, which is faster together.
void ApplyEach(ConstMatrix x, std::initializer_list<LinearOutput> outputs, ThreadPool& pool);

/// y += the same: a residual connection without a pass of its own.
void ApplyAdd(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool);

/// scale · x Aᵀ, the low-rank values of an adapter [tokens, rank].
OwnedMatrix LowRank(const LoraDelta& delta, ConstMatrix x, ThreadPool& pool);

/// y += scale · (x Aᵀ) Bᵀ.
void AddAdapter(const LoraDelta& delta, ConstMatrix x, Matrix y, ThreadPool& pool);

}  // namespace roentgen
