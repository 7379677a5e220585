#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roentgen {

using Json = nlohmann::json;

/// Parses one JSON document; where names it in the Error thrown for broken syntax (with its place).
Json ParseJson(std::string_view text, const std::string& where);

/// Reads and parses a JSON file of at most max_bytes. Throws Error, too, for a Git LFS pointer.
Json ReadJsonFile(const std::filesystem::path& path, size_t max_bytes);

/// A JSON object under a name, so that every complaint about it tells file and key:
/// "model/config.json: vision_config.depth: expected a whole number, found "many"".
class JsonObject {
 public:
  /// where: the file, or the file and the path of keys to this object. Throws Error unless value is
  /// an object.
  JsonObject(Json value, std::string where);

  const Json& json() const { return value_; }
  const std::string& where() const { return where_; }
  /// Present and not null.
  bool Has(const std::string& key) const;

  /// The value of a key, checked for its type (T: bool, an integer, double, std::string, or a
  /// vector of these). Integers must fit T. Throws Error when it is missing or of another kind.
  template <class T>
  T Get(const std::string& key) const {
    return Convert<T>(At(key), key);
  }
  /// As Get, but nothing when the key is absent or null.
  template <class T>
  std::optional<T> Find(const std::string& key) const {
    if (!Has(key)) return std::nullopt;
    return Get<T>(key);
  }
  template <class T>
  T GetOr(const std::string& key, T fallback) const {
    return Has(key) ? Get<T>(key) : fallback;
  }
  JsonObject Object(const std::string& key) const;

  [[noreturn]] void Fail(const std::string& key, const std::string& problem,
                         std::string hint = {}) const;

 private:
  template <class T>
  struct IsVector : std::false_type {};
  template <class T>
  struct IsVector<std::vector<T>> : std::true_type {};

  template <class T>
  T Convert(const Json& value, const std::string& key) const {
    if constexpr (IsVector<T>::value) {
      T list;
      for (const Json& element : Array(value, key)) {
        list.push_back(Convert<typename T::value_type>(element, key));
      }
      return list;
    } else if constexpr (std::is_same_v<T, bool>) {
      return Bool(value, key);
    } else if constexpr (std::is_integral_v<T>) {
      const int64_t number = Integer(value, key);
      if (!std::in_range<T>(number)) Fail(key, std::to_string(number) + " is out of range");
      return static_cast<T>(number);
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(Number(value, key));
    } else {
      static_assert(std::is_same_v<T, std::string>);
      return String(value, key);
    }
  }

  const Json& At(const std::string& key) const;
  const Json& Array(const Json& value, const std::string& key) const;
  bool Bool(const Json& value, const std::string& key) const;
  int64_t Integer(const Json& value, const std::string& key) const;
  double Number(const Json& value, const std::string& key) const;
  std::string String(const Json& value, const std::string& key) const;

  Json value_;
  std::string where_;
};

}  // namespace roentgen
