#pragma once

#include <filesystem>
#include <string>

namespace roentgen {

/// Says why what is at a path cannot be opened as a model: it is an adapter, a file, a folder of
/// folders, or its weights are in another program's format; the hint says what to do about it.
///
/// named  how the user named the path, for the message
[[noreturn]] void ThrowNotAModel(const std::string& named, const std::filesystem::path& path);

/// The same for a model's folder in which there is no *.safetensors.
[[noreturn]] void ThrowNoWeights(const std::filesystem::path& folder);

}  // namespace roentgen
