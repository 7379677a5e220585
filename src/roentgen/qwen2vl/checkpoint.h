#pragma once

#include <filesystem>
#include <memory>

#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// The tensors of a checkpoint folder as Transformers writes it, mapped from disk: one
/// model.safetensors, or shards with model.safetensors.index.json, or any *.safetensors.
/// Throws Error when there are none, a shard is missing or damaged, the index names a file outside
/// the folder or a tensor that its shard has not, or two files hold a tensor of the same name.
std::shared_ptr<const TensorSource> OpenCheckpoint(const std::filesystem::path& folder);

}  // namespace roentgen
