#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/data/csv_form.h"

namespace roentgen {

using CsvRowTaker = std::function<void(size_t number, std::vector<std::string> fields)>;

/// The most bytes of text that a row may have.
inline constexpr size_t kMaxCsvRowBytes = size_t{16} << 20;

/// Calls row for every row of a CSV file (RFC 4180 in this form; a byte order mark is passed over),
/// with its number, counted from 1, and its fields in UTF-8. A line that names the separator is
/// row 1, but not handed on. Holds one row in memory.
///
/// Fields are as they were typed, blanks at their edges too. Blanks outside the quotes of a quoted
/// field ("a, \"b, c\" ,d") are none of it. A row of blanks is no row.
///
/// Throws Error, naming file and row, when quotes are wrong, when a row's fields have more than 16
/// MB, or when it is not in the form's encoding.
void ForEachCsvRow(const std::filesystem::path& file, const CsvForm& form, const CsvRowTaker& row);

/// The same for a text in UTF-8; name stands for it in errors.
void ForEachCsvRow(std::string_view text, const std::string& name, char separator,
                   const CsvRowTaker& row);

}  // namespace roentgen
