#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

// How names are written in a line: marks, quotes, shells' words and tags around them.

struct QuotePair {
  std::string_view open;
  std::string_view close;
};
inline constexpr std::array<QuotePair, 5> kQuotes = {
    QuotePair{"'", "'"}, {"\"", "\""}, {"“", "”"}, {"‘", "’"}, {"「", "」"}};

/// Chinese punctuation, which ends a word as a blank does.
bool IsWidePunctuation(char32_t c);

/// Without the marks of a sentence and closing brackets at its end.
std::string_view WithoutMarksBehind(std::string_view text);

/// The word up to its first Chinese punctuation mark, and without marks at its end.
std::string_view WithoutPunctuation(std::string_view word);

/// The ASCII characters that a word begins with and that stand in names without blanks.
std::string_view AsciiName(std::string_view word);

/// Without blanks and one pair of quotes around it.
std::string_view Unquote(std::string_view text);

/// The value of src in "<img src="a" …>".
std::optional<std::string_view> SourceOfTag(std::string_view tag);

/// The path in the brackets of "![…](…)", without angle brackets around it and a title behind it.
std::string_view MarkdownTarget(std::string_view text);

/// Bytes that a shell reads as one word: pieces in quotes, escapes, and anything up to a blank.
struct ShellWord {
  std::string text;  // without quotes and escapes
  size_t length = 0;
  bool quoted = false;
};
ShellWord ReadShellWord(std::string_view text);

}  // namespace roentgen
