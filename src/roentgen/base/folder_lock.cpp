#include "roentgen/base/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// False when somebody else holds it.
bool Lock(int descriptor, int operation) {
  while (::flock(descriptor, operation) != 0) {
    if (errno == EINTR) continue;
    return errno != EWOULDBLOCK;  // otherwise there are no locks here
  }
  return true;
}

/// Makes the folder and those above it; returns the new ones, outermost first.
std::vector<fs::path> MakeFolders(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path each = fs::absolute(folder).lexically_normal();
       !fs::exists(fs::symlink_status(each, error)); each = each.parent_path()) {
    if (each.has_filename()) missing.insert(missing.begin(), each);
  }
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder, error)) {
    throw Error(
        fmt::format("{}: {}", folder.string(), error ? error.message() : std::string("no folder")),
        "Name another folder.");
  }
  return missing;
}

}  // namespace

FolderLock FolderLock::Wait(const fs::path& folder) {
  // The folder named by the user may be a link; what is made in it may not.
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) ThrowSystemError(folder.string(), "open");
  FolderLock lock(descriptor);
  Lock(descriptor, LOCK_EX);
  return lock;
}

std::optional<FolderLock> FolderLock::Try(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) ThrowSystemError(folder.string(), "open");
  FolderLock lock(descriptor);
  if (!Lock(descriptor, LOCK_EX | LOCK_NB)) return std::nullopt;
  return lock;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

bool FolderLock::Holds(const fs::path& folder) const {
  struct stat held {};
  struct stat now {};
  return ::fstat(descriptor_, &held) == 0 && ::stat(folder.c_str(), &now) == 0 &&
         held.st_dev == now.st_dev && held.st_ino == now.st_ino;
}

RunLock::RunLock(const fs::path& folder) {
  try {
    while (!lock_) {
      for (fs::path& made : MakeFolders(folder)) made_.push_back(std::move(made));
      std::error_code error;
      const fs::path place = fs::canonical(folder, error);
      if (error) continue;  // another run made it, failed, and removed it
      lock_ = FolderLock::Try(place);
      if (!lock_) {
        throw Error(folder.string() + ": another run writes to this folder",
                    "Wait until it has ended, or name another folder.");
      }
      if (!lock_->Holds(place)) lock_.reset();
    }
  } catch (...) {
    RemoveMade();
    throw;
  }
}

RunLock::~RunLock() {
  RemoveMade();
}

void RunLock::RemoveMade() noexcept {
  std::error_code ignored;
  for (; !made_.empty(); made_.pop_back()) fs::remove(made_.back(), ignored);  // where it is empty
}

}  // namespace roentgen
