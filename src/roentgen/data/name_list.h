#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Names that a file gives (of parts, columns, datasets) as messages have them. A file may give
// thousands, and each may be a page long.

namespace roentgen {

/// The text; of a long one the beginning and "…".
std::string Shortened(std::string_view text, size_t characters);

/// Shortened to what a name may take.
std::string ShortName(std::string_view name);

/// "\"name\"", with ShortName.
std::string QuotedName(std::string_view name);

/// "a, b, c", with ShortName; of many the first and " and 980 more".
std::string ListOf(const std::vector<std::string>& names, std::string_view between = ", ");

/// "\"a\", \"b\"" likewise.
std::string QuotedListOf(const std::vector<std::string>& names, std::string_view between = ", ");

}  // namespace roentgen
