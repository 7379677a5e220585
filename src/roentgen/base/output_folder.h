#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "roentgen/base/folder_lock.h"
#include "roentgen/base/output.h"

namespace roentgen {

/// A folder whose files belong together, as those of a model do. It is made beside its place, and
/// gets it when it is complete: whoever looks sees the old folder or the new one. Without Commit,
/// and after a kill, nothing is left of it but NAME.unfinished-…, which the next one removes.
///
/// It replaces a folder that the same command of this program made, by its FolderMark: files of
/// others stay in it, also those of the program that somebody changed, and one that has a name of
/// the new ones is an error. So is any other folder that is not empty. New files get the rights of
/// those that they replace (KeepRights).
///
/// Where nothing can be made beside the folder, or it cannot change its place (a mount point, the
/// working folder), it is made within, and its files are moved: the old ones are removed first.
class OutputFolder {
 public:
  /// command: who makes it: "merge". Throws Error when the folder may not be replaced, or there
  /// cannot be one.
  OutputFolder(std::filesystem::path folder, std::string command);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Where its files are written until it is complete.
  const std::filesystem::path& staging() const { return staging_; }

  /// last: the file without which the folder is not opened, for when files are moved one by one.
  /// Throws Error when it cannot get its place; what was there is there then.
  void Commit(const std::string& last = "");

 private:
  void CheckFolder(const std::filesystem::path& named) const;
  void Stage();
  void CheckNames(std::span<const std::string> files, const std::set<std::string>& owned) const;
  bool TakePlace(const std::set<std::string>& owned) const;
  void MoveIntoPlace(std::span<const std::string> files, const std::set<std::string>& owned,
                     const std::string& last) const;

  std::filesystem::path folder_;
  std::string command_;
  std::filesystem::path staging_;  // empty: it has its place
  std::optional<FolderLock> lock_;
};

/// Throws Error when the folder of an output is one of the inputs, lies in one of them or has one
/// in it, by whatever names or links.
void CheckFolderIsNoInput(const std::filesystem::path& output,
                          std::span<const std::filesystem::path> inputs);

/// Of a folder that is written into for hours, as a training's.
struct Claim {
  std::filesystem::path folder;
  std::string command;          ///< "train"
  std::set<std::string> files;  ///< that will be written
  Replaces replaces = Replaces::kOwn;
  std::string hint = "Choose another folder, or write over it with --force.";
  std::optional<FileKind> kind{};  ///< of all files that have a mark of their own
};

/// Makes the folder and claims the files in its mark. Throws Error where one of them is there and
/// neither the mark owns it nor the file itself says that this program made it as one of the kind,
/// unless Replaces::kAny; and where it is no regular file, or cannot be replaced.
void ClaimFiles(const Claim& claim);
/// The files are written: what is changed in them from here on is somebody else's. Without it,
/// after a kill, they stay claimed, and this program's whatever they hold.
void SealFiles(const Claim& claim);

/// Moves all files of a folder into another one on the same file system, where they replace those
/// of their names, whose rights they get (KeepRights). `last` is removed there first, and comes
/// last: what is opened by it is whole, whenever this is stopped.
void MoveFiles(const std::filesystem::path& from, const std::filesystem::path& to,
               const std::string& last);

}  // namespace roentgen
