#pragma once

#include <filesystem>
#include <optional>
#include <vector>

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

/// A folder that only one run writes to at a time, until the object goes. It is made where there is
/// none; what was made goes again if nothing was put into it.
class RunLock {
 public:
  /// Throws Error when another run holds the folder, or it cannot be made.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  void RemoveMade() noexcept;

  std::vector<std::filesystem::path> made_;  // outermost first
  std::optional<FolderLock> lock_;
};

}  // namespace roentgen
