#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// A source whose tensors of these published names are other ones, or come in addition.
///
/// replacements  views into `owner`, a mapped file, which is kept alive
std::shared_ptr<const TensorSource> WithReplacedTensors(
    std::shared_ptr<const TensorSource> source,
    const std::map<std::string, TensorView>& replacements,
    std::shared_ptr<const Safetensors> owner);

}  // namespace roentgen
