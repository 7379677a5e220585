#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "roentgen/assistant/pasted_line.h"
#include "roentgen/assistant/path_search.h"

namespace roentgen {

/// A piece of a line that leads somewhere, if it was found.
struct FoundName {
  FoundPath found;
  size_t length = 0;
};

/// A path that is there and that begins where the line is looked at: the longest one of a word, of
/// words up to a file's ending, and of what the folder lists.
FoundName LongestPath(PastedLine& line);

/// The longest name that begins there and that a folder lists, in the current folder or one that
/// is written before it. Nothing is guessed about where it ends: "a.png副本", "b.png - Copy".
FoundName ListedPath(PastedLine& line);

/// "a.png/b.png": images from a place on with a slash between, all of them or none. Nothing lies
/// inside a file, so that this is no path.
std::vector<FoundName> PartedImages(PastedLine& line, size_t begin);

}  // namespace roentgen
