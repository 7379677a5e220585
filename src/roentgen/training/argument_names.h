#pragma once

#include <span>
#include <string_view>

namespace roentgen {

/// Keys of LLaMA-Factory 0.9.5 and Transformers 5 that mean nothing here: they say how fast, on
/// which device or for which other kind of training. One that ends in "*" stands for all that begin
/// so.
std::span<const std::string_view> NamesWithoutMeaning();

/// Whether the key is one of these.
bool HasNoMeaning(std::string_view key);

}  // namespace roentgen
