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

}  // namespace roentgen
