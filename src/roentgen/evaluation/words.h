#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// Texts as the published evaluation scripts take them apart. All of these scripts are Python, so
/// "blank", "lower case" and "punctuation" are what its str methods and string.punctuation say.
/// Texts are UTF-8; bytes that are none stay as they are.

/// str.isspace: Unicode's blanks, and the separators U+001C to U+001F.
bool IsPythonBlank(char32_t c);
/// \d of Python's re: a decimal digit of any script.
bool IsPythonDigit(char32_t c);
/// Chinese characters that jieba's dictionary has words of: U+4E00 to U+9FD5.
bool IsHan(char32_t c);
/// Whether the text has any such character.
bool HasHan(std::string_view text);

/// str.lower, character by character: a sigma at the end of a word is one within it.
std::string Lowercase(std::string_view text);
/// str.strip.
std::string_view Strip(std::string_view text);
/// str.split: the words between blanks.
std::vector<std::string> SplitAtBlanks(std::string_view text);
/// Its characters, each as a text.
std::vector<std::string> SplitCharacters(std::string_view text);
std::string Join(const std::vector<std::string>& words, std::string_view between);

/// text with every occurrence of `what` replaced.
std::string Replace(std::string text, std::string_view what, std::string_view with);

/// How strict exact match compares: lower case, without ASCII punctuation (nothing in its place),
/// one blank between words; articles stay.
std::string StrictForm(std::string_view text);

/// How our own measures compare answers: what stands between two blanks in ComparisonForm each, so
/// that marks and characters of any script and width are the same to them. Blanks stay as
/// StrictForm has them, in Chinese too: "左肺, 右侧" is not "左肺,右侧", as in the scores that were
/// published.
std::string MeasureForm(std::string_view text);

}  // namespace roentgen
