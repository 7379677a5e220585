#pragma once

#include <cstddef>
#include <string_view>

#include "roentgen/language/folded_text.h"

namespace roentgen {

/// What stands before a word that may be a heading.
enum class BeforeHeading { kNothing, kSentence, kBlank, kComma, kWord };

/// What stands behind it.
struct BehindHeading {
  size_t end = 0;  ///< of colons and brackets
  bool colon = false;
  bool semicolon = false;  ///< a colon that was typed without Shift
  bool line_ends = false;
  bool gap = false;  ///< a blank that parts more than words, or a dash
  bool blank = false;
  char32_t closer = 0;  ///< behind the name, but for blanks
};

/// A report in which headings are looked for: its characters, folded, and what stands around words.
class HeadingText {
 public:
  /// The report must live as long as this object.
  explicit HeadingText(std::string_view report);

  const FoldedText& text() const { return text_; }
  size_t size() const { return text_.size(); }
  char32_t At(size_t at) const { return text_[at]; }
  char32_t CharacterBefore(size_t at) const { return at == 0 ? U'\n' : text_[at - 1]; }
  bool IsCapital(size_t at) const;
  /// It has capital letters, so that a small one begins no sentence.
  bool cased() const { return cased_; }

  size_t BackOverBlanks(size_t at) const;
  size_t OverBlanks(size_t at) const;

  /// What stands before a name, its brackets and its number; these begin at *whole.
  BeforeHeading WhatIsBefore(size_t name, size_t* whole) const;
  BehindHeading WhatIsBehind(size_t name_end) const;

  static bool IsLetter(char32_t c) { return c >= 'a' && c <= 'z'; }
  static bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }
  static bool Holds(std::u32string_view set, char32_t c) {
    return c != 0 && set.find(c) != set.npos;
  }
  /// Brackets, and quotes and Markdown's marks, which enclose as they do.
  static bool Opens(char32_t c);
  static bool Closes(char32_t c);

 private:
  size_t BackOverNumber(size_t end) const;
  size_t OverRemark(size_t end) const;

  FoldedText text_;
  bool cased_;
};

}  // namespace roentgen
