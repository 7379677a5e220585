#include "roentgen/data/publication.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/folder_lock.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kMaxInfoBytes = size_t{16} << 20;
constexpr size_t kMaxPlanBytes = size_t{512} << 20;
constexpr std::string_view kStagingPrefix = ".roentgen-staging-";
constexpr const char* kInfo = "dataset_info.json";
// Names in a staging folder beside those of the files, which all begin with the dataset's.
constexpr const char* kPlan = ".plan.json";
constexpr const char* kInfoOfStaged = ".info-staged.json";
constexpr const char* kInfoOfPlaced = ".info-placed.json";
constexpr const char* kPlacePrefix = ".place-";

/// What is there itself: a link is no file.
bool IsOrdinaryFile(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(fs::symlink_status(path, ignored));
}
bool IsOrdinaryFolder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(fs::symlink_status(path, ignored));
}
bool IsThere(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

/// Names are on the disk. Where the file system cannot do that for folders, it is left to it.
void SyncFolder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void Rename(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) ThrowSystemError(to.string(), "rename into");
}

/// Gives what replaces a file its rights.
void KeepMode(const fs::path& replaced, const fs::path& by) {
  if (!IsOrdinaryFile(replaced) || KeepRights(replaced, by)) return;
  ThrowSystemError(replaced.string(), "keep the mode of");
}

void Remove(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) ThrowSystemError(path.string(), "remove");
}

/// A second name for the file; a second file where the file system has no such thing.
void Duplicate(const fs::path& from, const fs::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return;
  if (errno == ENOSPC || errno == EDQUOT) ThrowSystemError(to.string(), "write");
  const MappedFile file(from);
  const auto bytes = file.bytes();
  WriteFile(to, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

OrderedJson PlanToJson(const PublicationPlan& plan) {
  OrderedJson json;
  json["manifest"] = ManifestToJson(plan.manifest);
  json["made_images"] = plan.made_images;
  json["makes_image_folder"] = plan.makes_image_folder;
  // As a manifest, so that its names are checked like that one's.
  DatasetManifest stale{plan.manifest.dataset, plan.stale_files, {}, plan.stale_images, {}};
  json["stale"] = ManifestToJson(stale);
  return json;
}

PublicationPlan ReadPlan(const fs::path& staging) {
  const fs::path path = staging / kPlan;
  const JsonObject json(ReadJsonFile(path, kMaxPlanBytes), path.string());
  PublicationPlan plan;
  plan.manifest = ManifestFromJson(json.Object("manifest"));
  for (const std::string& image : json.Get<std::vector<std::string>>("made_images")) {
    if (plan.manifest.images.contains(image)) plan.made_images.insert(image);
  }
  plan.makes_image_folder = json.Get<bool>("makes_image_folder");
  DatasetManifest stale = ManifestFromJson(json.Object("stale"));
  plan.stale_files = std::move(stale.files);
  plan.stale_images = std::move(stale.images);
  if (plan.manifest.dataset != stale.dataset ||
      StagingFolder("", stale.dataset) != staging.filename()) {
    throw Error(path.string() + ": it is about another dataset",
                "It is no plan of a run in this folder; remove the folder that it lies in.");
  }
  return plan;
}

/// The staged files' names in dataset_info.json, as it names files.
std::string StagedPrefix(const std::string& dataset) {
  return StagingFolder("", dataset).string() + "/";
}

/// Calls visit with every file_name in the dataset's staging folder; returns whether there is one.
template <class Info, class Visit>
bool ForEachStaged(Info& info, const std::string& dataset, const Visit& visit) {
  const std::string prefix = StagedPrefix(dataset);
  bool any = false;
  for (auto& entry : info) {
    if (!entry.is_object() || !entry.contains("file_name")) continue;
    auto& name = entry["file_name"];
    if (!name.is_string() || !name.template get<std::string>().starts_with(prefix)) continue;
    any = true;
    visit(name, prefix.size());
  }
  return any;
}

bool NamesStaged(const OrderedJson& info, const std::string& dataset) {
  return ForEachStaged(info, dataset, [](const OrderedJson&, size_t) {});
}

OrderedJson WithUsualNames(OrderedJson info, const std::string& dataset) {
  ForEachStaged(info, dataset, [](OrderedJson& name, size_t prefix) {
    name = name.get<std::string>().substr(prefix);
  });
  return info;
}

OrderedJson WithStagedNames(OrderedJson info, const DatasetManifest& manifest) {
  for (const auto& [entry, file] : manifest.entries) {
    info[entry]["file_name"] = StagedPrefix(manifest.dataset) + file;
  }
  return info;
}

void RemoveIfEmpty(const fs::path& folder) {
  if (IsOrdinaryFolder(folder)) ::rmdir(folder.c_str());
}

/// Those that are still what was written.
void RemoveImages(const fs::path& folder, const std::map<std::string, std::string>& images,
                  const BeforeChange& before_change) {
  if (!IsOrdinaryFolder(folder / "images")) return;
  for (const auto& [image, sha256] : images) {
    const fs::path path = folder / image;
    if (!IsOrdinaryFile(path)) continue;
    const MappedFile file(path);
    if (Sha256Hex(file.bytes()) != sha256) continue;  // somebody else's by now
    before_change();
    Remove(path);
  }
}

/// Its mark last: killed before, the next run knows it by that.
void RemoveStaging(const fs::path& staging, const BeforeChange& before_change) {
  for (const auto& each : fs::directory_iterator(staging)) {
    if (each.path().filename() == FolderMark::kName) continue;
    before_change();
    std::error_code error;
    fs::remove_all(each.path(), error);  // links are removed, not followed
    if (error) {
      throw Error(fmt::format("{}: cannot remove it: {}", each.path().string(), error.message()));
    }
  }
  before_change();
  Remove(staging / FolderMark::kName);
  before_change();
  if (::rmdir(staging.c_str()) != 0) ThrowSystemError(staging.string(), "remove");
}

/// A dataset_info.json that is a link stays one, and what it leads to is replaced.
void PlaceInfo(const fs::path& staged, const fs::path& folder) {
  const fs::path info = folder / kInfo;
  std::error_code ignored;
  if (!fs::is_symlink(info, ignored)) {
    KeepMode(info, staged);
    return Rename(staged, info);
  }
  WriteFile(info, ReadFile(staged, kMaxInfoBytes));
  Remove(staged);
}

/// Steps 4 and 5, from wherever they were left.
void PlaceFiles(const fs::path& folder, const PublicationPlan& plan,
                const BeforeChange& before_change) {
  const fs::path staging = StagingFolder(folder, plan.manifest.dataset);
  std::vector<std::string> files(plan.manifest.files.begin(), plan.manifest.files.end());
  files.push_back(ManifestName(plan.manifest.dataset));
  for (const std::string& file : files) {
    std::error_code ignored;
    if (fs::equivalent(staging / file, folder / file, ignored)) continue;
    const fs::path place = staging / (kPlacePrefix + file);
    if (!IsThere(place)) Duplicate(staging / file, place);
    before_change();
    KeepMode(folder / file, place);
    Rename(place, folder / file);
  }
  for (const std::string& file : plan.stale_files) {
    std::error_code ignored;
    if (!IsThere(folder / file) || IsOrdinaryFolder(folder / file)) continue;
    before_change();
    Remove(folder / file);
  }
  RemoveImages(folder, plan.stale_images, before_change);
  if (!plan.stale_images.empty()) RemoveIfEmpty(folder / "images");
  SyncFolder(folder);
  before_change();
  Remove(staging / kPlan);
  SyncFolder(staging);
}

/// Step 2.
void PlaceImages(const fs::path& folder, const PublicationPlan& plan,
                 const BeforeChange& before_change) {
  if (plan.made_images.empty()) return;
  const fs::path images = folder / "images";
  if (plan.makes_image_folder) {
    before_change();
    if (::mkdir(images.c_str(), 0777) != 0) ThrowSystemError(images.string(), "make");
  }
  const fs::path staging = StagingFolder(folder, plan.manifest.dataset);
  for (const std::string& image : plan.made_images) {
    before_change();
    Rename(staging / image, folder / image);
  }
  SyncFolder(images);
}

std::string InfoText(const OrderedJson& info) {
  return info.dump(2) + "\n";
}

/// Finishes or withdraws what a killed run of the dataset left.
void RecoverOne(const fs::path& folder, const std::string& dataset) {
  const fs::path staging = StagingFolder(folder, dataset);
  const BeforeChange nothing = [] {};
  const OrderedJson info = ReadDatasetInfo(folder);
  if (!NamesStaged(info, dataset)) return Withdraw(folder, dataset);
  if (IsOrdinaryFile(staging / kPlan)) PlaceFiles(folder, ReadPlan(staging), nothing);
  WriteFile(staging / kInfoOfPlaced, InfoText(WithUsualNames(info, dataset)));
  PlaceInfo(staging / kInfoOfPlaced, folder);
  SyncFolder(folder);
  RemoveStaging(staging, nothing);
}

}  // namespace

fs::path StagingFolder(const fs::path& folder, const std::string& dataset) {
  return folder / (std::string(kStagingPrefix) + dataset);
}

std::map<std::string, fs::path> StagingFolders(const fs::path& folder) {
  std::map<std::string, fs::path> found;
  for (const auto& each : fs::directory_iterator(folder)) {
    const std::string name = each.path().filename().string();
    if (!name.starts_with(kStagingPrefix) || !IsOrdinaryFolder(each.path())) continue;
    const std::string dataset = name.substr(kStagingPrefix.size());
    if (IsDatasetName(dataset)) found.emplace(dataset, each.path());
  }
  return found;
}

OrderedJson ReadDatasetInfo(const fs::path& folder) {
  const fs::path path = folder / kInfo;
  if (!FileExists(path)) return OrderedJson::object();
  const std::string text = ReadFile(path, kMaxInfoBytes);
  OrderedJson info = ParseOrderedJson(text, path.string());  // keeps the order of the entries
  if (!info.is_object()) throw Error(path.string() + ": expected an object");
  return info;
}

void Publish(const fs::path& folder, const PublicationPlan& plan, const OrderedJson& new_info,
             const BeforeChange& before_change, bool& committed) {
  const fs::path staging = StagingFolder(folder, plan.manifest.dataset);
  const auto write = [&](const std::string& name, const OrderedJson& json) {
    before_change();
    WriteFile(staging / name, InfoText(json));
  };
  // All that takes room on the disk comes first: what follows renames and removes.
  const std::string manifest = ManifestName(plan.manifest.dataset);
  write(manifest, ManifestToJson(plan.manifest));
  write(kInfoOfStaged, WithStagedNames(new_info, plan.manifest));
  write(kInfoOfPlaced, new_info);
  for (const std::string& file : plan.manifest.files) {
    before_change();
    Duplicate(staging / file, staging / (kPlacePrefix + file));
  }
  before_change();
  Duplicate(staging / manifest, staging / (kPlacePrefix + manifest));
  write(kPlan, PlanToJson(plan));
  SyncFolder(staging);
  PlaceImages(folder, plan, before_change);
  SyncFolder(folder);
  before_change();
  PlaceInfo(staging / kInfoOfStaged, folder);
  committed = true;
  SyncFolder(folder);
  PlaceFiles(folder, plan, before_change);
  before_change();
  PlaceInfo(staging / kInfoOfPlaced, folder);
  SyncFolder(folder);
  RemoveStaging(staging, before_change);
}

void Withdraw(const fs::path& folder, const std::string& dataset) {
  const fs::path staging = StagingFolder(folder, dataset);
  if (!IsOwnFolder(staging)) return;
  const BeforeChange nothing = [] {};
  if (IsOrdinaryFile(staging / kPlan)) {
    const PublicationPlan plan = ReadPlan(staging);
    const DatasetManifests manifests = ReadManifests(folder);
    std::map<std::string, std::string> placed;
    for (const std::string& image : plan.made_images) {
      if (IsThere(staging / image)) continue;  // it did not come to it
      bool used = false;                       // another run may have found it there
      for (const auto& [name, manifest] : manifests) {
        used = used || manifest.images.contains(image) || manifest.others_images.contains(image);
      }
      if (!used) placed.emplace(image, plan.manifest.images.at(image));
    }
    RemoveImages(folder, placed, nothing);
    if (plan.makes_image_folder) RemoveIfEmpty(folder / "images");
    Remove(staging / kPlan);
  }
  RemoveStaging(staging, nothing);
}

void Recover(const fs::path& folder) {
  for (const auto& [dataset, staging] : StagingFolders(folder)) {
    if (!IsOwnFolder(staging)) continue;
    const std::optional<FolderLock> lock = FolderLock::Try(staging);
    if (lock) RecoverOne(folder, dataset);
  }
}

}  // namespace roentgen
