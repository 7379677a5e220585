#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/kernels/key_value_rows.h"
#include "roentgen/qwen2vl/adapter.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/generation_config.h"
#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// A model and what its folder says about it.
struct Model {
  ModelLocation location;
  ModelConfig config;
  GenerationDefaults generation;
  ModelWeights weights;
  std::shared_ptr<const TensorSource> base;  // the model's own tensors, whatever adapters replace
  std::vector<AdapterInfo> adapters;
  KeyValueType key_value_type = KeyValueType::kF32;

  /// What a token's keys and values of a layer are kept as.
  KeyValueFormat KeyValues() const {
    return {key_value_type, config.num_key_value_heads, config.head_dim()};
  }
};

/// Whether adapters stay beside the weights or are added into a copy of the weights they correct.
enum class AdapterMode { kBeside, kMerged };

/// Reads the model with its adapters, applied in the order given; one that is quantised keeps its
/// keys and values in BF16. Throws Error, naming the file, when anything about it is wrong.
///
/// adapters  as ResolveAdapter takes them
Model LoadModel(const ModelLocation& location, std::span<const std::filesystem::path> adapters,
                AdapterMode mode, ThreadPool& pool, const Progress& progress = {});

}  // namespace roentgen
