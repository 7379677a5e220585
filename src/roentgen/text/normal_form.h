#pragma once

#include <string>
#include <string_view>

namespace roentgen {

// What a text is compared and read in. Never what is shown, written or trained on.
//
// Both take any bytes; what is no UTF-8 becomes U+FFFD.

/// A text for those who read words and marks: in Normalization Form KC (full-width letters and
/// marks as ASCII, ㎜ as mm), small letters, simplified Chinese characters, every dash as "-",
/// every blank but line ends as U+0020, invisible characters left out,
/// and the number of an item of a list (①, ⑴, ⒈) as "(1)". Marks that ASCII has not (。、) stay as
/// they are.
std::string FoldText(std::string_view text);

/// A text reduced to what two people would call the same question or answer: FoldText without
/// punctuation, English articles and blanks beside Chinese characters, one blank between words, and
/// numbers in digits (二, 十二, ②, two). Signs that carry meaning stay: < 5 is not > 5, + not -,
/// T2* not T2, 1e-3 not 1e3, 5' not 5". "a few" keeps its article.
std::string ComparisonForm(std::string_view text);

}  // namespace roentgen
