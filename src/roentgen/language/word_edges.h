#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {

/// Of a folded text (FoldText): a digit, a small letter without an accent.
inline bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

inline bool IsLatin(char c) {
  return c >= 'a' && c <= 'z';
}

/// Whether the text is one of them.
inline bool IsOneOf(std::string_view text, std::span<const std::string_view> texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

inline bool StartsWithIdeograph(std::string_view text) {
  return !text.empty() && IsIdeograph(ReadUtf8(text, 0).code_point);
}

/// Whether a word that ends or begins between two characters does so at a boundary of words.
inline bool IsBoundary(std::string_view text, size_t at) {
  const auto is_word = [](char c) { return IsLatin(c) || IsDigit(c); };
  return at == 0 || at >= text.size() || !is_word(text[at - 1]) || !is_word(text[at]);
}

}  // namespace roentgen
