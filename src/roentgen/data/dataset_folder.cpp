#include "roentgen/data/dataset_folder.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/made_by.h"
#include "roentgen/data/dataset_owners.h"
#include "roentgen/data/sample_json.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kLongestName = 255;  // bytes, of a file
constexpr const char* kInfo = "dataset_info.json";

fs::path InImages(const std::string& name) {
  return fs::path("images") / name;
}

/// Makes the folder and those above it; returns the new ones, outermost first.
std::vector<fs::path> MakeFolders(const fs::path& folder) {
  std::vector<fs::path> missing;
  for (fs::path each = fs::absolute(folder).lexically_normal(); !FileExists(each);
       each = each.parent_path()) {
    if (each.has_filename()) missing.insert(missing.begin(), each);
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(fmt::format("{}: cannot make it: {}", folder.string(), error.message()));
  return missing;
}

void SyncFile(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) ThrowSystemError(path.string(), "open");
  const bool synced = ::fsync(descriptor) == 0;
  const int problem = errno;
  ::close(descriptor);
  errno = problem;
  if (!synced) ThrowSystemError(path.string(), "flush");
}

bool HasContent(const fs::path& path, const std::string& sha256) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  const MappedFile file(path);
  return Sha256Hex(file.bytes()) == sha256;
}

/// "scan.png" with "-" and the digits behind its stem, which is cut where the name would be too
/// long for a file.
std::string WithDigits(const std::string& name, const std::string& digits) {
  const fs::path path(name);
  std::string stem = path.stem().string();
  const std::string end = "-" + digits + path.extension().string();
  if (end.size() < kLongestName && stem.size() + end.size() > kLongestName) {
    size_t size = kLongestName - end.size();
    while (size > 0 && (static_cast<unsigned char>(stem[size]) & 0xc0) == 0x80) --size;  // UTF-8
    stem.resize(size);
  }
  return stem + end;
}

/// DatasetFolder::replaced. The day is the one on which its manifest was written.
std::string OtherDataset(const fs::path& folder, const std::string& dataset,
                         const DatasetManifests& manifests, const std::string& source) {
  const auto known = manifests.find(dataset);
  if (known == manifests.end() || known->second.source == source) return {};
  struct stat status {};
  if (::stat((folder / ManifestName(dataset)).c_str(), &status) != 0) return {};
  const std::string& of = known->second.source;
  return fmt::format("the dataset \"{}\" of {:%Y-%m-%d}{}", dataset, fmt::gmtime(status.st_mtime),
                     of.empty() ? "" : ", made of " + of);
}

}  // namespace

DatasetFolder::DatasetFolder(fs::path folder, std::string dataset, Options options)
    : folder_(std::move(folder)),
      dataset_(std::move(dataset)),
      options_(std::move(options)),
      staging_(StagingFolder(folder_, dataset_)) {
  if (!options_.before_change) options_.before_change = [] {};
  try {
    Open();
  } catch (...) {
    Discard();
    throw;
  }
}

DatasetFolder::~DatasetFolder() {
  if (!committed_) Discard();
}

void DatasetFolder::Open() {
  for (;;) {
    for (fs::path& made : MakeFolders(folder_)) made_folders_.push_back(std::move(made));
    const FolderLock lock = FolderLock::Wait(folder_);
    if (!lock.Holds(folder_)) continue;  // another run made it, failed, and removed it
    Recover(folder_);
    std::error_code error;
    const bool made = fs::create_directory(staging_, error);
    if (error) {
      throw Error(fmt::format("{}: cannot make it: {}", staging_.string(), error.message()));
    }
    running_ = FolderLock::Try(staging_);
    if (!running_) {
      throw Error(fmt::format("{}: another run is writing the dataset \"{}\" there",
                              folder_.string(), dataset_),
                  "Wait until it has ended, or give one of the two another name or folder.");
    }
    if (!made) {
      throw Error(staging_.string() + " is there already, and was not made by this program",
                  "Move it away, or give the dataset another name or folder.");
    }
    FolderMark(staging_).Add({}, "data import");
    fs::create_directory(staging_ / "images", error);
    if (error) {
      throw Error(fmt::format("{}: cannot make it: {}", staging_.string(), error.message()));
    }
    manifests_ = ReadManifests(folder_);
    owned_ = FindOwned(folder_, dataset_, manifests_, ReadDatasetInfo(folder_));
    for (const std::string& file : owned_.files) CheckIsNoInput(folder_ / file, options_.inputs);
    CheckMayBeReplaced(owned_);
    replaced_ = OtherDataset(folder_, dataset_, manifests_, options_.source);
    return;
  }
}

void DatasetFolder::CheckMayBeReplaced(const DatasetManifest& owned) const {
  if (FileExists(folder_ / kInfo)) CheckOutput(folder_ / kInfo, Replaces::kAny);
  CheckAreUnchanged(folder_, owned, options_.force);
}

Output& DatasetFolder::NewFile(const std::string& file) {
  if (files_.contains(file)) {
    throw Error(fmt::format("{}: two files of the dataset \"{}\" would have this name",
                            (folder_ / file).string(), dataset_),
                "A part may not be called like one of the dataset's other files: rename it.");
  }
  CheckIsNoInput(folder_ / file, options_.inputs);
  CheckFileIsOurs(folder_, file, owned_, manifests_);
  return files_.try_emplace(file, staging_ / file).first->second;
}

bool DatasetFolder::IsThere(const std::string& name, const std::string& sha256) const {
  return HasContent(folder_ / InImages(name), sha256);
}

/// Whether the name has, or will have, another content.
bool DatasetFolder::IsTaken(const std::string& name, const std::string& sha256) const {
  const std::string image = InImages(name).string();
  const auto staged = staged_images_.find(image);
  if (staged != staged_images_.end()) return staged->second != sha256;
  if (NameIsUsed(folder_ / image)) return !HasContent(folder_ / image, sha256);
  for (const auto& [dataset, manifest] : manifests_) {
    const auto listed = manifest.images.find(image);  // though it has been removed
    if (listed != manifest.images.end() && listed->second != sha256) return true;
  }
  for (const auto& [dataset, staging] : StagingFolders(folder_)) {
    if (dataset == dataset_ || !NameIsUsed(staging / image)) continue;
    if (!HasContent(staging / image, sha256)) return true;
  }
  return false;
}

std::string DatasetFolder::NameForImage(const std::string& name, const std::string& sha256) const {
  std::string marked = WithDigits(name, sha256.substr(0, 12));
  // What an earlier run chose stays, although another name may be free by now.
  if (IsThere(name, sha256)) return name;
  if (IsThere(marked, sha256)) return marked;
  if (!IsTaken(name, sha256)) return name;
  if (!NameIsUsed(folder_ / InImages(marked))) return marked;
  return WithDigits(name, sha256);
}

std::string DatasetFolder::PutImage(const std::string& name, std::string_view content,
                                    Readers readers) {
  const std::string sha256 = Sha256Hex(content);
  if (const auto image = PutKnownImage(name, sha256)) return *image;
  const fs::path written = staging_ / fmt::format(".image-{}", written_images_++);
  AppendToFile(written, content, readers);
  const std::scoped_lock mutex(image_mutex_);
  const FolderLock lock = FolderLock::Wait(folder_);
  std::string image = InImages(NameForImage(name, sha256)).string();
  used_images_.insert(image);
  std::error_code error;
  if (staged_images_.emplace(image, sha256).second) {
    fs::rename(written, staging_ / image, error);
  } else {
    fs::remove(written, error);  // another thread was faster
  }
  if (error)
    throw Error(fmt::format("{}: cannot rename it: {}", written.string(), error.message()));
  return image;
}

/// The image's name where it needs no writing: where it was put before, is in the folder, or is
/// staged by another run.
std::optional<std::string> DatasetFolder::PutKnownImage(const std::string& name,
                                                        const std::string& sha256) {
  const std::scoped_lock mutex(image_mutex_);
  const FolderLock lock = FolderLock::Wait(folder_);
  std::string image = InImages(NameForImage(name, sha256)).string();
  if (!staged_images_.contains(image)) {
    if (!LinkStaged(image)) return std::nullopt;
    staged_images_.emplace(image, sha256);
  }
  used_images_.insert(image);
  return image;
}

/// Where the image is there already, in the folder or staged by another run, the staged one is a
/// second name of it, for the case that it is removed meanwhile. Staged images are whole: they get
/// their names when they have been written.
bool DatasetFolder::LinkStaged(const std::string& image) const {
  std::vector<fs::path> places{folder_};
  for (const auto& [dataset, staging] : StagingFolders(folder_)) {
    if (dataset != dataset_) places.push_back(staging);
  }
  return std::any_of(places.begin(), places.end(), [&](const fs::path& place) {
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(place / image, error))) return false;
    fs::create_hard_link(place / image, staging_ / image, error);
    return !error;
  });
}

void DatasetFolder::UseImage(const fs::path& image) {
  std::error_code error;
  const fs::path real = fs::canonical(image, error);
  if (error) return;
  const fs::path relative = real.lexically_relative(fs::canonical(folder_, error));
  if (error) return;
  if (relative.parent_path() == "images") used_images_.insert(relative.string());
  if (relative.empty() || *relative.begin() == "..") {
    image_folders_.insert(real.parent_path().string());
  }
}

/// Which of the images are made now, which are there, and whose they are.
void DatasetFolder::PlanImages(const DatasetManifests& manifests, PublicationPlan& plan) const {
  plan.makes_image_folder = !FileExists(folder_ / "images");
  for (const auto& [image, sha256] : staged_images_) {
    if (!NameIsUsed(folder_ / image)) {
      SyncFile(staging_ / image);
      plan.made_images.insert(image);
      plan.manifest.images.emplace(image, sha256);
    } else if (!HasContent(folder_ / image, sha256)) {
      throw Error((folder_ / image).string() + ": changed while the dataset was written",
                  "Run the import again; nothing was written.");
    }
  }
  for (const std::string& image : used_images_) {
    if (plan.made_images.contains(image)) continue;
    for (const auto& [dataset, manifest] : manifests) {
      const auto listed = manifest.images.find(image);
      if (listed != manifest.images.end()) plan.manifest.images.insert(*listed);
    }
    if (!plan.manifest.images.contains(image)) plan.manifest.others_images.insert(image);
  }
}

PublicationPlan DatasetFolder::Plan(const std::map<std::string, std::string>& entries,
                                    const DatasetManifests& manifests,
                                    const DatasetManifest& owned) const {
  PublicationPlan plan;
  plan.manifest.dataset = dataset_;
  plan.manifest.entries = entries;
  plan.manifest.image_folders = image_folders_;
  plan.manifest.made_in = IdentityOf(folder_);
  plan.manifest.source = options_.source;
  for (const auto& [file, ignored] : files_) {
    plan.manifest.files.insert(file);
    const MappedFile written(staging_ / file);
    plan.manifest.written[file] = {written.bytes().size(), Sha256Hex(written.bytes())};
  }
  PlanImages(manifests, plan);
  for (const std::string& file : owned.files) {
    const bool listed = AnotherWith(manifests, dataset_, [&](const DatasetManifest& manifest) {
                          return manifest.files.contains(file);
                        }) != nullptr;
    if (!listed && !plan.manifest.files.contains(file)) plan.stale_files.insert(file);
  }
  for (const auto& [image, sha256] : owned.images) {
    const std::string& name = image;
    const bool listed =
        AnotherWith(manifests, dataset_, [&](const DatasetManifest& manifest) {
          return manifest.images.contains(name) || manifest.others_images.contains(name);
        }) != nullptr;
    if (!listed && !used_images_.contains(image)) plan.stale_images.emplace(image, sha256);
  }
  return plan;
}

std::vector<fs::path> DatasetFolder::Publish(const std::map<std::string, std::string>& entries) {
  for (auto& [name, file] : files_) file.Close();
  for (auto& [name, file] : files_) {
    options_.before_change();
    file.Commit();  // below the staging folder
  }
  const FolderLock lock = FolderLock::Wait(folder_);
  const DatasetManifests manifests = ReadManifests(folder_);
  OrderedJson info = ReadDatasetInfo(folder_);
  const DatasetManifest owned = FindOwned(folder_, dataset_, manifests, info);
  CheckMayBeReplaced(owned);
  for (const auto& [file, ignored] : files_) CheckFileIsOurs(folder_, file, owned, manifests);
  for (const auto& [entry, ignored] : entries) {
    CheckEntryIsOurs(folder_, entry, info, owned, manifests);
  }
  PublicationPlan plan = Plan(entries, manifests, owned);
  if (!plan.stale_images.empty()) {
    for (const std::string& image : ImagesOfUnlisted(folder_, info, owned, manifests)) {
      const auto stale = plan.stale_images.find(image);
      if (stale == plan.stale_images.end()) continue;
      plan.manifest.images.insert(*stale);  // a later run may remove it
      plan.stale_images.erase(stale);
    }
  }
  for (const auto& [entry, ignored] : owned.entries) {
    if (!entries.contains(entry)) info.erase(entry);
  }
  for (const auto& [entry, file] : entries) info[entry] = ShareGptDatasetInfo(file);
  try {
    roentgen::Publish(folder_, plan, info, options_.before_change, committed_);
  } catch (const Error& error) {
    if (!committed_) throw;
    throw Error(error.what(),
                "The new dataset is complete, but its files do not have their usual names yet: the "
                "next import into this folder goes on with that.");
  }
  std::vector<fs::path> paths;
  for (const std::string& file : plan.manifest.files) paths.push_back(folder_ / file);
  paths.push_back(folder_ / kInfo);
  return paths;
}

/// Removes all that was staged, and folders that were made for it.
void DatasetFolder::Discard() noexcept {
  try {
    files_.clear();
    if (running_) {
      const FolderLock lock = FolderLock::Wait(folder_);
      Withdraw(folder_, dataset_);
    }
    std::error_code ignored;
    while (!made_folders_.empty()) {
      fs::remove(made_folders_.back(), ignored);  // where it is empty
      made_folders_.pop_back();
    }
  } catch (...) {
    // The next run in this folder does it; the error that ended this one is the one to tell.
  }
}

}  // namespace roentgen
