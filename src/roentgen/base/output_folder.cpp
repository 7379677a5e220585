#include "roentgen/base/output_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <random>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/folder_lock.h"
#include "roentgen/base/made_by.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".unfinished-";

[[noreturn]] void Fail(const fs::path& path, const std::error_code& error) {
  throw Error(fmt::format("{}: {}", path.string(), error.message()), "Name another folder.");
}

/// Of a folder of any name: "a/" is "a", and links are followed.
fs::path PlaceOf(const fs::path& folder) {
  std::error_code error;
  fs::path place = fs::weakly_canonical(folder, error);
  if (error) Fail(folder, error);
  return place.has_filename() ? place : place.parent_path();
}

/// All but folders, by their paths below the folder, in order.
std::vector<std::string> FilesIn(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_symlink() || !entry.is_directory()) {
      files.push_back(entry.path().lexically_relative(folder).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsEmptyOrAbsent(const fs::path& folder) {
  std::error_code error;
  return !fs::exists(folder, error) || fs::is_empty(folder, error);
}

/// Removes what killed runs left beside a folder.
void RemoveUnfinished(const fs::path& place) {
  const std::string prefix = place.filename().string() + std::string(kUnfinished);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(place.parent_path(), error)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const std::optional<FolderLock> lock = FolderLock::Try(entry.path());
    if (lock) fs::remove_all(entry.path(), error);
  }
}

void SyncFolder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Gives what is in `old` and not this program's a second name in `place`, the folder that takes
/// its place, and folders their modes. False where the file system, or its rights, do not allow it.
bool CarryOver(const fs::path& old, const fs::path& place, const std::set<std::string>& made) {
  std::error_code error;
  const auto make_folder = [&](const fs::path& name) {
    for (fs::path part; const fs::path& step : name) {
      part /= step;
      if (fs::exists(place / part, error)) continue;
      fs::create_directory(place / part, old / part, error);  // with its mode
      if (error) return false;
    }
    return true;
  };
  for (const auto& entry : fs::recursive_directory_iterator(old)) {
    const fs::path name = entry.path().lexically_relative(old);
    if (made.contains(name.string())) continue;
    const bool folder = entry.is_directory() && !entry.is_symlink();
    if (folder && !fs::is_empty(entry.path(), error)) continue;  // comes with what is in it
    if (!make_folder(folder ? name : name.parent_path())) return false;
    if (folder) continue;
    if (::linkat(AT_FDCWD, entry.path().c_str(), AT_FDCWD, (place / name).c_str(), 0) != 0) {
      return false;
    }
  }
  return true;
}

/// A new folder with a name of its own, of the umask's mode.
fs::path MakeBeside(const fs::path& place) {
  std::random_device random;
  for (;;) {
    fs::path beside = fmt::format("{}{}{:08x}", place.string(), kUnfinished, random());
    if (::mkdir(beside.c_str(), 0777) == 0) return beside;
    if (errno != EEXIST) ThrowSystemError(place.string(), "make it beside");
  }
}

}  // namespace

OutputFolder::OutputFolder(fs::path folder, std::string command, Replaces replaces)
    : folder_(PlaceOf(folder)), command_(std::move(command)), replaces_(replaces) {
  std::error_code error;
  if (fs::exists(folder_, error) && !fs::is_directory(folder_, error)) {
    throw Error(fmt::format("{}: a file where a folder is to be", folder.string()),
                "Name another folder.");
  }
  if (replaces == Replaces::kOwn && !IsEmptyOrAbsent(folder_) && !FolderMark(folder_).exists()) {
    throw Error(fmt::format("{} is not empty, and was not made by this program", folder.string()),
                "Choose another folder, or write files into it with --force.");
  }
  fs::create_directories(folder_.parent_path(), error);
  if (error) Fail(folder_.parent_path(), error);
  RemoveUnfinished(folder_);
  do {  // another run may take it for one that was left, until it is held
    staging_ = MakeBeside(folder_);
    lock_ = FolderLock::Try(staging_);
  } while (!lock_ || !lock_->Holds(staging_));
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (!staging_.empty()) fs::remove_all(staging_, ignored);
}

void OutputFolder::Commit() {
  const std::vector<std::string> files = FilesIn(staging_);
  CheckNames(files);
  FolderMark(staging_).Add(files, command_);
  SyncFolder(staging_);
  TakePlace(files);
  SyncFolder(folder_.parent_path());
  std::error_code ignored;
  fs::remove_all(std::exchange(staging_, {}), ignored);  // what was replaced lies there now
}

void OutputFolder::CheckNames(std::span<const std::string> files) const {
  if (replaces_ == Replaces::kAny || IsEmptyOrAbsent(folder_)) return;
  const FolderMark mark(folder_);
  for (const std::string& file : files) {
    if (mark.Has(file) || !FileExists(folder_ / file)) continue;
    throw Error(fmt::format("{} is there already, and was not made by this program",
                            (folder_ / file).string()),
                "Choose another folder, or write over it with --force.");
  }
}

void OutputFolder::TakePlace(std::span<const std::string> files) {
  struct stat status {};
  if (::stat(folder_.c_str(), &status) == 0) ::chmod(staging_.c_str(), status.st_mode & 07777);
  if (IsEmptyOrAbsent(folder_)) {
    if (::rename(staging_.c_str(), folder_.c_str()) != 0) MoveIntoPlace(files);
    return;
  }
  const FolderMark mark(folder_);
  std::set<std::string> made = mark.files();
  made.insert(files.begin(), files.end());
  made.insert(FolderMark::kName);
  const bool replaced =
      mark.exists() && CarryOver(folder_, staging_, made) &&
      ::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, folder_.c_str(), RENAME_EXCHANGE) == 0;
  // Into a folder that is not the program's, a mount point, a file system that cannot exchange.
  if (!replaced) MoveIntoPlace(files);
}

void OutputFolder::MoveIntoPlace(std::span<const std::string> files) {
  std::error_code error;
  FolderMark mark(folder_);
  std::set<std::string> stale = mark.files();
  fs::create_directories(folder_, error);
  if (error) Fail(folder_, error);
  mark.Add(files, command_);  // so that they are known for its own if this is not finished
  for (const std::string& file : files) {
    fs::create_directories((folder_ / file).parent_path(), error);
    if (!error) fs::rename(staging_ / file, folder_ / file, error);
    if (error) Fail(folder_ / file, error);
    stale.erase(file);
  }
  for (const std::string& file : stale) fs::remove(folder_ / file, error);
  fs::rename(staging_ / FolderMark::kName, folder_ / FolderMark::kName, error);
  if (error) Fail(folder_, error);
}

void ClaimFiles(const fs::path& folder, const std::string& command,
                std::span<const std::string> files, Replaces replaces) {
  std::error_code error;
  FolderMark mark(folder);
  for (const std::string& file : files) {
    if (replaces == Replaces::kAny || mark.Has(file) || !FileExists(folder / file)) continue;
    throw Error(fmt::format("{} is there already, and was not made by this program",
                            (folder / file).string()),
                "Choose another folder, or write over it with --force.");
  }
  fs::create_directories(folder, error);
  if (error) Fail(folder, error);
  mark.Add(files, command);
}

}  // namespace roentgen
