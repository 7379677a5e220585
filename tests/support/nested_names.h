#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "roentgen/base/files.h"
#include "roentgen/base/output.h"

namespace roentgen::test {

/// Renames the tensors in a safetensors file as Transformers 5 names them in memory and, for some
/// models, on disk: model.language_model.* and model.visual.*. Written out here, so that it does
/// not rest on the code that reads the names.
inline void NestNames(const std::filesystem::path& file) {
  const std::string bytes = ReadFile(file, size_t{1} << 30);
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  nlohmann::ordered_json renamed;
  const auto header = nlohmann::ordered_json::parse(bytes.substr(sizeof(length), length));
  for (const auto& [name, entry] : header.items()) {
    std::string nested = name;
    if (name.starts_with("visual.")) nested = "model." + name;
    if (name.starts_with("model.")) nested = "model.language_model." + name.substr(6);
    renamed[nested] = entry;
  }
  const std::string text = renamed.dump();
  const uint64_t new_length = text.size();
  std::string content(reinterpret_cast<const char*>(&new_length), sizeof(new_length));
  content += text + bytes.substr(sizeof(length) + length);
  WriteFile(file, content);
}

}  // namespace roentgen::test
