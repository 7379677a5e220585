#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/qwen2vl/tensor_source.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

using NamedTensors = std::vector<std::pair<std::string, TensorView>>;

/// The source's tensors, or what stands in their places in `changed`.
NamedTensors TensorsWith(const TensorSource& source,
                         const std::map<std::string, TensorView>& changed);

/// The source's tensors; those of matrices that were quantised as BlockTensorName says.
NamedTensors QuantizedTensors(ModelWeights& weights);

/// Writes a checkpoint folder: the tensors in one model.safetensors, and beside it the
/// configuration, tokenizer, processor and template files of the folder that the model came from.
/// Keys of `more` are added to config.json. Throws Error when something cannot be written.
void SaveModel(const std::filesystem::path& folder, const NamedTensors& tensors,
               const std::filesystem::path& settings_folder, const Json& more = Json::object());

}  // namespace roentgen
