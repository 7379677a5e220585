#include "roentgen/data/dataset_manifest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/made_by.h"
#include "roentgen/data/sample_json.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kMaxManifestBytes = size_t{256} << 20;
constexpr size_t kMaxRowBytes = size_t{64} << 20;
constexpr std::string_view kPrefix = ".roentgen-manifest-";
constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kImagePrefix = "images/";

/// A name in a folder that leads nowhere else.
bool IsPlainName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

bool IsImage(std::string_view path) {
  return path.starts_with(kImagePrefix) && IsPlainName(path.substr(kImagePrefix.size()));
}

bool IsFileOf(const std::string& dataset, const std::string& file) {
  return file.starts_with(dataset + "_") && IsPlainName(file);
}

std::map<std::string, std::string> TextsOf(const JsonObject& json, const std::string& key) {
  const JsonObject object = json.Object(key);
  std::map<std::string, std::string> texts;
  for (const auto& [name, ignored] : object.json().items()) {
    texts[name] = object.Get<std::string>(name);
  }
  return texts;
}

std::set<std::string> NamesOf(const JsonObject& json, const std::string& key) {
  const auto list = json.Get<std::vector<std::string>>(key);
  return {list.begin(), list.end()};
}

bool ListedByAnother(const DatasetManifests& manifests, const std::string& dataset,
                     const std::string& file) {
  return std::any_of(manifests.begin(), manifests.end(), [&](const auto& each) {
    return each.first != dataset && each.second.files.contains(file);
  });
}

/// Of a regular file; of anything else more than there is.
uintmax_t FileSize(const fs::path& file) {
  std::error_code error;
  return fs::file_size(file, error);
}

/// The first lines of a file, as its first row.
Json FirstRow(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return {};
  const MappedFile mapped(file);
  std::string_view text(reinterpret_cast<const char*>(mapped.bytes().data()),
                        mapped.bytes().size());
  if (text.starts_with("[\n")) text.remove_prefix(2);
  text = text.substr(0, text.find('\n'));
  if (text.size() > kMaxRowBytes) return {};  // rows that are written here are smaller
  if (text.ends_with(',')) text.remove_suffix(1);
  return TryParseJson(text).value_or(nullptr);
}

bool HasKeys(const Json& row, std::initializer_list<const char*> keys) {
  return row.is_object() &&
         std::all_of(keys.begin(), keys.end(), [&](const char* key) { return row.contains(key); });
}

/// The names that parts of published sets and splits have; others may belong to a longer set's
/// name.
bool IsUsualPart(const std::string& part) {
  return part == "train" || part == "validation" || part == "test" || part.starts_with("fold-");
}

/// Finds what was written before there were manifests.
class Unlisted {
 public:
  Unlisted(const fs::path& folder, const std::string& dataset, const DatasetManifests& manifests,
           DatasetManifest& owned)
      : folder_(folder), dataset_(dataset), manifests_(manifests), owned_(owned) {}

  void FindParts(const OrderedJson& info) {
    for (const auto& [key, value] : info.items()) {
      if (!key.starts_with(dataset_ + "_") || owned_.entries.contains(key)) continue;
      if (!value.is_object() || !value.contains("file_name") || !value["file_name"].is_string()) {
        continue;
      }
      AddPart(key, value, value["file_name"].get<std::string>());
    }
  }

  void FindFurtherFiles() {
    Add("statistics.json", [](const fs::path& file) {
      return FileSize(file) <= kMaxRowBytes &&
             HasKeys(TryParseJson(ReadFile(file, kMaxRowBytes)).value_or(nullptr),
                     {"samples", "questions", "images"});
    });
    Add("report.html",
        [](const fs::path& file) { return IsMadeByThisProgram(file, FileKind::kStatistics); });
    Add("cleaning.html",
        [](const fs::path& file) { return IsMadeByThisProgram(file, FileKind::kCleaning); });
    Add("cleaning.jsonl", [](const fs::path& file) {
      return HasKeys(FirstRow(file), {"id", "file", "row", "split", "rule", "action", "reason"});
    });
    Add("knowledge.jsonl", [](const fs::path& file) {
      return HasKeys(FirstRow(file), {"language", "subject", "relation", "object"});
    });
  }

 private:
  void AddPart(const std::string& key, const OrderedJson& entry, const std::string& file) {
    if (file != key + ".json" && file != key + ".jsonl") return;
    if (ListedByAnother(manifests_, dataset_, file)) return;
    const std::string part = key.substr(dataset_.size() + 1);
    const bool gone =
        !FileExists(folder_ / file) && IsUsualPart(part) && entry == ShareGptDatasetInfo(file);
    if (!gone && !HoldsPart(folder_ / file, part)) return;
    owned_.entries[key] = file;
    for (const char* extension : {".json", ".jsonl"}) {  // an earlier run's may be there as well
      if (HoldsPart(folder_ / (key + extension), part)) owned_.files.insert(key + extension);
    }
  }

  template <class Proof>
  void Add(const std::string& what, const Proof& proof) {
    const std::string file = dataset_ + "_" + what;
    if (ListedByAnother(manifests_, dataset_, file) || !FileExists(folder_ / file)) return;
    if (proof(folder_ / file)) owned_.files.insert(file);
  }

  const fs::path& folder_;
  const std::string& dataset_;
  const DatasetManifests& manifests_;
  DatasetManifest& owned_;
};

}  // namespace

bool IsDatasetName(const std::string& name) {
  const auto fit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 100 && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), fit);
}

std::string ManifestName(const std::string& dataset) {
  return std::string(kPrefix) + dataset + std::string(kSuffix);
}

OrderedJson ManifestToJson(const DatasetManifest& manifest) {
  OrderedJson json;
  json["about"] =
      "What roentgen wrote here for this dataset, and so may replace when it is written again.";
  json["dataset"] = manifest.dataset;
  json["files"] = manifest.files;
  json["entries"] = manifest.entries;
  json["images"] = manifest.images;
  json["others_images"] = manifest.others_images;
  json["image_folders"] = manifest.image_folders;
  json["made_in"] = manifest.made_in;
  json["written"] = OrderedJson::object();
  for (const auto& [file, content] : manifest.written) {
    json["written"][file] = {{"size", content.bytes}, {"sha256", content.sha256}};
  }
  json["source"] = manifest.source;
  return json;
}

DatasetManifest ManifestFromJson(const JsonObject& json) {
  DatasetManifest manifest;
  manifest.dataset = json.Get<std::string>("dataset");
  if (!IsDatasetName(manifest.dataset)) json.Fail("dataset", "no name of a dataset");
  manifest.files = NamesOf(json, "files");
  manifest.entries = TextsOf(json, "entries");
  manifest.images = TextsOf(json, "images");
  manifest.others_images = NamesOf(json, "others_images");
  // Earlier versions did not write these.
  if (json.Has("image_folders")) manifest.image_folders = NamesOf(json, "image_folders");
  manifest.made_in = json.GetOr<std::string>("made_in", "");
  manifest.source = json.GetOr<std::string>("source", "");
  if (json.Has("written")) {
    const JsonObject written = json.Object("written");
    for (const auto& [file, ignored] : written.json().items()) {
      const JsonObject content = written.Object(file);
      manifest.written[file] = {content.Get<uint64_t>("size"), content.Get<std::string>("sha256")};
    }
  }
  for (const std::string& file : manifest.files) {
    if (!IsFileOf(manifest.dataset, file)) json.Fail("files", file + ": no file of this dataset");
  }
  for (const auto& [image, ignored] : manifest.images) {
    if (!IsImage(image)) json.Fail("images", image + ": not in images/");
  }
  return manifest;
}

DatasetManifests ReadManifests(const fs::path& folder) {
  DatasetManifests manifests;
  for (const auto& each : fs::directory_iterator(folder)) {
    const std::string name = each.path().filename().string();
    if (name.size() <= kPrefix.size() + kSuffix.size() || !name.starts_with(kPrefix) ||
        !name.ends_with(kSuffix)) {
      continue;
    }
    const std::string where = each.path().string();
    try {
      DatasetManifest manifest =
          ManifestFromJson(JsonObject(ReadJsonFile(each.path(), kMaxManifestBytes), where));
      if (ManifestName(manifest.dataset) != name) {
        throw Error(fmt::format("{}: it is about another dataset, {}", where, manifest.dataset));
      }
      manifests.emplace(manifest.dataset, std::move(manifest));
    } catch (const Error& error) {
      throw Error(error.what(),
                  "It says which files of the folder belong to which dataset. Where it is damaged, "
                  "remove it together with its dataset's files.");
    }
  }
  return manifests;
}

DatasetManifest FindOwned(const fs::path& folder, const std::string& dataset,
                          const DatasetManifests& manifests, const OrderedJson& info) {
  DatasetManifest owned;
  const auto known = manifests.find(dataset);
  if (known != manifests.end()) owned = known->second;
  owned.dataset = dataset;
  std::erase_if(owned.entries, [&](const auto& entry) {
    const auto now = info.find(entry.first);
    return now != info.end() && (!now->is_object() || !now->contains("file_name") ||
                                 now->at("file_name") != entry.second);
  });
  Unlisted unlisted(folder, dataset, manifests, owned);
  unlisted.FindParts(info);
  if (known == manifests.end() && !owned.entries.empty()) unlisted.FindFurtherFiles();
  return owned;
}

std::string IdentityOf(const fs::path& folder) {
  struct statx status = {};
  constexpr unsigned kNeeded = STATX_INO | STATX_BTIME;
  if (::statx(AT_FDCWD, folder.c_str(), 0, kNeeded, &status) != 0 ||
      (status.stx_mask & kNeeded) != kNeeded) {
    return {};
  }
  return fmt::format("{}-{}.{:09}", status.stx_ino, status.stx_btime.tv_sec,
                     status.stx_btime.tv_nsec);
}

std::vector<fs::path> ImageFoldersOfImport(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  if (!fs::equivalent(file.parent_path(), folder, error) || error) return {};
  const std::string identity = IdentityOf(folder);
  if (identity.empty()) return {};
  try {
    for (const auto& [dataset, manifest] : ReadManifests(folder)) {
      if (manifest.made_in != identity || !manifest.files.contains(file.filename().string())) {
        continue;
      }
      return {manifest.image_folders.begin(), manifest.image_folders.end()};
    }
  } catch (const Error&) {
    // Whoever writes into the folder says that its manifest is damaged.
  }
  return {};
}

bool HoldsPart(const fs::path& file, const std::string& part) {
  const Json row = FirstRow(file);
  return HasKeys(row,
                 {"messages", "images", "id", "split", "source_file", "source_row", "extra"}) &&
         row["split"] == part;
}

}  // namespace roentgen
