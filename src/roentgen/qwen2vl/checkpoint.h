#pragma once

#include <filesystem>
#include <memory>

#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// The tensors of a checkpoint folder as Transformers writes it, mapped from disk: one
/// model.safetensors, or shards with model.safetensors.index.json, or any *.safetensors. Names that
/// Transformers 5 wrote are turned into the published ones.
///
/// Throws Error when there are none, a shard is missing or damaged, the index names a file outside
/// the folder or a tensor that its shard does not have, or two tensors have the same published
/// name.
std::shared_ptr<const TensorSource> OpenCheckpoint(const std::filesystem::path& folder);

}  // namespace roentgen
