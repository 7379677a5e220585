#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace roentgen {

/// Whether a character ends a line (Unicode Standard, 5.8): U+000A to U+000D, U+0085, U+2028 and
/// U+2029.
bool IsLineEnd(char32_t c);

/// Whether a character is a blank by Unicode's White_Space, but no line end: U+0020, tabs, U+00A0,
/// U+3000 and others.
bool IsBlank(char32_t c);

/// How many bytes of blanks begin the text.
size_t LeadingBlanks(std::string_view text);

/// The text without blanks and line ends at its edges.
std::string_view WithoutBlanksAtEdges(std::string_view text);

/// The text without blanks at its edges and at the ends of its lines, and with one blank for each
/// run of several inside a line: U+0020, or the first of a run that has no tab or U+0020 (U+3000).
/// A single blank inside a line stays as it is, but a tab becomes U+0020. What begins a later line
/// stays: it may be a list; and what begins the first line where all others begin likewise, as
/// paragraphs do. Lines that end in U+000D, with or without U+000A, or in U+000B or U+000C end in
/// U+000A.
std::string WithoutNeedlessBlanks(std::string_view text);

}  // namespace roentgen
