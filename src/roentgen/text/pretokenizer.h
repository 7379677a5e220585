#pragma once

#include <cstddef>
#include <string_view>

namespace roentgen {

/// The regular expression by which Qwen2's tokenizer cuts text into words, as tokenizer.json has
/// it. WordLength is this expression written out; a tokenizer that asks for another is refused.
inline constexpr std::string_view kWordPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The length in bytes of the first match of kWordPattern, which always begins at the first byte.
/// The text must be valid UTF-8 and not empty. Cutting a whole text word by word takes linear time.
size_t WordLength(std::string_view text);

}  // namespace roentgen
