#pragma once

#include <filesystem>
#include <optional>

namespace roentgen {

/// Holds a folder against other programs that do the same, until the object goes or the process
/// ends, however it ends. Nothing is written for it. On file systems that know no locks (some of
/// networks) it holds nothing.
class FolderLock {
 public:
  /// Waits until the folder is free. Throws Error when it cannot be opened.
  static FolderLock Wait(const std::filesystem::path& folder);
  /// Nothing where another program holds it. Throws Error, too, for a symbolic link.
  static std::optional<FolderLock> Try(const std::filesystem::path& folder);

  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

  /// Whether the path still leads to the folder that is held.
  bool Holds(const std::filesystem::path& folder) const;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace roentgen
