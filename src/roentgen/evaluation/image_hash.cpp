#include "roentgen/evaluation/image_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/dicom_identity.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace fs = std::filesystem;

std::string PixelHash(const Image& image) {
  return Sha256Hex(fmt::format("{}x{} {}", image.width, image.height, Sha256Hex(image.rgb)));
}

ImageHashes::Hashes ImageHashes::HashesOfFile(const std::string& name, const fs::path& folder) {
  const fs::path path = FileExists(name) ? fs::path(name) : folder / name;
  if (!FileExists(path)) return {};
  try {
    const MappedFile file(path);
    return {PixelHash(DecodeImage(file.bytes(), path.string())),
            HashDicomIdentity(file.bytes()).patient};
  } catch (const Error&) {
    return {};  // what cannot be decoded has no pixels to compare
  }
}

ImageHashes::ImageHashes(std::vector<std::string> files, const fs::path& folder, ThreadPool& pool) {
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::vector<Hashes> found(files.size());
  pool.ForEach(files.size(),
               [&](size_t i, int /*worker*/) { found[i] = HashesOfFile(files[i], folder); });
  for (size_t i = 0; i < files.size(); ++i) {
    if (!found[i].pixels.empty()) hashes_.emplace(std::move(files[i]), std::move(found[i]));
  }
}

std::vector<std::string> ImageHashes::Of(const std::vector<std::string>& files) const {
  std::vector<std::string> hashes;
  for (const std::string& file : files) {
    const auto found = hashes_.find(file);
    if (found == hashes_.end()) return {};
    hashes.push_back(found->second.pixels);
  }
  return hashes;
}

std::string ImageHashes::PatientOf(const std::vector<std::string>& files) const {
  std::string patient;
  for (const std::string& file : files) {
    const auto found = hashes_.find(file);
    if (found == hashes_.end() || found->second.patient.empty()) continue;
    if (!patient.empty() && patient != found->second.patient) return "";
    patient = found->second.patient;
  }
  return patient;
}

}  // namespace roentgen
