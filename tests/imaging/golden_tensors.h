#pragma once

#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/imaging/image.h"

namespace roentgen::test {

/// The tensors of a golden safetensors file, for tests below the floor that reads such files for
/// the program. It trusts the file.
class GoldenTensors {
 public:
  explicit GoldenTensors(const std::filesystem::path& path) : file_(path) {
    uint64_t header_bytes = 0;
    std::memcpy(&header_bytes, file_.bytes().data(), sizeof(header_bytes));
    const auto header = file_.bytes().subspan(sizeof(header_bytes), header_bytes);
    header_ =
        ParseJson({reinterpret_cast<const char*>(header.data()), header.size()}, path.string());
    data_ = file_.bytes().subspan(sizeof(header_bytes) + header_bytes);
  }

  bool Has(const std::string& name) const { return header_.contains(name); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : header_.items()) names.push_back(name);
    return names;
  }

  std::vector<int> Shape(const std::string& name) const {
    return header_.at(name).at("shape").get<std::vector<int>>();
  }

  /// A tensor of shape [height, width, …] as a size.
  Size ImageSize(const std::string& name) const { return {Shape(name)[1], Shape(name)[0]}; }

  template <class T = uint8_t>
  std::vector<T> Values(const std::string& name) const {
    const auto [begin, end] = header_.at(name).at("data_offsets").get<std::pair<size_t, size_t>>();
    std::vector<T> values((end - begin) / sizeof(T));
    std::memcpy(values.data(), data_.data() + begin, end - begin);
    return values;
  }

 private:
  MappedFile file_;
  Json header_;
  std::span<const uint8_t> data_;
};

/// The rows of a golden JSON-lines file.
inline std::vector<Json> GoldenRows(const std::filesystem::path& path) {
  const std::string text = ReadFile(path, size_t{1} << 24);
  std::vector<Json> rows;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    rows.push_back(ParseJson(std::string_view(text).substr(begin, end - begin), path.string()));
    begin = end + 1;
  }
  return rows;
}

/// The bytes of a vector, as the golden hashes take them.
template <class T>
std::string_view BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace roentgen::test
