#include "roentgen/base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/lfs_pointer.h"

namespace roentgen {
namespace {

/// The value as text, cut to what fits a message.
std::string Excerpt(const Json& value) {
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

Json ReadJsonFile(const std::filesystem::path& path, size_t max_bytes) {
  const std::string text = ReadFile(path, max_bytes);
  RefuseLfsPointer(text, path.string());
  // Readers that expect many bytes expect many values.
  constexpr size_t kBytesOfValue = 16;
  JsonLimits limits;
  limits.values = std::max(limits.values, max_bytes / kBytesOfValue);
  return ParseJson(text, path.string(), limits);
}

JsonObject::JsonObject(Json value, std::string where)
    : value_(std::move(value)), where_(std::move(where)) {
  if (!value_.is_object()) {
    throw Error(fmt::format("{}: expected an object, found {}", where_, Excerpt(value_)));
  }
}

bool JsonObject::Has(const std::string& key) const {
  const auto at = value_.find(key);
  return at != value_.end() && !at->is_null();
}

JsonObject JsonObject::Object(const std::string& key) const {
  const Json& value = At(key);
  if (!value.is_object()) Fail(key, "expected an object, found " + Excerpt(value));
  return {value, where_ + ": " + key};
}

void JsonObject::Fail(const std::string& key, const std::string& problem, std::string hint) const {
  throw Error(fmt::format("{}: {}: {}", where_, key, problem), std::move(hint));
}

const Json& JsonObject::At(const std::string& key) const {
  const auto at = value_.find(key);
  if (at == value_.end() || at->is_null()) Fail(key, "missing");
  return *at;
}

const Json& JsonObject::Array(const Json& value, const std::string& key) const {
  if (!value.is_array()) Fail(key, "expected a list, found " + Excerpt(value));
  return value;
}

bool JsonObject::Bool(const Json& value, const std::string& key) const {
  if (!value.is_boolean()) Fail(key, "expected true or false, found " + Excerpt(value));
  return value.get<bool>();
}

int64_t JsonObject::Integer(const Json& value, const std::string& key) const {
  if (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX) {
    Fail(key, Excerpt(value) + " is out of range");
  }
  if (value.is_number_integer()) return value.get<int64_t>();
  // 4.0 is a whole number too: some tools write every number as a float.
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number >= -0x1p53 && number <= 0x1p53 &&
        number == static_cast<double>(static_cast<int64_t>(number))) {
      return static_cast<int64_t>(number);
    }
  }
  Fail(key, "expected a whole number, found " + Excerpt(value));
}

double JsonObject::Number(const Json& value, const std::string& key) const {
  if (!value.is_number()) Fail(key, "expected a number, found " + Excerpt(value));
  return value.get<double>();
}

std::string JsonObject::String(const Json& value, const std::string& key) const {
  if (!value.is_string()) Fail(key, "expected a text, found " + Excerpt(value));
  return value.get<std::string>();
}

}  // namespace roentgen
