#pragma once

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// Every linear but the vocabulary head in NF4, those of the vision tower too: what Transformers
/// and bitsandbytes make of a model for QLoRA (Dettmers et al. 2023). Adapters stay as they are.
/// What has been quantised is evicted from the source, so that a checkpoint of any size leaves
/// little more than its codes in memory.
void QuantizeLinears(ModelWeights& weights, bool double_quantization, ThreadPool& pool,
                     const Progress& progress = {});

}  // namespace roentgen
