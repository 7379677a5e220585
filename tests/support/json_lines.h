#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/base/json.h"

namespace roentgen::test {

/// The documents of a file that holds one in each line.
inline std::vector<Json> JsonLines(const std::filesystem::path& path) {
  std::istringstream text(ReadFile(path, size_t{64} << 20));
  std::vector<Json> documents;
  for (std::string line; std::getline(text, line);) {
    documents.push_back(ParseJson(line, path.string()));
  }
  return documents;
}

}  // namespace roentgen::test
