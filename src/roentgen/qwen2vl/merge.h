#pragma once

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// The type of a matrix that an adapter was merged into.
enum class MergedType {
  kLikeBase,  // BF16 on a BF16 base, rounded to nearest even after each adapter, as PEFT does on a
              // base loaded in bf16; F32 on the others
  kF32,       // as PEFT does on a base loaded in float32: nothing is rounded
};

/// Replaces the weight of every linear that has adapters by W + scale · B A (for each adapter, in
/// their order; with DoRA's factor of each row), held in weights.merged, and removes the adapters.
/// Same results for any number of threads. Throws Cancelled when the pool is told to stop; linears
/// already merged stay so then; Error when any of the weights are quantised.
void MergeAdapters(ModelWeights& weights, MergedType type, ThreadPool& pool,
                   const Progress& progress = {});

}  // namespace roentgen
