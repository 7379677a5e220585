#include "roentgen/base/output_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
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
#include "roentgen/base/path_inside.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".unfinished-";
constexpr size_t kDigits = 8;         // random ones behind it
constexpr size_t kLongestName = 255;  // bytes
constexpr const char* kMoveAway = "Move it away, or name another folder.";

[[noreturn]] void Fail(const fs::path& path, const std::error_code& error) {
  throw Error(fmt::format("{}: {}", path.string(), error.message()), "Name another folder.");
}

/// Of a folder of any name: "a/" is "a", and links are followed. Absolute first: what is not there
/// yet would stay relative, and "a" has no folder above it.
fs::path PlaceOf(const fs::path& folder) {
  std::error_code error;
  const fs::path absolute = fs::absolute(folder, error);
  if (error) Fail(folder, error);
  fs::path place = fs::weakly_canonical(absolute, error);
  if (error) Fail(folder, error);
  return place.has_filename() ? place : place.parent_path();
}

/// All but folders and the mark, by their paths below the folder, in order.
std::vector<std::string> FilesIn(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if ((entry.is_symlink() || !entry.is_directory()) && name != FolderMark::kName) {
      files.push_back(name);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What a folder's name begins with while it is made beside its place, or within it. A long name is
/// cut between characters.
std::string UnfinishedBeside(const fs::path& place) {
  std::string name = place.filename().string();
  size_t size = std::min(name.size(), kLongestName - kUnfinished.size() - kDigits);
  while (size > 0 && size < name.size() && (static_cast<unsigned char>(name[size]) & 0xc0) == 0x80)
    --size;
  name.resize(size);
  return name + std::string(kUnfinished);
}
std::string UnfinishedWithin() {
  return ".roentgen" + std::string(kUnfinished);
}

/// What MakeFolder made and nothing else.
bool IsUnfinished(const fs::path& path, const std::string& prefix) {
  const std::string name = path.filename().string();
  return name.starts_with(prefix) && name.size() == prefix.size() + kDigits &&
         name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos &&
         IsOwnFolder(path);
}

/// Removes what killed runs left.
void RemoveUnfinished(const fs::path& folder, const std::string& prefix) {
  std::error_code error;
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (IsUnfinished(entry.path(), prefix)) left.push_back(entry.path());
  }
  for (const fs::path& path : left) {
    try {
      if (const auto lock = FolderLock::Try(path)) RemoveOwnFolder(path);
    } catch (const Error&) {
      continue;  // another user's
    }
  }
}

bool IsEmptyOrAbsent(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return true;
  const auto entries = fs::directory_iterator(folder, error);
  if (error) Fail(folder, error);
  return std::all_of(begin(entries), end(entries), [](const auto& entry) {
    return IsUnfinished(entry.path(), UnfinishedWithin());
  });
}

void SyncFolder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Gives what is in `old` and not this program's a second name in `place`, the folder that takes
/// its place, and folders their modes. False where the file system, or its rights, do not allow it.
bool CarryOver(const fs::path& old, const fs::path& place, const std::set<std::string>& owned) {
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
    if (owned.contains(name.string()) || name == FolderMark::kName) continue;
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

/// A new folder with a name of its own, of the umask's mode; nothing, and errno, where it cannot
/// be.
std::optional<fs::path> MakeFolder(const fs::path& within, const std::string& prefix) {
  std::random_device random;
  for (;;) {
    fs::path made = within / fmt::format("{}{:0{}x}", prefix, random(), kDigits);
    if (::mkdir(made.c_str(), 0777) == 0) return made;
    if (errno != EEXIST) return std::nullopt;
  }
}

/// Whether another folder can take its place and nobody misses the old one.
bool CanBeExchanged(const fs::path& place) {
  struct stat own {};
  struct stat outer {};
  std::error_code error;
  const fs::path here = fs::current_path(error);
  return ::stat(place.c_str(), &own) != 0 || (::stat(place.parent_path().c_str(), &outer) == 0 &&
                                              own.st_dev == outer.st_dev && !LiesIn(place, here));
}

bool IsThere(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

[[noreturn]] void RefuseToReplace(const fs::path& path, const std::string& why,
                                  const std::string& hint) {
  throw Error(fmt::format("{} is there already, and {}", path.string(), why), hint);
}

/// The new files get the rights of those that they replace.
void KeepRightsOf(const fs::path& replaced, const fs::path& made,
                  std::span<const std::string> files) {
  for (const std::string& file : files) {
    if (FileExists(replaced / file)) KeepRights(replaced / file, made / file);
  }
}

}  // namespace

OutputFolder::OutputFolder(fs::path folder, std::string command)
    : folder_(PlaceOf(folder)), command_(std::move(command)) {
  CheckFolder(folder);
  std::error_code error;
  fs::create_directories(folder_.parent_path(), error);
  if (error) Fail(folder_.parent_path(), error);
  RemoveUnfinished(folder_.parent_path(), UnfinishedBeside(folder_));
  RemoveUnfinished(folder_, UnfinishedWithin());
  do {  // another run may take it for one that was left, until it is held
    Stage();
    lock_ = FolderLock::Try(staging_);
  } while (!lock_ || !lock_->Holds(staging_));
  FolderMark(staging_).Add({}, command_);
}

void OutputFolder::CheckFolder(const fs::path& named) const {
  std::error_code error;
  if (fs::exists(folder_, error) && !fs::is_directory(folder_, error)) {
    throw Error(fmt::format("{}: a file where a folder is to be", named.string()),
                "Name another folder.");
  }
  if (IsEmptyOrAbsent(folder_)) return;
  const FolderMark mark(folder_);
  if (mark.exists() && mark.commands() == std::set<std::string>{command_}) return;
  const std::string others = fmt::format("{}", fmt::join(mark.commands(), ", "));
  throw Error(fmt::format("{} is not empty, and {}", named.string(),
                          mark.exists() ? fmt::format("was made by this program's {}", others)
                                        : "was not made by this program"),
              "Name a new folder, or an empty one.");
}

void OutputFolder::Stage() {
  std::optional<fs::path> made;
  if (CanBeExchanged(folder_)) made = MakeFolder(folder_.parent_path(), UnfinishedBeside(folder_));
  if (!made && FileExists(folder_)) made = MakeFolder(folder_, UnfinishedWithin());
  if (!made) ThrowSystemError(folder_.string(), "make");
  staging_ = *made;
}

OutputFolder::~OutputFolder() {
  if (!staging_.empty()) RemoveOwnFolder(staging_);
}

void OutputFolder::Commit(const std::string& last) {
  const std::vector<std::string> files = FilesIn(staging_);
  std::set<std::string> owned;
  if (!IsEmptyOrAbsent(folder_)) owned = FolderMark(folder_).Owned();
  CheckNames(files, owned);
  FolderMark(staging_).Seal(files, command_);
  KeepRightsOf(folder_, staging_, files);
  SyncFolder(staging_);
  if (!TakePlace(owned)) MoveIntoPlace(files, owned, last);
  SyncFolder(folder_.parent_path());
  RemoveOwnFolder(std::exchange(staging_, {}));  // what was replaced lies there now
}

void OutputFolder::CheckNames(std::span<const std::string> files,
                              const std::set<std::string>& owned) const {
  const FolderMark mark(folder_);
  for (const std::string& file : files) {
    if (owned.contains(file) || !IsThere(folder_ / file)) continue;
    RefuseToReplace(folder_ / file, mark.Has(file) ? kChangedSince : "was not made by this program",
                    kMoveAway);
  }
}

/// False where the folder does not lie beside its place, or the file system cannot exchange.
bool OutputFolder::TakePlace(const std::set<std::string>& owned) const {
  if (staging_.parent_path() == folder_) return false;
  if (FileExists(folder_)) KeepRights(folder_, staging_);
  if (IsEmptyOrAbsent(folder_)) {
    if (::rename(staging_.c_str(), folder_.c_str()) == 0) return true;
    if (errno == ENOTEMPTY || errno == EEXIST)
      ThrowSystemError(folder_.string(), "take the place of");
    return false;
  }
  return CarryOver(folder_, staging_, owned) &&
         ::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, folder_.c_str(), RENAME_EXCHANGE) == 0;
}

void OutputFolder::MoveIntoPlace(std::span<const std::string> files,
                                 const std::set<std::string>& owned,
                                 const std::string& last) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) Fail(folder_, error);
  FolderMark(folder_).Add(files, command_);  // so that they are known if this is not finished
  if (owned.contains(last)) fs::remove(folder_ / last, error);
  for (const std::string& file : owned) {
    if (LiesIn(folder_, (folder_ / file).parent_path())) fs::remove(folder_ / file, error);
  }
  MoveFiles(staging_, folder_, last);
  fs::rename(staging_ / FolderMark::kName, folder_ / FolderMark::kName, error);
  if (error) Fail(folder_, error);
}

void CheckFolderIsNoInput(const fs::path& output, std::span<const fs::path> inputs) {
  for (const fs::path& input : inputs) {
    if (input.empty() || (!LiesIn(input, output) && !LiesIn(output, input))) continue;
    throw Error(fmt::format("{}: {} is read from, and one lies in the other: it cannot be written "
                            "to as well",
                            output.string(), input.string()),
                "Name another folder.");
  }
}

void ClaimFiles(const Claim& claim) {
  FolderMark mark(claim.folder);
  for (const std::string& file : claim.files) {
    const fs::path path = claim.folder / file;
    if (!FileExists(path)) continue;
    if (claim.replaces == Replaces::kOwn && !mark.Owns(file)) {
      const std::optional<std::string> why = WhyNotMade(path, claim.kind);
      if (why) RefuseToReplace(path, mark.Has(file) ? kChangedSince : *why, claim.hint);
    }
    CheckOutput(path, Replaces::kAny);
  }
  std::error_code error;
  fs::create_directories(claim.folder, error);
  if (error) Fail(claim.folder, error);
  mark.Add(std::vector<std::string>(claim.files.begin(), claim.files.end()), claim.command);
}

void SealFiles(const Claim& claim) {
  const std::vector<std::string> files(claim.files.begin(), claim.files.end());
  FolderMark(claim.folder).Seal(files, claim.command);
}

void MoveFiles(const fs::path& from, const fs::path& to, const std::string& last) {
  std::error_code error;
  std::vector<std::string> files = FilesIn(from);
  KeepRightsOf(to, from, files);
  const auto key = std::find(files.begin(), files.end(), last);
  if (key != files.end()) {
    std::rotate(key, key + 1, files.end());
    fs::remove(to / last, error);
  }
  for (const std::string& file : files) {
    fs::create_directories((to / file).parent_path(), error);
    if (error) Fail(to / file, error);
    if (!LiesIn(to, (to / file).parent_path())) {
      throw Error(fmt::format("{} leads out of the folder", (to / file).string()),
                  "Name another folder.");
    }
    fs::rename(from / file, to / file, error);
    if (error) Fail(to / file, error);
  }
  SyncFolder(to);
}

}  // namespace roentgen
