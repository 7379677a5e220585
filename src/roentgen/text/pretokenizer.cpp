#include "roentgen/text/pretokenizer.h"

#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

struct Character {
  char32_t code_point = 0;
  size_t length = 0;  // 0: the text ends here
  CharClass kind = CharClass::kOther;

  bool Is(CharClass wanted) const { return length > 0 && kind == wanted; }
  bool IsLineEnd() const { return length > 0 && (code_point == '\r' || code_point == '\n'); }
};

Character CharacterAt(std::string_view text, size_t at) {
  if (at >= text.size()) return {};
  const Utf8Step step = ReadUtf8(text, at);
  return {step.code_point, step.length, ClassOf(step.code_point)};
}

size_t Skip(std::string_view text, size_t at, CharClass kind) {
  for (Character c = CharacterAt(text, at); c.Is(kind); c = CharacterAt(text, at)) at += c.length;
  return at;
}

size_t SkipLineEnds(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == '\r' || text[at] == '\n')) ++at;
  return at;
}

char32_t ToLowerAscii(char32_t c) {
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/// (?i:'s|'t|'re|'ve|'m|'ll|'d), or 0. Beside ASCII only the long s matches without case.
size_t ContractionLength(std::string_view text) {
  if (text.front() != '\'') return 0;
  const Character second = CharacterAt(text, 1);
  const Character third = CharacterAt(text, 1 + second.length);
  switch (ToLowerAscii(second.code_point)) {
    case 's':
    case 0x17f:
    case 't':
    case 'm':
    case 'd':
      return 1 + second.length;
    case 'r':
    case 'v':
      return ToLowerAscii(third.code_point) == 'e' ? 3 : 0;
    case 'l':
      return ToLowerAscii(third.code_point) == 'l' ? 3 : 0;
    default:
      return 0;
  }
}

/// \s*[\r\n]+|\s+(?!\S)|\s+ where the text begins with white space: up to the last line end of the
/// run; else the run, less its last character when something follows that could take it along.
size_t SpaceLength(std::string_view text) {
  size_t at = 0;
  size_t last = 0;
  size_t after_line_end = 0;
  for (Character c = CharacterAt(text, 0); c.Is(CharClass::kSpace); c = CharacterAt(text, at)) {
    last = at;
    at += c.length;
    if (c.IsLineEnd()) after_line_end = at;
  }
  if (after_line_end > 0) return after_line_end;
  return at == text.size() || last == 0 ? at : last;
}

}  // namespace

size_t WordLength(std::string_view text) {
  if (const size_t length = ContractionLength(text)) return length;
  const Character first = CharacterAt(text, 0);
  if (first.kind == CharClass::kLetter) return Skip(text, first.length, CharClass::kLetter);
  if (first.kind == CharClass::kNumber) return first.length;

  const Character second = CharacterAt(text, first.length);
  if (second.Is(CharClass::kLetter) && !first.IsLineEnd()) {
    return Skip(text, first.length, CharClass::kLetter);
  }
  if (first.kind == CharClass::kOther ||
      (first.code_point == ' ' && second.Is(CharClass::kOther))) {
    return SkipLineEnds(text, Skip(text, first.length, CharClass::kOther));
  }
  return SpaceLength(text);
}

}  // namespace roentgen
