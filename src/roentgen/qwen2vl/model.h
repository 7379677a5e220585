#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
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
  std::vector<AdapterInfo> adapters;
};

/// Whether adapters stay beside the weights or are added into a copy of the weights they correct.
enum class AdapterMode { kBeside, kMerged };

/// Reads the model with its adapters, applied in the order given. Throws Error, naming the file,
/// when anything about it is wrong.
Model LoadModel(const ModelLocation& location, std::span<const std::filesystem::path> adapters,
                AdapterMode mode, ThreadPool& pool, const Progress& progress = {});

}  // namespace roentgen
