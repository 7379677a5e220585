#include "roentgen/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kWriteBytes = size_t{1} << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

struct OpenFile {
  Descriptor descriptor;
  size_t size;
};

OpenFile OpenRegularFile(const std::filesystem::path& path) {
  // O_NONBLOCK: a named pipe must be refused below, not waited for here.
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() < 0) ThrowSystemError(path.string(), "open");
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) ThrowSystemError(path.string(), "examine");
  if (!S_ISREG(status.st_mode)) {
    throw Error(fmt::format("{}: {} where a file was expected", path.string(),
                            S_ISDIR(status.st_mode) ? "a folder" : "no regular file"));
  }
  return {std::move(descriptor), static_cast<size_t>(status.st_size)};
}

mode_t ModeFor(Readers readers) {
  return readers == Readers::kOwner ? 0600 : 0644;
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

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  const OpenFile file = OpenRegularFile(path);
  size_ = file.size;
  if (size_ == 0) return;  // mmap refuses an empty range
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor.get(), 0);
  if (data == MAP_FAILED) ThrowSystemError(path.string(), "map");
  data_ = static_cast<const uint8_t*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size_);
}

void ForgetMappedPages(std::span<const std::byte> part) {
  // Whole pages only: what lies beside the part stays.
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t begin = (address + page - 1) / page * page;
  const uintptr_t end = (address + part.size()) / page * page;
  if (begin >= end) return;
  ::madvise(const_cast<std::byte*>(part.data()) + (begin - address), end - begin, MADV_DONTNEED);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

bool FileExists(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string ReadFile(const std::filesystem::path& path, size_t max_bytes) {
  const OpenFile file = OpenRegularFile(path);
  if (file.size > max_bytes) {
    throw Error(fmt::format("{}: {} bytes, more than the {} allowed here", path.string(), file.size,
                            max_bytes));
  }
  std::string content(file.size, '\0');
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::read(file.descriptor.get(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowSystemError(path.string(), "read");
    if (n == 0) break;  // truncated while we read: what is there is the content
    done += static_cast<size_t>(n);
  }
  content.resize(done);
  return content;
}

AtomicFile::AtomicFile(std::filesystem::path path, Readers readers)
    : path_(std::move(path)), readers_(readers), temporary_(path_.string() + ".XXXXXX") {
  descriptor_ = ::mkstemp(temporary_.data());
  if (descriptor_ >= 0) return;
  temporary_.clear();
  ThrowSystemError(path_.string(), "write beside");
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      readers_(other.readers_),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)) {}

void AtomicFile::Fail(const char* action) {
  ThrowSystemError(path_.string(), action);
}

void AtomicFile::Write(std::string_view bytes) {
  if (bytes.size() >= kWriteBytes) {  // gigabytes of tensors need no copy
    Flush();
    if (!WriteAll(descriptor_, bytes)) Fail("write");
    return;
  }
  buffer_ += bytes;
  if (buffer_.size() >= kWriteBytes) Flush();
}

void AtomicFile::Flush() {
  if (!WriteAll(descriptor_, buffer_)) Fail("write");
  buffer_.clear();
}

void AtomicFile::Close() {
  if (descriptor_ < 0) return;
  Flush();
  if (::fchmod(descriptor_, ModeFor(readers_)) != 0) Fail("set the mode of");
  if (::fsync(descriptor_) != 0) Fail("flush");
  // Closed here and not in the destructor, so that a late write error is not lost.
  if (::close(std::exchange(descriptor_, -1)) != 0) Fail("close");
}

void AtomicFile::Commit() {
  Close();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) Fail("rename into");
  temporary_.clear();
}

void AppendToFile(const std::filesystem::path& path, std::string_view bytes, Readers readers) {
  const Descriptor descriptor(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, ModeFor(readers)));
  if (descriptor.get() < 0) ThrowSystemError(path.string(), "open");
  if (!WriteAll(descriptor.get(), bytes)) ThrowSystemError(path.string(), "write");
}

void WriteFileAtomically(const std::filesystem::path& path, std::string_view content,
                         Readers readers) {
  AtomicFile file(path, readers);
  file.Write(content);
  file.Commit();
}

void WriteFileAtomically(const std::filesystem::path& path,
                         std::span<const std::string_view> pieces) {
  AtomicFile file(path);
  for (const std::string_view piece : pieces) file.Write(piece);
  file.Commit();
}

}  // namespace roentgen
