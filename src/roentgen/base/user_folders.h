#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace roentgen {

/// An environment variable's value; nothing when it is unset or empty.
std::optional<std::string> Environment(const char* name);

/// A folder of the XDG base directory specification: the variable, else this below HOME. Throws
/// Error when neither is set: nothing is ever put below / instead.
std::filesystem::path UserFolder(const char* variable, const char* below_home);

/// Where models are installed: roentgen/models in XDG_DATA_HOME or ~/.local/share; may not exist.
std::filesystem::path ModelsFolder();

/// What the program remembers between runs: roentgen in XDG_STATE_HOME or ~/.local/state; may not
/// exist.
std::filesystem::path StateFolder();

/// Makes a folder, and those above it, where it is missing; a new one is for its owner alone.
/// Throws Error when it cannot.
void MakePrivateFolder(const std::filesystem::path& folder);

}  // namespace roentgen
