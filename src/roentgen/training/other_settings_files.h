#pragma once

#include <span>
#include <string>

#include "roentgen/base/yaml.h"

namespace roentgen {

/// Throws Error when these are not the settings of a run but another YAML that LLaMA-Factory's
/// users have: for exporting, for a conversation, of its version 1, of accelerate, …, saying what
/// it is and which command serves. file is for the message.
void RefuseOtherFiles(const std::string& file, std::span<const YamlSetting> settings);

}  // namespace roentgen
