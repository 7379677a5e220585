#include "roentgen/data/blanks.h"

#include <cstddef>

#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// What stands for a run of blanks, which may be empty.
std::string_view OneBlank(std::string_view run) {
  if (run.find_first_of(" \t") != std::string_view::npos) return " ";
  return run.empty() ? run : run.substr(0, ReadUtf8(run, 0).length);
}

/// What begins every line of a text that has several, but for empty ones; empty where they differ.
std::string_view SharedIndentation(std::string_view text) {
  std::string_view shared;
  size_t lines = 0;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const std::string_view indentation = rest.substr(0, LeadingBlanks(rest));
    at += indentation.size();
    if (at == text.size()) break;
    const bool empty = IsLineEnd(ReadUtf8(text, at).code_point);
    if (!empty && lines++ == 0) shared = indentation;
    if (!empty && indentation != shared) return {};
    for (bool ended = false; at < text.size() && !ended;) {
      const Utf8Step step = ReadUtf8(text, at);
      ended = IsLineEnd(step.code_point);
      at += step.length;
    }
  }
  return lines > 1 ? shared : std::string_view();
}

/// An end of a line as texts are to have it.
std::string_view LineEnd(std::string_view character) {
  return character == "\r" || character == "\v" || character == "\f" ? "\n" : character;
}

}  // namespace

bool IsLineEnd(char32_t c) {
  return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool IsBlank(char32_t c) {
  return ClassOf(c) == CharClass::kSpace && !IsLineEnd(c);
}

size_t LeadingBlanks(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Step step = ReadUtf8(text, at);
    if (!IsBlank(step.code_point)) break;
    at += step.length;
  }
  return at;
}

std::string_view WithoutBlanksAtEdges(std::string_view text) {
  size_t begin = text.size();
  size_t end = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (!IsBlank(step.code_point) && !IsLineEnd(step.code_point)) {
      begin = begin == text.size() ? at : begin;
      end = at + step.length;
    }
    at += step.length;
  }
  return begin == text.size() ? std::string_view() : text.substr(begin, end - begin);
}

std::string WithoutNeedlessBlanks(std::string_view text) {
  const std::string indentation(SharedIndentation(text));
  std::string result;
  std::string blanks;  // held back until something follows in their line
  bool line_begins = false;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    const std::string_view character = text.substr(at, step.length);
    at += step.length;
    if (IsBlank(step.code_point)) {
      blanks += character;
      continue;
    }
    if (character == "\r" && text.substr(at).starts_with('\n')) continue;
    const bool ends = IsLineEnd(step.code_point);
    if (!ends && !result.empty()) result += line_begins ? blanks : OneBlank(blanks);
    if (!ends || !result.empty()) result += ends ? LineEnd(character) : character;
    line_begins = ends && !result.empty();
    blanks.clear();
  }
  return indentation + std::string(WithoutBlanksAtEdges(result));
}

}  // namespace roentgen
