#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace roentgen {

/// One key of a YAML file, as text: what a text must look like is for its reader to say.
class YamlSetting {
 public:
  /// kMap stands for keys of its own, or a list of other things than texts: nobody looks inside.
  enum class Kind { kNull, kScalar, kList, kMap };

  YamlSetting(std::string key, Kind kind, std::vector<std::string> values, std::string where)
      : key_(std::move(key)), kind_(kind), values_(std::move(values)), where_(std::move(where)) {}

  const std::string& key() const { return key_; }
  Kind kind() const { return kind_; }
  /// "key:" with nothing behind it, "~" or "null".
  bool IsNull() const { return kind_ == Kind::kNull; }
  /// Nothing is said: null, "", [] or {}.
  bool IsEmpty() const;

  /// Each throws Error with place and key when the value is of another kind.
  std::string Text() const;
  /// true, yes, on and their opposites.
  bool Bool() const;
  /// Both ends are allowed values.
  int64_t Integer(int64_t least, int64_t most) const;
  double Number(double least, double most) const;
  /// A list, or a text with commas as LLaMA-Factory writes lists.
  std::vector<std::string> List() const;

  /// Throws Error: "FILE: line 7: key: problem".
  [[noreturn]] void Fail(const std::string& problem, std::string hint = {}) const;

 private:
  std::string key_;
  Kind kind_;
  std::vector<std::string> values_;  // of a map: its names
  std::string where_;
};

/// The keys of a YAML file that holds one mapping, in order. Throws Error with file and line when
/// it is something else, is not UTF-8, holds several documents, or a key occurs twice.
std::vector<YamlSetting> ReadYamlSettings(const std::filesystem::path& path);

/// "key=value" from a command line; the value is YAML.
YamlSetting ParseYamlOverride(const std::string& text);

/// The one of the names that is most like the word (fewest letters to change, add or remove);
/// nothing when more than half of the word's letters would change.
std::optional<std::string> NearestName(const std::string& word, std::span<const std::string> names);

}  // namespace roentgen
