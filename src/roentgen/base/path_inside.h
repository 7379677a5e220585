#pragma once

#include <filesystem>
#include <string>

namespace roentgen {

/// folder / name, where the name comes from a downloaded archive and must not lead anywhere else.
/// Throws Error when it is empty or absolute, holds control characters, or leaves the folder, be it
/// by ".." or through a symbolic link.
std::filesystem::path PathInside(const std::filesystem::path& folder, const std::string& name);

/// Whether a path, there or not, is the folder or lies somewhere in it when links are followed.
bool LiesIn(const std::filesystem::path& folder, const std::filesystem::path& path);

/// Whether two names are of one file, by links of both kinds too; or of one place where there is no
/// file yet.
bool IsSameFile(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace roentgen
