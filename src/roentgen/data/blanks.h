#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// Whether a character ends a line: U+000A, U+0085, U+2028 and U+2029.
bool IsLineEnd(char32_t c);

/// Whether a character is a blank by Unicode's White_Space, but no line end: U+0020, tabs, U+00A0,
/// U+3000 and others.
bool IsBlank(char32_t c);

/// The text without blanks and line ends at its edges.
std::string_view WithoutBlanksAtEdges(std::string_view text);

/// The text without blanks at its edges and at the ends of its lines, and with one blank for each
/// run of several inside a line: U+0020, or the first of a run that has no ASCII blank (U+3000). A
/// single blank inside a line stays as it is, but a tab becomes U+0020. What begins a later line
/// stays: it may be a list.
std::string WithoutNeedlessBlanks(std::string_view text);

}  // namespace roentgen
