#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/yaml.h"

namespace roentgen {

/// What a setting of LLaMA-Factory or Transformers looks like there.
enum class ValueForm {
  kFlag,   ///< true or false
  kCount,  ///< a whole number
  kNumber,
  kText,
  kList,  ///< a list, or a text with commas
  kMap,   ///< keys of its own, or the path of a file that has them
  kAny
};

/// Settings of LLaMA-Factory 0.9.5 and later and of Transformers 5, and older ones, that set
/// nothing here. Either they have no meaning here, because they say how fast, on which device, or
/// for which other kind of training; or only the values that change nothing can be taken.
struct UnusedSetting {
  enum class Kind { kWithoutMeaning, kOnlyNeutral };
  Kind kind;
  ValueForm form;
  std::string_view names;     ///< with blanks; one that ends in "*" stands for all that begin so
  std::string_view accepted;  ///< values, with commas; without meaning: empty for all of the form
  std::string_view reason;    ///< why other values are refused
  std::string_view hint;      ///< what to do about it
};

/// The setting of that name, by its own name before one with "*"; null when there is none.
const UnusedSetting* FindUnusedSetting(std::string_view name);

/// All names but those with "*".
std::vector<std::string> UnusedSettingNames();

/// Throws Error, naming file, line and setting, when the value is not of the form or not among the
/// accepted ones, with the reason. A value that says nothing (null, "", [], {}) is always taken.
void RequireAccepted(const UnusedSetting& setting, const YamlSetting& given);

}  // namespace roentgen
