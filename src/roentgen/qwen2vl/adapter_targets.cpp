#include "roentgen/qwen2vl/adapter_targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/names.h"

namespace roentgen {
namespace {

constexpr const char* kTargets = "target_modules";
constexpr const char* kExcluded = "exclude_modules";
constexpr const char* kLayers = "layers_to_transform";
constexpr const char* kLayersPattern = "layers_pattern";

PythonRegex ReadPattern(const JsonObject& config, const char* key, const std::string& pattern) {
  try {
    return PythonRegex(pattern);
  } catch (const Error& error) {
    config.Fail(key, error.what(), error.hint());
  }
}

template <class T>
std::vector<T> OneOrMany(const JsonObject& config, const char* key) {
  if (!config.Has(key)) return {};
  if (config.json().at(key).is_array()) return config.Get<std::vector<T>>(key);
  return {config.Get<T>(key)};
}

}  // namespace

AdapterTargets::AdapterTargets(const JsonObject& config) {
  excluded_ = ReadChoice(config, kExcluded);
  known_ = config.Has(kTargets);
  if (!known_) return;
  const Json& targets = config.json().at(kTargets);
  all_ = targets.is_string() && LowerAscii(targets.get<std::string>()) == "all-linear";
  if (!all_) targets_ = ReadChoice(config, kTargets);
  ReadLayers(config);
}

AdapterTargets::Choice AdapterTargets::ReadChoice(const JsonObject& config, const char* key) {
  if (!config.Has(key)) return {};
  if (!config.json().at(key).is_string()) return {config.Get<std::vector<std::string>>(key)};
  const auto pattern = config.Get<std::string>(key);
  if (pattern.empty()) return {};
  [[maybe_unused]] const PythonRegex alone = ReadPattern(config, key, pattern);
  return {{}, ReadPattern(config, key, fmt::format("(?:{})$", pattern))};
}

/// The number of a layer is the first one in a name that follows a name of layers.
void AdapterTargets::ReadLayers(const JsonObject& config) {
  const auto layers = OneOrMany<int64_t>(config, kLayers);
  if (layers.empty()) return;
  auto patterns = OneOrMany<std::string>(config, kLayersPattern);
  std::erase(patterns, "");  // as if it were not there
  const std::string before = patterns.empty()
                                 ? ".*?\\.[^.]*"
                                 : fmt::format("(?:^|.*?\\.)(?:{})", fmt::join(patterns, "|"));
  layers_ = ReadPattern(config, kLayersPattern,
                        fmt::format("{}\\.(?:{})\\.", before, fmt::join(layers, "|")));
}

bool AdapterTargets::Choice::FitsWhole(const std::string& module) const {
  if (pattern) return pattern->FitsStartOf(module);
  return std::find(names.begin(), names.end(), module) != names.end();
}

bool AdapterTargets::Choice::Fits(const std::string& module) const {
  return FitsWhole(module) || std::any_of(names.begin(), names.end(), [&](const auto& name) {
           return module.ends_with("." + name);
         });
}

bool AdapterTargets::Name(const std::string& module) const {
  const std::string published = PublishedName(module);
  return KeyFor(published) == nullptr && KeyFor(NestedName(published)) == nullptr;
}

const char* AdapterTargets::KeyThatLeavesOut(const std::string& module) const {
  const char* key = KeyFor(module);
  for (const std::string& name : {PublishedName(module), NestedName(PublishedName(module))}) {
    if (key != nullptr) key = KeyFor(name);
  }
  return key;
}

const char* AdapterTargets::KeyFor(const std::string& module) const {
  if (excluded_.Fits(module)) return kExcluded;
  if (all_ || targets_.FitsWhole(module)) return nullptr;  // whatever its layer
  if (!targets_.Fits(module)) return kTargets;
  return layers_ && !layers_->FitsStartOf(module) ? kLayers : nullptr;
}

}  // namespace roentgen
