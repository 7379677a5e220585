#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace roentgen {

/// A file's bytes, mapped read-only for as long as the object lives. Pages are read on first use
/// and can be dropped by the kernel again: they are no heap memory of this process.
class MappedFile {
 public:
  /// Throws Error when the path is not a readable regular file.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const uint8_t> bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

/// Gives the memory of a part of a MappedFile back to the system, which reads the file again when
/// the part is asked for again.
void ForgetMappedPages(std::span<const std::byte> part);

/// Whether there is a file or folder; false, too, where the system does not let us look.
bool FileExists(const std::filesystem::path& path);

/// The whole content of a regular file. Throws Error when it cannot be read, is no regular file, or
/// holds more than max_bytes (checked before anything is allocated).
std::string ReadFile(const std::filesystem::path& path, size_t max_bytes);

/// Who may read a file that is written; only its owner may write it.
enum class Readers { kEverybody, kOwner };

/// A file that grows beside its path and is renamed there at the end: whoever looks sees the old
/// file or the new one, never half of one. Without Commit nothing is left of it.
///
/// Members throw Error naming the path when anything fails (a full disk); the old file stays.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path, Readers readers = Readers::kEverybody);
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;

  void Write(std::string_view bytes);
  /// Everything is on the disk now, under another name. For files that belong together: when all
  /// are closed, all can be committed.
  void Close();
  void Commit();

 private:
  void Flush();
  [[noreturn]] void Fail(const char* action);

  std::filesystem::path path_;
  Readers readers_;
  std::string temporary_;  // empty: there is none, or none any more
  int descriptor_ = -1;
  std::string buffer_;
};

/// Adds the bytes to a file's end, all or, when that fails, perhaps some of them (Error); makes the
/// file, for these readers, where there is none. For logs, which grow by lines: those of several
/// programs do not mix.
void AppendToFile(const std::filesystem::path& path, std::string_view bytes,
                  Readers readers = Readers::kEverybody);

/// Writes a whole file as AtomicFile does.
void WriteFileAtomically(const std::filesystem::path& path, std::string_view content,
                         Readers readers = Readers::kEverybody);
/// The same for content that lies in pieces: gigabytes of tensors need not be joined in memory.
void WriteFileAtomically(const std::filesystem::path& path,
                         std::span<const std::string_view> pieces);

}  // namespace roentgen
