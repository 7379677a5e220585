#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

namespace roentgen {

/// SHA-256 of a file that may be larger than memory, as 64 hexadecimal digits. Throws Error when it
/// cannot be read, Cancelled.
std::string Sha256OfFile(const std::filesystem::path& path, const std::stop_token& stop = {});

/// SHA-1 that git has of the file as a blob, as 40 hexadecimal digits. Errors as Sha256OfFile.
std::string GitBlobHashOfFile(const std::filesystem::path& path, const std::stop_token& stop = {});

}  // namespace roentgen
