#include "roentgen/base/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/path_inside.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr size_t kWriteBytes = size_t{1} << 20;
constexpr int kMostLinks = 40;  // as Linux follows

mode_t ModeFor(Readers readers) {
  return readers == Readers::kOwner ? 0600 : 0666;
}

/// False, with errno set, when something could not be written.
bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

/// Where a path leads when symbolic links at its end are followed, there or not.
fs::path TargetOf(const fs::path& path) {
  fs::path target = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(target, error); ++links) {
    if (links == kMostLinks) throw Error(fmt::format("{}: too many links", path.string()));
    target = target.parent_path() / fs::read_symlink(target, error);
    if (error) throw Error(fmt::format("{}: {}", path.string(), error.message()));
  }
  return target;
}

/// The descriptor behind "/dev/stdout", "/dev/stderr" or "/dev/fd/3"; nothing for another name.
std::optional<int> StandardDescriptor(std::string_view name) {
  constexpr std::string_view kNumbered = "/dev/fd/";
  if (name == "/dev/stdout") return STDOUT_FILENO;
  if (name == "/dev/stderr") return STDERR_FILENO;
  if (!name.starts_with(kNumbered)) return std::nullopt;
  name.remove_prefix(kNumbered.size());
  int number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

bool IsWrittenThrough(const fs::path& path) {
  return path == "/dev/null" || path == "/dev/tty" || StandardDescriptor(path.string());
}

int OpenThrough(const fs::path& path) {
  const std::optional<int> standard = StandardDescriptor(path.string());
  if (!standard) return ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  std::fflush(stdout);  // what was printed before comes before
  return ::fcntl(*standard, F_DUPFD_CLOEXEC, 0);
}

const char* NameOfKind(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "no regular file";
}

/// Whether there is a file that would be replaced. Throws Error where it may not be.
bool CheckReplaceable(const fs::path& path, const fs::path& target, Replaces replaces,
                      std::optional<FileKind> kind) {
  struct stat status {};
  if (::stat(target.c_str(), &status) != 0) return false;
  if (!S_ISREG(status.st_mode)) {
    throw Error(
        fmt::format("{}: {}, nothing is written there", path.string(), NameOfKind(status.st_mode)),
        "Name a file.");
  }
  if (::access(target.c_str(), W_OK) != 0) ThrowSystemError(path.string(), "write to");
  if (replaces == Replaces::kAny) return true;
  if (const std::optional<std::string> why = WhyNotMade(target, kind)) {
    throw Error(fmt::format("{} is there already, and {}", path.string(), *why),
                "Choose another name, or write over it with --force.");
  }
  return true;
}

/// A name that nothing has, in the folder of the target: of a length that fits beside any name.
std::string NameBeside(const fs::path& target) {
  std::random_device random;
  return (target.parent_path() / fmt::format(".roentgen-{:08x}{:08x}", random(), random()))
      .string();
}

/// Whether a file lies in the folder, or a link in the folder leads to it.
bool IsOf(const fs::path& folder, const fs::path& file) {
  if (LiesIn(folder, file)) return true;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    std::error_code absent;
    if (!at->is_symlink(absent)) continue;
    if (fs::equivalent(at->path(), file, absent) || LiesIn(at->path(), file)) return true;
  }
  return false;
}

std::string LinkTo(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

/// False when `to` has not the list that `from` has, or one that it has not.
bool CopyAccessList(const char* from, const char* to) {
  constexpr const char* kList = "system.posix_acl_access";
  const auto none = [] { return errno == ENODATA || errno == ENOTSUP; };
  const ssize_t size = ::getxattr(from, kList, nullptr, 0);
  if (size < 0 && !none()) return false;
  // A new file may have one of its folder.
  if (size <= 0) return ::removexattr(to, kList) == 0 || none();
  std::string list(static_cast<size_t>(size), '\0');
  return ::getxattr(from, kList, list.data(), list.size()) == size &&
         ::setxattr(to, kList, list.data(), list.size(), 0) == 0;
}

}  // namespace

Output::Output(fs::path path, Readers readers, Replaces replaces, std::optional<FileKind> kind)
    : path_(std::move(path)), through_(IsWrittenThrough(path_)) {
  if (through_) return;
  target_ = TargetOf(path_);
  const bool replaced = CheckReplaceable(path_, target_, replaces, kind);
  OpenBeside(readers);
  if (!replaced) return;
  if (!KeepRights(target_, temporary_.empty() ? LinkTo(descriptor_) : temporary_)) {
    Fail("keep the mode of");
  }
}

/// A file without a name goes when the program is killed. Not every file system has such files.
void Output::OpenBeside(Readers readers) {
  const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  descriptor_ = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, ModeFor(readers));
  if (descriptor_ >= 0 && ::access(LinkTo(descriptor_).c_str(), F_OK) == 0) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  do {
    temporary_ = NameBeside(target_);
    descriptor_ =
        ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ModeFor(readers));
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ >= 0) return;
  temporary_.clear();
  Fail("write beside");
}

Output::~Output() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Output::Output(Output&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      through_(other.through_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)) {}

void Output::Fail(const char* action) {
  const int code = errno;
  if (!temporary_.empty()) ::unlink(std::exchange(temporary_, {}).c_str());
  errno = code;
  ThrowSystemError(path_.string(), action);
}

void Output::Write(std::string_view bytes) {
  if (!through_ && bytes.size() >= kWriteBytes) {  // gigabytes of tensors need no copy
    Flush();
    if (!WriteAll(descriptor_, bytes)) Fail("write");
    return;
  }
  buffer_ += bytes;
  if (!through_ && buffer_.size() >= kWriteBytes) Flush();
}

void Output::Flush() {
  if (!WriteAll(descriptor_, buffer_)) Fail("write");
  buffer_.clear();
}

void Output::GetName() {
  const std::string file = LinkTo(descriptor_);
  std::string name;
  do {
    name = NameBeside(target_);
    if (::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = name;
      return;
    }
  } while (errno == EEXIST);
  Fail("write beside");
}

void Output::Close() {
  if (through_ || descriptor_ < 0) return;
  Flush();
  if (::fsync(descriptor_) != 0) Fail("flush");
  if (temporary_.empty()) GetName();
  // Closed here and not in the destructor, so that a late write error is not lost.
  if (::close(std::exchange(descriptor_, -1)) != 0) Fail("close");
}

void Output::Commit() {
  if (through_) {
    descriptor_ = OpenThrough(path_);
    if (descriptor_ < 0) Fail("open");
    Flush();
    if (::close(std::exchange(descriptor_, -1)) != 0) Fail("close");
    return;
  }
  Close();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) Fail("rename into");
  temporary_.clear();
}

void WriteFile(const fs::path& path, std::string_view content, Readers readers, Replaces replaces,
               std::optional<FileKind> kind) {
  Output output(path, readers, replaces, kind);
  if (kind) {
    output.Write(Sealed(*kind, std::string(content)));
  } else {
    output.Write(content);
  }
  output.Commit();
}

void WriteFile(const fs::path& path, std::span<const std::string_view> pieces) {
  Output output(path);
  for (const std::string_view piece : pieces) output.Write(piece);
  output.Commit();
}

void CheckOutput(const fs::path& path, Replaces replaces, std::optional<FileKind> kind) {
  const Output output(path, Readers::kOwner, replaces, kind);
}

void CheckIsNoInput(const fs::path& output, std::span<const fs::path> inputs, bool own) {
  std::error_code absent;
  const bool replaces = !own && !IsWrittenThrough(output) && fs::exists(output, absent) &&
                        !fs::is_directory(output, absent);
  for (const fs::path& input : inputs) {
    if (input.empty()) continue;
    if (IsSameFile(output, input)) {
      throw Error(fmt::format("{} is read from: it cannot be written to as well", output.string()),
                  "Choose another name.");
    }
    if (replaces && fs::is_directory(input, absent) && IsOf(input, output)) {
      throw Error(fmt::format("{} is a file of {}, which is read from: it is never replaced",
                              output.string(), input.string()),
                  "Choose another name.");
    }
  }
}

void AppendToFile(const fs::path& path, std::string_view bytes, Readers readers) {
  constexpr int kFlags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;
  int descriptor = ::open(path.c_str(), O_RDWR | kFlags, ModeFor(readers));
  // Who may add to it and not read it cannot see half a line.
  if (descriptor < 0 && errno == EACCES) {
    descriptor = ::open(path.c_str(), O_WRONLY | kFlags, ModeFor(readers));
  }
  if (descriptor < 0) ThrowSystemError(path.string(), "open");
  // Held until it is closed: what another program adds is not cut off below.
  while (::flock(descriptor, LOCK_EX) != 0 && errno == EINTR) continue;
  struct stat before {};
  const bool regular = ::fstat(descriptor, &before) == 0 && S_ISREG(before.st_mode);
  char last = '\n';
  const bool half_line = regular && !bytes.empty() && before.st_size > 0 &&
                         ::pread(descriptor, &last, 1, before.st_size - 1) == 1 && last != '\n';
  const bool written =
      regular && (!half_line || WriteAll(descriptor, "\n")) && WriteAll(descriptor, bytes);
  const int code = errno;
  if (regular && !written && ::ftruncate(descriptor, before.st_size) != 0) {
    errno = 0;  // half a line stays: the next one begins behind it
  }
  const bool closed = ::close(descriptor) == 0;
  if (!regular) throw Error(fmt::format("{}: no regular file", path.string()), "Name a file.");
  if (!written) errno = code;
  if (!written || !closed) ThrowSystemError(path.string(), "write");
}

bool KeepRights(const fs::path& from, const fs::path& to) {
  struct stat status {};
  if (::stat(from.c_str(), &status) != 0) return true;
  mode_t mode = status.st_mode & 07777;
  // Only the superuser can keep another owner. What a group may is for no other group.
  if (::chown(to.c_str(), status.st_uid, status.st_gid) != 0 &&
      ::chown(to.c_str(), static_cast<uid_t>(-1), status.st_gid) != 0) {
    mode &= ~mode_t{077};
  }
  // Without the list, the rights of its mask would be those of the group.
  if (!CopyAccessList(from.c_str(), to.c_str())) mode &= ~mode_t{077};
  return ::chmod(to.c_str(), mode) == 0;
}

}  // namespace roentgen
