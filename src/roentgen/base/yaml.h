#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace roentgen {

/// One key of a flat YAML file, as text: what a text must look like is for its reader to say.
class YamlSetting {
 public:
  YamlSetting(std::string key, std::vector<std::string> values, bool list, std::string where)
      : key_(std::move(key)), values_(std::move(values)), list_(list), where_(std::move(where)) {}

  const std::string& key() const { return key_; }
  /// "key:" with nothing behind it, "~" or "null".
  bool IsNull() const { return !list_ && values_.empty(); }

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
  std::vector<std::string> values_;
  bool list_;
  std::string where_;
};

/// The keys of a YAML file that holds one mapping of names to scalars or lists of scalars, in
/// order. Throws Error with file and line when it is something else, or a key occurs twice.
std::vector<YamlSetting> ReadYamlSettings(const std::filesystem::path& path);

/// "key=value" from a command line; the value is YAML.
YamlSetting ParseYamlOverride(const std::string& text);

/// The one of the names that is most like the word (fewest letters to change, add or remove).
std::string NearestName(const std::string& word, std::span<const std::string> names);

}  // namespace roentgen
