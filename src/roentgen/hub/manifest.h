#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/hub/model_on_hub.h"

namespace roentgen {

/// What stands in a folder beside the files that were pulled into it: which model they are, and
/// each file's size and hash. It is written before the first file, so a folder that is not whole is
/// known by what is missing.
struct PullManifest {
  static constexpr const char* kName = "roentgen-pull.json";

  struct File {
    std::string name;
    uint64_t size = 0;
    std::string sha256;  ///< empty: not known yet

    bool operator==(const File&) const = default;
  };

  ModelOnHub model;
  std::string commit;   ///< that the revision was; empty: the hub does not say
  std::string program;  ///< that pulled it
  std::string date;     ///< in UTC, "2026-11-30T17:30:00Z"; empty: it has not ended
  std::vector<File> files;

  bool operator==(const PullManifest&) const = default;

  /// Nothing where the folder has none. Throws Error when it cannot be understood.
  static std::optional<PullManifest> Read(const std::filesystem::path& folder);
  void Write(const std::filesystem::path& folder) const;
};

/// Throws Error when a folder has a manifest and its files are not those that were pulled: one is
/// missing, has another size, or is not in the manifest (hidden ones and folders do not count). For
/// whoever opens a model; looks at no contents. A folder without a manifest is not judged.
void CheckPulledFolder(const std::filesystem::path& folder);

/// CheckPulledFolder, and the contents: throws Error, too, for a file with another SHA-256. Returns
/// the manifest, or nothing where there is none. Cancelled as well.
std::optional<PullManifest> CheckPulledHashes(const std::filesystem::path& folder,
                                              const Progress& progress = {},
                                              const std::stop_token& stop = {});

}  // namespace roentgen
