#include "roentgen/data/blanks.h"

#include <cstddef>

#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// What stands for a run of blanks, which may be empty.
std::string_view OneBlank(std::string_view run) {
  if (run.find_first_of(" \t\r\v\f") != std::string_view::npos) return " ";
  return run.empty() ? run : run.substr(0, ReadUtf8(run, 0).length);
}

}  // namespace

bool IsLineEnd(char32_t c) {
  return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool IsBlank(char32_t c) {
  return ClassOf(c) == CharClass::kSpace && !IsLineEnd(c);
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
  std::string result;
  std::string blanks;  // held back until something follows in their line
  bool line_begins = false;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    const std::string_view character = text.substr(at, step.length);
    at += step.length;
    if (IsBlank(step.code_point)) {
      if (!line_begins || step.code_point != '\r') blanks += character;
      continue;
    }
    const bool ends = IsLineEnd(step.code_point);
    if (!ends && !result.empty()) result += line_begins ? blanks : OneBlank(blanks);
    if (!ends || !result.empty()) result += character;
    line_begins = ends && !result.empty();
    blanks.clear();
  }
  return std::string(WithoutBlanksAtEdges(result));
}

}  // namespace roentgen
