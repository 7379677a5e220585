#include "roentgen/text/printable.h"

#include <fmt/format.h>

#include <cstdint>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

enum class Kind { kPlain, kTab, kLineEnd, kControl, kDisorder };

Kind KindOf(char32_t c) {
  if (c == '\t') return Kind::kTab;
  if (c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029) return Kind::kLineEnd;
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return Kind::kControl;
  const bool marks_direction = c == 0x61c || c == 0x200e || c == 0x200f ||
                               (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  const bool tag = c >= 0xe0000 && c <= 0xe007f;
  const bool no_character = (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
  return marks_direction || tag || no_character ? Kind::kDisorder : Kind::kPlain;
}

/// Calls take(kind, characters) for each character; CR LF is one.
template <class Take>
void ForEach(std::string_view text, const Take& take) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    const size_t length = text.substr(at, 2) == "\r\n" ? 2 : step.length;
    take(step.valid ? KindOf(step.code_point) : Kind::kDisorder, text.substr(at, length));
    at += length;
  }
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  ForEach(text, [&](Kind kind, std::string_view characters) {
    if (kind == Kind::kPlain || kind == Kind::kTab) {
      printable += characters;
    } else if (kind == Kind::kLineEnd) {
      printable += '\n';
    } else {
      AppendUtf8(kReplacementCharacter, printable);
    }
  });
  return printable;
}

std::string OneLine(std::string_view text) {
  std::string line;
  ForEach(text, [&](Kind kind, std::string_view characters) {
    if (kind == Kind::kPlain) {
      line += characters;
    } else if (kind == Kind::kDisorder) {
      AppendUtf8(kReplacementCharacter, line);
    } else {
      line += ' ';
    }
  });
  return line;
}

std::string PrintableJson(std::string_view json) {
  std::string printable;
  const auto escape = [&](char32_t unit) {
    printable += fmt::format("\\u{:04x}", static_cast<uint32_t>(unit));
  };
  ForEach(json, [&](Kind kind, std::string_view characters) {
    const Utf8Step step = ReadUtf8(characters, 0);
    const char32_t c = step.code_point;
    if (kind == Kind::kPlain || c < 0x20 || !step.valid) {  // newlines between the values
      printable += characters;
    } else if (c < 0x10000) {
      escape(c);
    } else {
      escape(0xd7c0 + (c >> 10));  // surrogates
      escape(0xdc00 + (c & 0x3ff));
    }
  });
  return printable;
}

}  // namespace roentgen
