#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "roentgen/base/json.h"
#include "roentgen/base/json_scan.h"

namespace roentgen {

// The reader of JSON from outside, behind ParseJson and ReadJsonFile too. It refuses, with the
// place in the file: what is no JSON, the numbers NaN and Infinity that Python writes, numbers that
// fit no double (1e999), bytes that are not UTF-8, a key that an object has twice (readers differ
// in which one counts), and what is over the limits. It does not recurse.

Json ParseJson(std::string_view text, const std::string& where, const JsonLimits& limits);

/// The same with keys in their order in the text; Json sorts them.
nlohmann::ordered_json ParseOrderedJson(std::string_view text, const std::string& where,
                                        const JsonLimits& limits = {});

/// For a text that may be JSON: nothing where the reader refuses it.
std::optional<Json> TryParseJson(std::string_view text, const JsonLimits& limits = {});

}  // namespace roentgen
