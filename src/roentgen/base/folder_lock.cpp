#include "roentgen/base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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

}  // namespace roentgen
