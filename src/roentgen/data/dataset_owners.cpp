#include "roentgen/data/dataset_owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* kOtherName =
    "Give the dataset another name or write it to another folder, or move away what is there.";

/// Images of images/ that a file of rows mentions, whatever its form.
std::set<std::string> MentionedImages(const fs::path& file) {
  std::set<std::string> images;
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return images;
  const MappedFile mapped(file);
  const std::string_view text(reinterpret_cast<const char*>(mapped.bytes().data()),
                              mapped.bytes().size());
  constexpr std::string_view kFolder = "images";
  for (size_t at = text.find(kFolder); at != text.npos; at = text.find(kFolder, at)) {
    at += kFolder.size();
    size_t end = at;
    while (end < text.size() && text[end] != '"' && text[end] != '\n') {
      end += text[end] == '\\' ? 2 : 1;
    }
    const std::string_view path = text.substr(at, std::min(end, text.size()) - at);
    images.insert("images" + std::string(path));  // as in a CSV file
    const std::optional<Json> plain = TryParseJson(fmt::format("\"{}\"", path));
    if (plain && plain->is_string()) images.insert("images" + plain->get<std::string>());
  }
  return images;
}

}  // namespace

bool NameIsUsed(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

void CheckFileIsOurs(const fs::path& folder, const std::string& file, const DatasetManifest& owned,
                     const DatasetManifests& manifests) {
  const std::string* other =
      AnotherWith(manifests, owned.dataset,
                  [&](const DatasetManifest& manifest) { return manifest.files.contains(file); });
  if (other != nullptr) {
    throw Error(fmt::format("{}: a file of the dataset \"{}\", and \"{}\" would need this name",
                            (folder / file).string(), *other, owned.dataset),
                kOtherName);
  }
  if (!NameIsUsed(folder / file)) return;
  std::error_code ignored;
  const bool is_folder = fs::is_directory(folder / file, ignored);
  if (!is_folder && owned.files.contains(file)) return;
  const std::string part = fs::path(file.substr(owned.dataset.size() + 1)).stem().string();
  if (!is_folder && HoldsPart(folder / file, part)) return;
  throw Error(
      fmt::format("{}: there is {} of this name that no import of the dataset \"{}\" wrote",
                  (folder / file).string(), is_folder ? "a folder" : "a file", owned.dataset),
      kOtherName);
}

void CheckEntryIsOurs(const fs::path& folder, const std::string& entry, const OrderedJson& info,
                      const DatasetManifest& owned, const DatasetManifests& manifests) {
  const std::string where = (folder / "dataset_info.json").string();
  const std::string* other = AnotherWith(
      manifests, owned.dataset,
      [&](const DatasetManifest& manifest) { return manifest.entries.contains(entry); });
  if (other != nullptr) {
    throw Error(fmt::format("{}: {} is an entry of the dataset \"{}\", and \"{}\" would need it",
                            where, entry, *other, owned.dataset),
                kOtherName);
  }
  if (!info.contains(entry) || owned.entries.contains(entry)) return;
  throw Error(fmt::format("{}: {} is an entry that no import of the dataset \"{}\" made", where,
                          entry, owned.dataset),
              kOtherName);
}

void CheckAreUnchanged(const fs::path& folder, const DatasetManifest& owned, bool force) {
  for (const std::string& file : owned.files) {
    const fs::path path = folder / file;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) continue;
    if (!fs::is_symlink(path, ignored)) CheckOutput(path, Replaces::kAny);
    const auto written = owned.written.find(file);
    if (force || written == owned.written.end()) continue;
    if (fs::file_size(path, ignored) == written->second.bytes) {
      const MappedFile mapped(path);
      if (Sha256Hex(mapped.bytes()) == written->second.sha256) continue;
    }
    throw Error(fmt::format("{}: it was changed since the dataset \"{}\" was written, and would be "
                            "replaced",
                            path.string(), owned.dataset),
                "Give the dataset another name (--name), move the file away, or write over it with "
                "--force.");
  }
}

std::set<std::string> ImagesOfUnlisted(const fs::path& folder, const OrderedJson& info,
                                       const DatasetManifest& owned,
                                       const DatasetManifests& manifests) {
  std::set<std::string> images;
  for (const auto& [name, entry] : info.items()) {
    const std::string& key = name;
    if (owned.entries.contains(key) || !entry.is_object()) continue;
    if (AnotherWith(manifests, owned.dataset, [&](const DatasetManifest& manifest) {
          return manifest.entries.contains(key);
        }) != nullptr) {
      continue;
    }
    const auto file = entry.find("file_name");
    if (file == entry.end() || !file->is_string()) continue;
    images.merge(MentionedImages(folder / file->get<std::string>()));
  }
  return images;
}

}  // namespace roentgen
