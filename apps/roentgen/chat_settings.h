#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "roentgen/imaging/open_picture.h"
#include "roentgen/inference/session.h"

namespace roentgen::app {

/// What `/set NAME VALUE` changes in a conversation.
struct ChatSettings {
  GenerationOptions& generation;
  PictureChoice choice;
  std::string preview = "auto";

  /// Throws Error, naming those that there are, for an unknown name or a value out of range;
  /// nothing changes then.
  void Set(std::string_view name, std::string_view value);
  /// "temperature 0.7", a line for each.
  std::vector<std::string> Describe() const;
  static std::vector<std::string> Names();
};

}  // namespace roentgen::app
