#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace roentgen {

/// What the tokenizer's split tells apart. A code point is of exactly one kind.
enum class CharClass : uint8_t {
  kOther,   // punctuation, symbols, combining marks, controls, unassigned
  kLetter,  // \p{L}
  kNumber,  // \p{N}
  kSpace,   // \s: 25 code points, U+0085 and U+00A0 among them, U+200B and U+FEFF not
};

CharClass ClassOf(char32_t code_point);

/// The text in Normalization Form C, as the tokenizers library has it: with Unicode 9, so marks
/// that were added later keep their place. The text must be valid UTF-8; the time is near linear
/// whatever it holds.
std::string ToNfc(std::string_view text);

/// What people see of a text, for comparing names that were typed with names that a program wrote:
/// in Normalization Form KC, every blank as U+0020, every dash as "-", curved quotes as straight
/// ones, invisible marks left out (utf8proc's LUMP and IGNORE). With `fold_case` also without
/// upper and lower case. Bytes that are not UTF-8 come back as they are. For names: the time is not
/// bounded on megabytes of combining marks.
std::string FoldLookalikes(std::string_view text, bool fold_case = false);

}  // namespace roentgen
