#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// The published name of a tensor or module, as Qwen published its models and Transformers 4 names
/// them: "model.language_model.layers.…" of Transformers 5 becomes "model.layers.…",
/// "model.visual.…" becomes "visual.…"; other names stay as they are.
std::string PublishedName(std::string_view name);

/// The inverse: the name that Transformers 5 gives to what is published as this one.
std::string NestedName(std::string_view published);

}  // namespace roentgen
