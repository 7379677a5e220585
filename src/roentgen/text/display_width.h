#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace roentgen {

/// How many cells of a terminal a text takes: two for a Chinese character, none for a combining
/// mark.
size_t DisplayWidth(std::string_view text);

/// The text, cut with "…" where it is wider than cells, and filled with blanks where it is
/// narrower.
std::string FitToWidth(std::string_view text, size_t cells);

/// The text broken between words into lines of at most so many cells; those after the first are
/// indented. A word that is wider has a line of its own.
std::string WrapText(std::string_view text, size_t cells, size_t indent = 0);

}  // namespace roentgen
