#include "roentgen/evaluation/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "roentgen/text/normal_form.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool IsAsciiPunctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

}  // namespace

bool IsPythonBlank(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
  return ClassOf(c) == CharClass::kSpace;
}

bool IsPythonDigit(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ND;
}

bool IsHan(char32_t c) {
  return c >= 0x4e00 && c <= 0x9fd5;
}

bool HasHan(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (IsHan(step.code_point)) return true;
    at += step.length;
  }
  return false;
}

std::string Lowercase(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (step.code_point < 0x80) {
      const bool upper = step.code_point >= 'A' && step.code_point <= 'Z';
      lower += static_cast<char>(step.code_point + (upper ? 'a' - 'A' : 0));
    } else if (step.code_point == U'\u0130') {
      lower += "i\u0307";
    } else if (step.valid) {
      const auto c = static_cast<utf8proc_int32_t>(step.code_point);
      AppendUtf8(static_cast<char32_t>(utf8proc_tolower(c)), lower);
    } else {
      lower += text.substr(at, step.length);
    }
    at += step.length;
  }
  return lower;
}

std::string_view Strip(std::string_view text) {
  size_t begin = text.size();
  size_t end = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (!IsPythonBlank(step.code_point)) {
      begin = std::min(begin, at);
      end = at + step.length;
    }
    at += step.length;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::vector<std::string> SplitAtBlanks(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (IsPythonBlank(step.code_point)) {
      inside = false;
    } else {
      if (!std::exchange(inside, true)) words.emplace_back();
      words.back() += text.substr(at, step.length);
    }
    at += step.length;
  }
  return words;
}

std::vector<std::string> SplitCharacters(std::string_view text) {
  std::vector<std::string> characters;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    characters.emplace_back(text.substr(at, step.length));
    at += step.length;
  }
  return characters;
}

std::string Join(const std::vector<std::string>& words, std::string_view between) {
  std::string joined;
  for (const std::string& word : words) {
    if (&word != &words.front()) joined += between;
    joined += word;
  }
  return joined;
}

std::string Replace(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string StrictForm(std::string_view text) {
  std::string kept;
  for (const char c : Lowercase(text)) {
    if (!IsAsciiPunctuation(static_cast<uint8_t>(c))) kept += c;
  }
  return Join(SplitAtBlanks(kept), " ");
}

std::string MeasureForm(std::string_view text) {
  std::string form;
  for (const std::string& word : SplitAtBlanks(text)) {
    const std::string word_form = ComparisonForm(word);
    if (word_form.empty()) continue;
    if (!form.empty()) form += ' ';
    form += word_form;
  }
  return form;
}

}  // namespace roentgen
