#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen {

/// How large one row may be. Larger ones are read over, never held.
struct JsonRowLimits {
  size_t values = 200'000;               ///< objects, lists, texts and numbers in it
  size_t text_bytes = size_t{16} << 20;  ///< of its keys and texts
  size_t depth = 64;                     ///< of nesting; deeper is an Error

  /// Of a text or line as it is written: six characters may stand for two bytes ("\\u80ba" for 肺).
  size_t written_bytes() const { return 3 * text_bytes; }
};

/// A field that is a text, whatever its value in the file.
struct JsonTextField {
  std::string list;  ///< the row's list of objects that have it; empty: the row itself has it
  std::string key;
};

struct JsonRow {
  size_t number = 0;  ///< counted from 1; the line in a file of lines
  Json value;         ///< null when oversized
  bool oversized = false;
  /// The keys of text fields that were numbers, in their order, once for each number.
  std::vector<std::string> number_fields = {};
  /// A key that one of its objects has twice, of which the last counts here; programs differ.
  std::optional<std::string> repeated_key = {};
};

/// Calls row for every element of the list that a JSON file holds, or for every line of a file of
/// JSON lines (told by whether it begins with "["), and holds one of them at a time.
///
/// Throws Error with file, line and column when the JSON is broken, cut short or not UTF-8, or when
/// something follows the list, when it is nested too deeply, and when a single text of a list has
/// more than written_bytes; without a place when there is no row at all.
///
/// texts  A number in one of these becomes the text that it was written as ("2.50", "1e3"). Whole
///        numbers that fit no 64 bits become texts everywhere, as they would lose digits.
void ForEachJsonRow(const std::filesystem::path& file, const std::function<void(JsonRow)>& row,
                    const JsonRowLimits& limits = {}, const std::vector<JsonTextField>& texts = {});
/// The same for a stream; name stands for it in errors.
void ForEachJsonRow(std::istream& stream, const std::string& name,
                    const std::function<void(JsonRow)>& row, const JsonRowLimits& limits = {},
                    const std::vector<JsonTextField>& texts = {});

}  // namespace roentgen
