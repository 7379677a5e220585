#include "roentgen/hub/placement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/url.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestFolderName = 200;  // file systems take 255, and .NAME.pulling is longer

/// "huggingface.co" of https://huggingface.co; over plain HTTP it is another hub, and told so.
std::string HubFolder(std::string_view address) {
  constexpr std::string_view kHttps = "https://";
  if (address.starts_with(kHttps)) address.remove_prefix(kHttps.size());
  return EscapePart(address);
}

/// Folders directly in this one, without hidden ones: those are being made.
std::vector<fs::path> FoldersIn(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code ignored;  // an absent folder has none
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    std::error_code unreadable;
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (!hidden && entry.is_directory(unreadable)) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// Removes a folder with all in it, the manifest last: what is left of it is never taken for whole.
void RemoveFolder(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename() != PullManifest::kName) fs::remove_all(entry.path(), ignored);
  }
  fs::remove_all(folder, ignored);
}

/// Returns errno.
int Rename(const fs::path& from, const fs::path& to, unsigned flags) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0 ? 0 : errno;
}

/// The place that a name leads to: links are followed, names need not be there yet.
fs::path RealPlace(const fs::path& place) {
  std::error_code problem;
  fs::path real = fs::weakly_canonical(fs::absolute(place), problem);
  if (problem) throw Error(fmt::format("{}: {}", place.string(), problem.message()));
  if (!real.has_filename()) real = real.parent_path();  // after a slash at the end
  if (!real.has_filename()) throw Error(place.string() + ": no model can be put there");
  return real;
}

}  // namespace

fs::path PlaceOf(const ModelOnHub& model) {
  const std::string hub = HubFolder(model.hub);
  const std::string revision = EscapePart(model.revision);
  for (const std::string& part : {hub, revision}) {
    if (part.size() > kLongestFolderName) throw Error(part + ": too long for a folder's name");
  }
  return ModelsFolder() / hub / model.owner / model.name / revision;
}

std::vector<PulledModel> PulledModels() {
  std::vector<PulledModel> models;
  for (const fs::path& hub : FoldersIn(ModelsFolder())) {
    for (const fs::path& owner : FoldersIn(hub)) {
      for (const fs::path& name : FoldersIn(owner)) {
        for (const fs::path& revision : FoldersIn(name)) {
          if (!FileExists(revision / PullManifest::kName)) continue;
          models.push_back({UnescapePart(hub.filename().string()),
                            {owner.filename().string(), name.filename().string(),
                             UnescapePart(revision.filename().string())},
                            revision});
        }
      }
    }
  }
  return models;
}

StagedFolder::StagedFolder(fs::path place, const std::function<void()>& on_wait,
                           const std::stop_token& stop)
    : place_(RealPlace(place)),
      staging_(place_.parent_path() / fmt::format(".{}.pulling", place_.filename().string())) {
  while (!Take()) {
    if (!waited_ && on_wait) on_wait();
    waited_ = true;
    if (stop.stop_requested()) throw Cancelled();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

/// False when another program has it, or has just put it in place.
bool StagedFolder::Take() {
  std::error_code problem;
  fs::create_directories(staging_, problem);
  if (problem) throw Error(fmt::format("{}: {}", staging_.string(), problem.message()));
  try {
    lock_ = FolderLock::Try(staging_);
  } catch (const Error&) {
    if (!fs::exists(fs::symlink_status(staging_, problem))) return false;
    throw;
  }
  if (lock_ && !lock_->Holds(staging_)) lock_.reset();
  if (lock_) RemoveFolder(Old());  // of a program that was killed
  return lock_.has_value();
}

StagedFolder::~StagedFolder() {
  std::error_code not_empty;
  if (lock_) fs::remove(staging_, not_empty);
}

void StagedFolder::Discard() {
  RemoveFolder(staging_);
  lock_.reset();
}

void StagedFolder::PutInPlace() {
  int problem = Rename(staging_, place_, 0);  // nothing is there, or an empty folder
  if (problem == ENOTEMPTY || problem == EEXIST) problem = Replace();
  if (problem != 0) {
    throw Error(fmt::format("{}: cannot put the model there: {}", place_.string(),
                            std::generic_category().message(problem)),
                "Name another folder with --out.");
  }
  lock_.reset();
}

/// Returns errno.
int StagedFolder::Replace() {
  // Held until it is removed: nobody else takes it for a staged folder meanwhile.
  const FolderLock old = FolderLock::Wait(place_);
  int problem = Rename(staging_, place_, RENAME_EXCHANGE);
  if (problem == 0) {
    RemoveFolder(staging_);
  } else if (problem == EINVAL || problem == ENOSYS) {
    // No exchange in this file system: the place is empty for a moment, but never half full.
    problem = Rename(place_, Old(), 0);
    if (problem == 0) problem = Rename(staging_, place_, 0);
    if (problem == 0) RemoveFolder(Old());
  }
  return problem;
}

fs::path StagedFolder::Old() const {
  return staging_.string() + ".old";
}

}  // namespace roentgen
