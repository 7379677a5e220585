#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

inline constexpr char32_t kReplacementCharacter = 0xfffd;

/// One step through a text that should be UTF-8: a character, or bytes that are none.
struct Utf8Step {
  char32_t code_point;  // kReplacementCharacter where the bytes are no character
  uint32_t length;      // bytes, 1 to 4
  bool valid;
};

/// ReadUtf8 where the character at `at` is not ASCII.
Utf8Step ReadMultibyteUtf8(std::string_view text, size_t at);

/// The character at byte `at`, which must be inside the text. Where there is none, the length is
/// that of the maximal subpart (Unicode 15, section 3.9): the longest beginning of a character, or
/// one byte.
inline Utf8Step ReadUtf8(std::string_view text, size_t at) {
  const auto first = static_cast<uint8_t>(text[at]);
  return first < 0x80 ? Utf8Step{first, 1, true} : ReadMultibyteUtf8(text, at);
}

/// The offset of the first byte that does not begin a character of strict UTF-8: no overlong form,
/// no surrogate, nothing above U+10FFFF, nothing cut off. Empty when the text is valid.
std::optional<size_t> FindInvalidUtf8(std::string_view text);

/// The text with U+FFFD in place of each maximal subpart that is no character, as Rust's
/// from_utf8_lossy and Python's errors="replace" have it.
std::string ToValidUtf8(std::string_view text);

/// Appends a code point, which must be no surrogate and at most U+10FFFF.
void AppendUtf8(char32_t code_point, std::string& text);

}  // namespace roentgen
