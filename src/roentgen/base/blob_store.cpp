#include "roentgen/base/blob_store.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/output.h"
#include "roentgen/base/user_folders.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "roentgen blob 1\n";
constexpr size_t kHashDigits = 64;
constexpr const char* kExtension = ".blob";

/// Whether a store wrote the file, however damaged it is behind its beginning. A link is none.
bool IsBlob(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) return false;
  std::string begin(kMagic.size(), '\0');
  std::ifstream(path, std::ios::binary)
      .read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin == kMagic;
}

}  // namespace

BlobStore::BlobStore(fs::path folder, size_t limit_bytes)
    : folder_(std::move(folder)), limit_bytes_(limit_bytes) {
  MakePrivateFolder(folder_);
}

fs::path BlobStore::PathOf(const std::string& key) const {
  return folder_ / (key + kExtension);
}

std::optional<std::string> BlobStore::Get(const std::string& key) {
  const fs::path path = PathOf(key);
  if (!IsBlob(path)) return std::nullopt;
  constexpr size_t kHeader = kMagic.size() + kHashDigits;
  try {
    std::string content = ReadFile(path, limit_bytes_ + kHeader);
    if (content.size() >= kHeader) {
      const std::string hash = content.substr(kMagic.size(), kHashDigits);
      content.erase(0, kHeader);
      if (Sha256Hex(content) == hash) {
        std::error_code ignored;
        fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
        return content;
      }
    }
  } catch (const Error&) {  // it went meanwhile, or cannot be read: it is not there
  }
  std::error_code ignored;
  fs::remove(path, ignored);
  return std::nullopt;
}

void BlobStore::Put(const std::string& key, std::span<const std::string_view> pieces) {
  problem_.clear();
  std::string payload;
  for (const std::string_view piece : pieces) payload += piece;
  if (payload.size() > limit_bytes_) {
    problem_ = "a result is larger than all that may be kept";
    return;
  }
  const fs::path path = PathOf(key);
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error)) && !IsBlob(path)) {
    problem_ = path.string() + " is there already, and was not made by this program";
    return;
  }
  const std::string hash = Sha256Hex(payload);
  try {
    Output file(path, Readers::kOwner);
    file.Write(kMagic);
    file.Write(hash);
    file.Write(payload);
    file.Commit();
    MakeRoom();
  } catch (const Error& failed) {
    problem_ = failed.what();
  }
}

void BlobStore::MakeRoom() {
  struct Blob {
    fs::path path;
    fs::file_time_type used;
    size_t bytes;
  };
  std::vector<Blob> blobs;
  size_t total = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != kExtension || !IsBlob(at->path())) continue;
    std::error_code gone;  // another process may have removed it
    const auto used = at->last_write_time(gone);
    const size_t bytes = at->file_size(gone);
    if (gone) continue;
    blobs.push_back({at->path(), used, bytes});
    total += bytes;
  }
  std::sort(blobs.begin(), blobs.end(),
            [](const Blob& a, const Blob& b) { return a.used < b.used; });
  for (size_t i = 0; i < blobs.size() && total > limit_bytes_; ++i) {
    std::error_code ignored;
    fs::remove(blobs[i].path, ignored);
    total -= blobs[i].bytes;
  }
}

}  // namespace roentgen
