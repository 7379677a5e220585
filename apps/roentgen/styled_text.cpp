#include "styled_text.h"

#include <algorithm>
#include <utility>

#include "roentgen/text/display_width.h"
#include "roentgen/text/utf8.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

std::string InStyle(std::string_view text, Style style) {
  if (style == Style::kBold) return Bold(text);
  if (style == Style::kDim) return Faint(text);
  return std::string(text);
}

/// Marks behind Chinese that a line does not begin with, and those that it does not end with.
constexpr std::string_view kClosing = ",.:;!?)]}，。；：！？、）】》」』”’";
constexpr std::string_view kOpening = "（【《「『“‘";

/// Where a line goes on in the next ones, from where its own text begins.
size_t HangOf(std::string_view text, size_t lead, size_t columns) {
  const size_t gap = text.rfind("  ");
  if (gap == std::string_view::npos) return lead == 0 ? 2 : 0;
  const size_t column = DisplayWidth(text.substr(0, gap + 2));
  return lead + column <= columns / 2 ? column : 2;
}

std::string WrapLine(std::string_view line, size_t columns) {
  if (DisplayWidth(line) <= columns) return std::string(line);
  const size_t blanks = std::min(line.find_first_not_of(' '), line.size());
  const size_t lead = blanks <= columns / 2 ? blanks : columns / 4;
  line.remove_prefix(blanks);
  StyledText text(columns - lead, HangOf(line, lead, columns));
  text.Add(line);
  std::string wrapped(lead, ' ');
  for (const char c : text.Finish()) {
    wrapped += c;
    if (c == '\n') wrapped.append(lead, ' ');
  }
  return wrapped.substr(0, wrapped.rfind('\n'));
}

}  // namespace

void StyledText::Add(std::string_view text, Style style) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = ReadUtf8(text, at).length;
    AddCharacter(text.substr(at, length), style);
    at += length;
  }
}

std::string StyledText::Finish() {
  EndWord();
  EndLine();
  return std::move(lines_);
}

void StyledText::AddCharacter(std::string_view character, Style style) {
  if (character == "\n") {
    EndWord();
    EndLine();
  } else if (character == " " || character == "\t") {
    EndWord();
    ++blanks_;
  } else {
    const size_t width = DisplayWidth(character);
    const bool joins = width == 0 || kClosing.find(character) != std::string_view::npos ||
                       joins_next_ || (width == 1 && !after_wide_);
    if (!joins) EndWord();
    word_.push_back({std::string(character), style});
    word_width_ += width;
    if (width > 0) after_wide_ = width > 1;
    joins_next_ = kOpening.find(character) != std::string_view::npos;
  }
}

void StyledText::EndWord() {
  if (word_.empty()) return;
  if (column_ > 0 && Indent() + column_ + blanks_ + word_width_ > columns_) EndLine();
  if (column_ > 0 && blanks_ > 0) {
    line_.back().text.append(blanks_, ' ');
    column_ += blanks_;
  }
  for (Piece& character : word_) {
    if (line_.empty() || line_.back().style != character.style) {
      line_.push_back(std::move(character));
    } else {
      line_.back().text += character.text;
    }
  }
  column_ += word_width_;
  word_.clear();
  word_width_ = 0;
  blanks_ = 0;
  after_wide_ = false;
  joins_next_ = false;
}

void StyledText::EndLine() {
  if (!line_.empty()) lines_.append(Indent(), ' ');
  for (const Piece& piece : line_) lines_ += InStyle(piece.text, piece.style);
  lines_ += '\n';
  line_.clear();
  column_ = 0;
  blanks_ = 0;
}

std::string WrapLines(std::string_view text, size_t columns) {
  std::string wrapped;
  for (;;) {
    const size_t end = text.find('\n');
    wrapped += WrapLine(text.substr(0, end), columns);
    if (end == std::string_view::npos) return wrapped;
    wrapped += '\n';
    text.remove_prefix(end + 1);
  }
}

}  // namespace roentgen::app
