#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace roentgen {

/// Calls row for every row of a CSV file (RFC 4180 with this delimiter; a byte order mark is passed
/// over), with its number, counted from 1, and its fields. Holds one row in memory.
///
/// Throws Error, naming file and row, when quotes are wrong, when a row's fields have more than 16
/// MB, or when it is not UTF-8.
void ForEachCsvRow(const std::filesystem::path& file, char delimiter,
                   const std::function<void(size_t number, std::vector<std::string> fields)>& row);

}  // namespace roentgen
