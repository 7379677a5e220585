#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/text/tokenizer.h"
#include "support/paths.h"

namespace roentgen::test {

inline std::filesystem::path TextGolden(const char* file) {
  return GoldenRoot() / "text" / file;
}

inline std::filesystem::path QwenFolder() {
  return SharedRoot() / "models" / "qwen2-vl-2b-instruct";
}

/// The tokenizer of Qwen2-VL-2B, read once for all tests of a program.
inline const Tokenizer& QwenTokenizer() {
  static const Tokenizer tokenizer = Tokenizer::Load(QwenFolder());
  return tokenizer;
}

/// The objects of a file that has one per line.
inline std::vector<JsonObject> ReadJsonLines(const std::filesystem::path& path) {
  std::vector<JsonObject> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::string where = path.filename().string() + ":" + std::to_string(rows.size() + 1);
    rows.emplace_back(ParseJson(line, where), where);
  }
  return rows;
}

inline std::string LittleEndian(size_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

/// The records that the goldens hash: the count of ids, then the ids.
inline std::string IdRecord(const std::vector<int32_t>& ids) {
  std::string record = LittleEndian(ids.size());
  for (const int32_t id : ids) record += LittleEndian(static_cast<size_t>(id));
  return record;
}

inline std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back("0123456789abcdef"[static_cast<uint8_t>(byte) >> 4]);
    hex.push_back("0123456789abcdef"[static_cast<uint8_t>(byte) & 15]);
  }
  return hex;
}

}  // namespace roentgen::test
