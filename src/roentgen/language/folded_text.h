#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// FoldText character by character, so that what was found in it can be shown as it is written.
class FoldedText {
 public:
  /// The text must live as long as this object.
  explicit FoldedText(std::string_view text);

  size_t size() const { return folded_.size(); }
  /// U+0000 behind the end.
  char32_t operator[](size_t at) const { return at < size() ? folded_[at] : U'\0'; }
  std::u32string_view view() const { return folded_; }
  /// The bytes of the text that folded characters begin to end stand for; none where begin
  /// lies behind end.
  std::string_view Written(size_t begin, size_t end) const;
  /// The first byte of the character as it is written.
  char WrittenByte(size_t at) const { return text_[origins_[at]]; }

 private:
  std::string_view text_;
  std::u32string folded_;
  std::vector<size_t> origins_;  ///< by folded character and behind the last: a place in the text
};

}  // namespace roentgen
