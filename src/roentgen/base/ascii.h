#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace roentgen {

/// In lower case as far as ASCII goes, in every locale.
std::string LowerAscii(std::string_view text);

/// The extension of a file's name in lower case: ".json" of "a/B.JSON"; empty where it has none.
std::string EndingOf(const std::filesystem::path& path);

}  // namespace roentgen
