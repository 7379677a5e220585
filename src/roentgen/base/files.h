#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "roentgen/base/output.h"

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

}  // namespace roentgen
