#include "roentgen/text/display_width.h"

#include <utf8proc.h>

#include <algorithm>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

size_t WidthOf(char32_t code_point) {
  return static_cast<size_t>(
      std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(code_point))));
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    width += WidthOf(step.code_point);
    at += step.length;
  }
  return width;
}

std::string FitToWidth(std::string_view text, size_t cells) {
  const size_t whole = DisplayWidth(text);
  if (whole <= cells) return std::string(text) + std::string(cells - whole, ' ');
  if (cells == 0) return "";
  size_t width = 0;
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Step step = ReadUtf8(text, at);
    if (width + WidthOf(step.code_point) > cells - 1) break;
    width += WidthOf(step.code_point);
    at += step.length;
  }
  return std::string(text.substr(0, at)) + "…" + std::string(cells - 1 - width, ' ');
}

std::string WrapText(std::string_view text, size_t cells, size_t indent) {
  const size_t blanks = std::min(text.find_first_not_of(' '), text.size());
  std::string wrapped(blanks, ' ');
  size_t column = blanks;
  bool line_begins = true;
  for (text.remove_prefix(blanks); !text.empty();) {
    const std::string_view word = text.substr(0, text.find(' '));
    const size_t width = DisplayWidth(word);
    if (!line_begins && column + 1 + width > cells) {
      wrapped += '\n';
      wrapped.append(indent, ' ');
      column = indent;
    } else if (!line_begins) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += width;
    line_begins = false;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return wrapped;
}

}  // namespace roentgen
