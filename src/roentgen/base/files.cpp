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

}  // namespace roentgen
