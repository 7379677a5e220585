#pragma once

#include <string>
#include <string_view>

namespace roentgen {

// Text that came from outside (names, headers, answers) as it may be shown on a terminal and
// written into documents. What is harmful stands nowhere in it:
//
// - control characters (C0 but for tab and newline, DEL, C1), which move a cursor, change colours
//   or begin commands to the terminal;
// - characters that only change the order in which others are shown (Unicode's bidirectional
//   embeddings, overrides, isolates and marks), and tags (U+E0000 to U+E007F): what is read would
//   not be what is there;
// - what no text has: bytes that are no UTF-8, and noncharacters (U+FFFF), which XML forbids.

/// Each of them as U+FFFD, so that one sees that something was there. Lines stay lines, whatever
/// ended them: CR LF, CR, U+0085, U+2028 and U+2029 become newlines.
std::string Printable(std::string_view text);

/// The text for one line: newlines, tabs and control characters as blanks.
std::string OneLine(std::string_view text);

/// JSON in which such characters are written as \u escapes: its values stay what they are.
std::string PrintableJson(std::string_view json);

}  // namespace roentgen
