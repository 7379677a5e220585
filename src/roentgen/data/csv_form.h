#pragma once

#include <filesystem>
#include <string>

namespace roentgen {

/// How a table's file is written.
struct CsvForm {
  std::string encoding = "UTF-8";  ///< ICU's name
  char separator = ',';
  bool separator_line = false;  ///< its first line is Excel's "sep=;"
};

/// What the user says of it; what is empty is found out.
struct CsvOptions {
  std::string encoding;        ///< any name that ICU knows
  std::string separator;       ///< a character, or "comma", "semicolon", "tab", "pipe"
  bool allow_outside = false;  ///< images may lie anywhere, not only in the table's folder
};

/// Finds out how a table of questions is written, from all of its bytes for the encoding, and for
/// the separator from "sep=;" or from the names of its columns: that one by which there are an
/// image, a question and an answer.
///
/// Throws Error when the encoding is not certain, with those that it may be, when the bytes are
/// UTF-8 but for a few, and when several separators name the columns.
CsvForm FindCsvForm(const std::filesystem::path& file, const CsvOptions& options);

}  // namespace roentgen
