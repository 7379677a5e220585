#include "roentgen/evaluation/image_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

std::string HashOfFile(const std::string& name, const fs::path& folder) {
  const fs::path path = FileExists(name) ? fs::path(name) : folder / name;
  if (!FileExists(path)) return "";
  try {
    return PixelHash(LoadImage(path));
  } catch (const Error&) {
    return "";  // what cannot be decoded has no pixels to compare
  }
}

}  // namespace

std::string PixelHash(const Image& image) {
  std::string bytes = fmt::format("{}x{}\n", image.width, image.height);
  bytes.append(reinterpret_cast<const char*>(image.rgb.data()), image.rgb.size());
  return Sha256Hex(bytes);
}

ImageHashes::ImageHashes(std::vector<std::string> files, const fs::path& folder, ThreadPool& pool) {
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::vector<std::string> found(files.size());
  pool.ForEach(files.size(),
               [&](size_t i, int /*worker*/) { found[i] = HashOfFile(files[i], folder); });
  for (size_t i = 0; i < files.size(); ++i) {
    if (!found[i].empty()) hashes_.emplace(std::move(files[i]), std::move(found[i]));
  }
}

std::vector<std::string> ImageHashes::Of(const std::vector<std::string>& files) const {
  std::vector<std::string> hashes;
  for (const std::string& file : files) {
    const auto found = hashes_.find(file);
    if (found == hashes_.end()) return {};
    hashes.push_back(found->second);
  }
  return hashes;
}

}  // namespace roentgen
