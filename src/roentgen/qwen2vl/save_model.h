#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// Writes a checkpoint folder that Transformers loads: the source's tensors, or what stands in
/// their places in `changed`, in one model.safetensors, and beside it the configuration, tokenizer,
/// processor and template files of the folder that the model came from.
///
/// Throws Error when something cannot be written.
void SaveModel(const std::filesystem::path& folder, const TensorSource& source,
               const std::map<std::string, TensorView>& changed,
               const std::filesystem::path& settings_folder);

}  // namespace roentgen
