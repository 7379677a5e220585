#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// The model that a command works with.
struct ModelLocation {
  std::string spec;                 // as it was asked for, or the folder's name
  std::filesystem::path folder;     // holds config.json, tokenizer and weights
  std::optional<std::string> seed;  // weights are generated from this, not read
  std::string found_by;             // "--model", "ROENTGEN_MODEL", "data folder", …
};

/// Finds the model: what the flag names, else what ROENTGEN_MODEL names, else the one model in the
/// user's data folder ($XDG_DATA_HOME/roentgen/models), else Qwen/Qwen2-VL-2B-Instruct in the
/// Hugging Face cache.
///
/// A name is one of
///   FOLDER                  with config.json
///   procedural:FOLDER       its shape with generated weights, seed from its seed.json
///   procedural:FOLDER#SEED
///   NAME                    a folder of the data folder
///   OWNER/NAME              a model of the Hugging Face cache, revision main
/// Throws Error, listing where it looked, when there is none, and when there are several to choose
/// from.
ModelLocation ResolveModel(const std::optional<std::string>& flag);

/// The located model's tensors: mapped from its folder, or generated.
std::shared_ptr<const TensorSource> OpenTensors(const ModelLocation& model,
                                                const ModelConfig& config, ThreadPool& pool,
                                                const Progress& progress = {});

}  // namespace roentgen
