#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <istream>
#include <string>

#include "roentgen/base/json.h"

namespace roentgen {

/// How large one row may be. Larger ones are read over, never held.
struct JsonRowLimits {
  size_t values = 1'000'000;             ///< objects, lists, texts and numbers in it
  size_t text_bytes = size_t{64} << 20;  ///< of its keys and texts
  size_t depth = 64;                     ///< of nesting; deeper is an Error
};

struct JsonRow {
  size_t number = 0;  ///< counted from 1; the line in a file of lines
  Json value;         ///< null when oversized
  bool oversized = false;
};

/// Calls row for every element of the list that a JSON file holds, or for every line of a file of
/// JSON lines (told by whether it begins with "["), and holds one of them at a time.
///
/// Throws Error with file, line and column when the JSON is broken, cut short, nested too deeply or
/// not UTF-8, when something follows the list, or when there is no row at all.
void ForEachJsonRow(const std::filesystem::path& file, const std::function<void(JsonRow)>& row,
                    const JsonRowLimits& limits = {});
/// The same for a stream; name stands for it in errors.
void ForEachJsonRow(std::istream& stream, const std::string& name,
                    const std::function<void(JsonRow)>& row, const JsonRowLimits& limits = {});

}  // namespace roentgen
