#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/base/folder_lock.h"
#include "roentgen/hub/model_on_hub.h"

namespace roentgen {

/// The folder of a pulled model: HUB/OWNER/NAME/REVISION below ModelsFolder(), for instance
/// huggingface.co/Qwen/Qwen2-VL-2B-Instruct/main. No two models share one.
std::filesystem::path PlaceOf(const ModelOnHub& model);

/// A model that was pulled into its place.
struct PulledModel {
  std::string hub;  ///< as in the folder's name: "huggingface.co", "http://127.0.0.1:8080"
  ModelName name;   ///< with the revision
  std::filesystem::path folder;
};

/// What lies below ModelsFolder() and has a manifest, sorted by folder. Manifests are not read.
std::vector<PulledModel> PulledModels();

/// A folder that is made beside its place, .NAME.pulling, and put there when it is complete.
/// Whoever looks into the place sees what was there before, or all of the new. What a killed
/// program left beside is found by the next. One program at a time: the object holds a lock, which
/// ends with the process, however that ends.
class StagedFolder {
 public:
  /// Waits while another program makes the same folder; on_wait is told once then. Throws Error
  /// when the folder cannot be made, Cancelled.
  StagedFolder(std::filesystem::path place, const std::function<void()>& on_wait,
               const std::stop_token& stop);
  /// What was staged stays, for the next, unless it is nothing.
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  const std::filesystem::path& place() const { return place_; }
  const std::filesystem::path& path() const { return staging_; }
  /// Whether another program had it first: the place may have changed meanwhile.
  bool waited() const { return waited_; }

  /// Removes it with all in it.
  void Discard();
  /// Puts it in place; what was there is removed. Throws Error when that cannot be.
  void PutInPlace();

 private:
  bool Take();
  int Replace();
  std::filesystem::path Old() const;

  std::filesystem::path place_;
  std::filesystem::path staging_;
  bool waited_ = false;
  std::optional<FolderLock> lock_;
};

}  // namespace roentgen
