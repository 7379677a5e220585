#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "roentgen/base/folder_lock.h"
#include "roentgen/base/output.h"

namespace roentgen {

/// A folder whose files belong together, as those of a model do. It is made beside its place, and
/// gets it when it is complete: whoever looks sees the old folder or the new one. Without Commit,
/// and after a kill, nothing is left of it but NAME.unfinished-…, which the next one removes.
///
/// It replaces a folder that this program made, by its FolderMark: other files in it stay, and one
/// that has a name of the new ones is an error. A folder that is not empty and has no mark is one,
/// too. With Replaces::kAny files of the new names are replaced there, and the others stay.
class OutputFolder {
 public:
  /// command: for people who look into the mark: "merge". Throws Error when the folder may not be
  /// replaced, or there cannot be one.
  OutputFolder(std::filesystem::path folder, std::string command, Replaces replaces);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Where its files are written until it is complete.
  const std::filesystem::path& staging() const { return staging_; }

  /// Throws Error when it cannot get its place; what was there is there then.
  void Commit();

 private:
  void CheckNames(std::span<const std::string> files) const;
  void TakePlace(std::span<const std::string> files);
  void MoveIntoPlace(std::span<const std::string> files);

  std::filesystem::path folder_;
  std::string command_;
  Replaces replaces_;
  std::filesystem::path staging_;  // empty: it has its place
  std::optional<FolderLock> lock_;
};

/// For a folder that is written into for hours, as a training's: throws Error where one of the
/// files to come is there and the folder's mark does not have it, unless Replaces::kAny; then adds
/// them to the mark, and makes the folder.
void ClaimFiles(const std::filesystem::path& folder, const std::string& command,
                std::span<const std::string> files, Replaces replaces);

}  // namespace roentgen
