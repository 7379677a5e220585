#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen::app {

enum class Style { kPlain, kBold, kDim };

/// Text in several styles, broken into lines between words and between Chinese characters.
class StyledText {
 public:
  /// indent: of the lines after the first.
  StyledText(size_t columns, size_t indent) : columns_(columns), indent_(indent) {}

  void Add(std::string_view text, Style style = Style::kPlain);
  /// All lines, each with its end.
  std::string Finish();

 private:
  struct Piece {
    std::string text;
    Style style;
  };

  void AddCharacter(std::string_view character, Style style);
  void EndWord();
  void EndLine();
  size_t Indent() const { return lines_.empty() ? 0 : indent_; }

  size_t columns_;
  size_t indent_;
  std::string lines_;        // that are complete
  std::vector<Piece> line_;  // the one that is being filled
  size_t column_ = 0;        // its width, without its indent
  size_t blanks_ = 0;        // behind it
  std::vector<Piece> word_;  // characters that stay together
  size_t word_width_ = 0;
  bool after_wide_ = false;  // the last of these is wide
  bool joins_next_ = false;  // it opens a bracket
};

/// The text with its lines that are wider than so many columns broken. What goes on stands below
/// its line's text: below the last column of a table's row ("/undo    take the last question
/// back") where that is in the left half.
std::string WrapLines(std::string_view text, size_t columns);

}  // namespace roentgen::app
