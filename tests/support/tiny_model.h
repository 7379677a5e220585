#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen::test {

/// config.json of a model with a few thousand parameters, in the published layout.
Json TinyConfigJson();
/// The same as Transformers 5 writes it: text_config, rope_parameters.
Json NestedConfigJson();
ModelConfig ParseConfig(const Json& json);

/// Its generated weights.
std::shared_ptr<const TensorSource> TinyWeights(const ModelConfig& config);

using NamedTensors = std::vector<std::pair<std::string, TensorView>>;
NamedTensors TensorsOf(const TensorSource& source);

/// Tensors as a source, for tests that take some away or change them. owner: of their data, to live
/// as long as the source.
std::shared_ptr<const TensorSource> SourceOf(NamedTensors tensors,
                                             std::shared_ptr<const TensorSource> owner = nullptr);

void WriteJson(const std::filesystem::path& path, const Json& json);

}  // namespace roentgen::test
