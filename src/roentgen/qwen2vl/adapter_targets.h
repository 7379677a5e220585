#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/base/python_regex.h"

namespace roentgen {

/// Which modules PEFT builds LoRA on: target_modules, exclude_modules and layers_to_transform of
/// adapter_config.json (check_target_module_exists in PEFT).
class AdapterTargets {
 public:
  /// Every module.
  AdapterTargets() = default;
  /// Throws Error, naming the key, for a pattern that is none and for values of other kinds.
  explicit AdapterTargets(const JsonObject& config);

  /// Whether target_modules say anything.
  bool known() const { return known_; }
  /// Whether a module has LoRA under all of the names that versions of Transformers give it.
  bool Name(const std::string& module) const;
  /// The key by which a module has none under any of its names; null where it has.
  const char* KeyThatLeavesOut(const std::string& module) const;

 private:
  /// A list of names or of their ends behind a dot, or a pattern for the whole name.
  struct Choice {
    std::vector<std::string> names = {};
    std::optional<PythonRegex> pattern = {};

    bool FitsWhole(const std::string& module) const;
    bool Fits(const std::string& module) const;
  };

  static Choice ReadChoice(const JsonObject& config, const char* key);
  void ReadLayers(const JsonObject& config);
  const char* KeyFor(const std::string& module) const;

  bool known_ = false;
  bool all_ = true;
  Choice targets_;
  Choice excluded_;
  std::optional<PythonRegex> layers_;  // begins the names of modules in layers_to_transform
};

}  // namespace roentgen
