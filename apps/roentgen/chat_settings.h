#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model_options.h"
#include "roentgen/imaging/open_picture.h"
#include "roentgen/inference/session.h"
#include "roentgen/qwen2vl/generation_config.h"

namespace roentgen::app {

/// What `/set NAME VALUE` changes in a conversation.
struct ChatSettings {
  GenerationOptions& generation;       ///< always SamplingFlags::Resolve of the next two
  const GenerationDefaults& defaults;  ///< the model's own
  SamplingFlags sampling;              ///< what the user chose, by flags and by /set
  PictureChoice choice;
  std::string preview = "auto";

  /// Throws Error, naming those that there are, for an unknown name or a value out of range;
  /// nothing changes then.
  void Set(std::string_view name, std::string_view value);
  /// Other draws from now on: /regenerate.
  void NextSeed();
  /// "temperature 0.7", a line for each.
  std::vector<std::string> Describe() const;
  static std::vector<std::string> Names();
};

}  // namespace roentgen::app
