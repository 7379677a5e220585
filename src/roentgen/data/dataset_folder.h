#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/base/folder_lock.h"
#include "roentgen/base/output.h"
#include "roentgen/data/dataset_manifest.h"
#include "roentgen/data/publication.h"

namespace roentgen {

/// One run's writing of one dataset into an output folder, which may hold others. Nothing is seen
/// under its final name before Publish; without it, nothing is left, not even folders that were
/// made. Publish replaces the whole dataset of that name: what the previous run wrote and this one
/// does not is removed, files, images and entries of dataset_info.json. Files and entries that
/// belong to anything else are never touched.
///
/// One run at a time writes a dataset; runs of others may go on beside it in the same folder.
class DatasetFolder {
 public:
  struct Options {
    BeforeChange before_change = nullptr;
    std::vector<std::filesystem::path> inputs = {};  ///< that rows are read from
    std::string source = {};                         ///< what rows are of, for people
    bool force = false;  ///< files of the dataset that somebody has changed are replaced, too
  };

  /// Makes the folder, and finishes or removes what killed runs left in it. Throws Error when it
  /// cannot, when another run is writing this dataset, when one of the inputs belongs to it, or
  /// when one of its files there was changed since (CheckAreUnchanged).
  DatasetFolder(std::filesystem::path folder, std::string dataset, Options options);
  ~DatasetFolder();
  DatasetFolder(const DatasetFolder&) = delete;
  DatasetFolder& operator=(const DatasetFolder&) = delete;

  const std::filesystem::path& path() const { return folder_; }
  /// "the dataset "csv" of 2026-11-30, made of csv /data/table.csv", where the dataset is there
  /// already and was made of something else; else empty.
  const std::string& replaced() const { return replaced_; }

  /// A new file of the folder, to be written to. Throws Error when there is one of that name which
  /// is not this dataset's, or when it was made before.
  Output& NewFile(const std::string& file);

  /// Puts an image into images/ and returns its name there, "images/scan.png". What is there with
  /// this content already, or is being put there by another
  /// run, is used; where the name is taken by another content, part of the
  /// content's SHA-256 is put behind it. readers: of a new file. May be called by several threads.
  std::string PutImage(const std::string& name, std::string_view content,
                       Readers readers = Readers::kUmask);

  /// Rows name this image where it is. If it is one of the folder's own, it stays.
  void UseImage(const std::filesystem::path& image);

  /// Everything gets its name. entries: of dataset_info.json, with their files. Returns the paths
  /// of the files, dataset_info.json last. Throws Error when something cannot be written, or
  /// belongs to something else; the old dataset is whole then.
  std::vector<std::filesystem::path> Publish(const std::map<std::string, std::string>& entries);

 private:
  void Open();
  void CheckMayBeReplaced(const DatasetManifest& owned) const;
  std::string NameForImage(const std::string& name, const std::string& sha256) const;
  bool IsTaken(const std::string& name, const std::string& sha256) const;
  bool IsThere(const std::string& name, const std::string& sha256) const;
  std::optional<std::string> PutKnownImage(const std::string& name, const std::string& sha256);
  bool LinkStaged(const std::string& image) const;
  PublicationPlan Plan(const std::map<std::string, std::string>& entries,
                       const DatasetManifests& manifests, const DatasetManifest& owned) const;
  void PlanImages(const DatasetManifests& manifests, PublicationPlan& plan) const;
  void Discard() noexcept;

  std::filesystem::path folder_;
  std::string dataset_;
  Options options_;
  std::filesystem::path staging_;
  std::string replaced_;
  std::vector<std::filesystem::path> made_folders_;  // outermost first
  std::optional<FolderLock> running_;                // on staging_
  DatasetManifests manifests_;                       // as they were at the start
  DatasetManifest owned_;
  std::map<std::string, Output> files_;
  std::mutex image_mutex_;
  std::atomic<size_t> written_images_ = 0;
  std::map<std::string, std::string> staged_images_;  // "images/scan.png", SHA-256
  std::set<std::string> image_folders_;               // elsewhere, of images that rows name
  std::set<std::string> used_images_;                 // "images/scan.png", named by rows
  bool committed_ = false;
};

}  // namespace roentgen
