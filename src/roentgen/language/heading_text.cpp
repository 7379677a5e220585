#include "roentgen/language/heading_text.h"

#include <algorithm>

#include "roentgen/text/simplified.h"

namespace roentgen {
namespace {

constexpr std::u32string_view kSentenceMarks = U".。!?;:|";
constexpr std::u32string_view kCommas = U",，、";
constexpr size_t kLongestRemark = 24;  // "Findings (PA and lateral):"

/// Blanks and marks before a line's first word.
bool IsBullet(char32_t c) {
  return c == ' ' || (c != '\n' && !HeadingText::IsLetter(c) && !HeadingText::IsDigit(c) &&
                      !IsIdeograph(c) && !HeadingText::Holds(kSentenceMarks, c) &&
                      !HeadingText::Holds(kCommas, c) && !HeadingText::Closes(c));
}

}  // namespace

HeadingText::HeadingText(std::string_view report)
    : text_(report),
      cased_(
          std::any_of(report.begin(), report.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {}

bool HeadingText::Opens(char32_t c) {
  return Holds(U"[【〖〔「『《<({“\"'*_#", c);
}

bool HeadingText::Closes(char32_t c) {
  return Holds(U"]】〗〕」』》>)}”\"'*_#", c);
}

bool HeadingText::IsCapital(size_t at) const {
  return IsLetter(At(at)) && text_.WrittenByte(at) != static_cast<char>(At(at));
}

size_t HeadingText::BackOverBlanks(size_t at) const {
  while (CharacterBefore(at) == ' ') --at;
  return at;
}

size_t HeadingText::OverBlanks(size_t at) const {
  while (At(at) == ' ') ++at;
  return at;
}

BeforeHeading HeadingText::WhatIsBefore(size_t name, size_t* whole) const {
  size_t at = BackOverBlanks(name);
  while (at > 0 && Opens(At(at - 1))) at = BackOverBlanks(at - 1);
  at = BackOverNumber(at);
  while (at > 0 && Opens(At(at - 1))) at = BackOverBlanks(at - 1);
  size_t line = at;  // where only bullets stand before
  while (line > 0 && IsBullet(At(line - 1))) --line;
  const bool begins_line = CharacterBefore(line) == '\n';
  if (whole != nullptr) *whole = begins_line ? line : at;
  if (begins_line) return BeforeHeading::kNothing;
  const char32_t before = CharacterBefore(BackOverBlanks(at));
  if (Holds(kSentenceMarks, before) || Closes(before)) return BeforeHeading::kSentence;
  if (Holds(kCommas, before)) return BeforeHeading::kComma;
  return at < name || CharacterBefore(name) == ' ' ? BeforeHeading::kBlank : BeforeHeading::kWord;
}

/// "1.", "一、", "(二)", "II." before a name.
size_t HeadingText::BackOverNumber(size_t end) const {
  size_t at = BackOverBlanks(end);
  const bool marked = at > 0 && Holds(U".、)", At(at - 1));
  const bool bracket = marked && At(at - 1) == ')';
  if (marked) at = BackOverBlanks(at - 1);
  const size_t number = at;
  while (at > 0 && IsDigit(At(at - 1))) --at;
  const bool digits = at < number;
  while (!digits && marked && at > 0 && number - at < 4 &&
         Holds(U"一二三四五六七八九十ivx", At(at - 1))) {
    --at;
  }
  if (at == number || IsLetter(CharacterBefore(at))) return end;
  if (bracket && CharacterBefore(at) == '(') --at;
  at = BackOverBlanks(at);
  // Of "grade 2. Impression" the number ends a sentence.
  const char32_t before = CharacterBefore(at);
  const bool stop = marked && CharacterBefore(BackOverBlanks(end)) == '.';
  return stop && (IsLetter(before) || IsIdeograph(before)) ? end : at;
}

BehindHeading HeadingText::WhatIsBehind(size_t name_end) const {
  BehindHeading behind;
  size_t at = OverRemark(name_end);
  if (Closes(At(OverBlanks(at)))) behind.closer = At(OverBlanks(at));
  for (;; ++at) {
    at = OverBlanks(at);
    const bool colon = At(at) == ':' || (At(at) == '.' && At(at + 1) == '.');
    behind.colon |= colon;
    if (!colon && !Closes(At(at)) && !(behind.colon && At(at) == '.')) break;
  }
  behind.end = at;
  behind.line_ends = at == text_.size() || At(at) == '\n';
  behind.semicolon = At(at) == ';';
  if (behind.semicolon || At(at) == '-') {
    behind.gap = At(at) == '-';
    behind.end = at + 1;
    while (At(behind.end) == '-') ++behind.end;
  }
  behind.blank = At(name_end) == ' ';
  behind.gap |= behind.blank && (At(name_end + 1) == ' ' || text_.WrittenByte(name_end) != ' ');
  return behind;
}

/// "(PA and lateral)" behind a name, where a colon follows.
size_t HeadingText::OverRemark(size_t end) const {
  const size_t open = OverBlanks(end);
  if (At(open) != '(') return end;
  for (size_t at = open; at < open + kLongestRemark && At(at) != '\n'; ++at) {
    if (At(at) == ')') return At(OverBlanks(at + 1)) == ':' ? at + 1 : end;
  }
  return end;
}

}  // namespace roentgen
