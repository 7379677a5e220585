#pragma once

#include <CLI/CLI.hpp>

#include "roentgen/base/output.h"

namespace roentgen::app {

/// --force, which every command has that writes files of the user's choice.
inline void AddForce(CLI::App& command, Replaces& replaces) {
  command.add_flag_callback(
      "--force", [&replaces] { replaces = Replaces::kAny; },
      "Write over files that this program did not make");
}

}  // namespace roentgen::app
