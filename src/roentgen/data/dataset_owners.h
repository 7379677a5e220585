#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "roentgen/base/json.h"
#include "roentgen/data/dataset_manifest.h"

// What of an output folder a run of one dataset may take or remove. owned: what FindOwned found for
// it; manifests: of the whole folder; info: dataset_info.json.

namespace roentgen {

/// Whether there is anything of this name, be it a link that leads nowhere.
bool NameIsUsed(const std::filesystem::path& path);

/// The dataset whose manifest lists it, else nullptr.
template <class Lists>
const std::string* AnotherWith(const DatasetManifests& manifests, const std::string& dataset,
                               const Lists& lists) {
  for (const auto& [name, manifest] : manifests) {
    if (name != dataset && lists(manifest)) return &name;
  }
  return nullptr;
}

/// Throws Error when the file is there, or meant to be, and is something else's.
void CheckFileIsOurs(const std::filesystem::path& folder, const std::string& file,
                     const DatasetManifest& owned, const DatasetManifests& manifests);

/// The same for an entry of dataset_info.json.
void CheckEntryIsOurs(const std::filesystem::path& folder, const std::string& entry,
                      const nlohmann::ordered_json& info, const DatasetManifest& owned,
                      const DatasetManifests& manifests);

/// Throws Error when one of the dataset's files may not be written to, or does not hold any more
/// what was written there: somebody has edited it, or put one of his own there. With force, that is
/// not asked.
void CheckAreUnchanged(const std::filesystem::path& folder, const DatasetManifest& owned,
                       bool force);

/// What of images/ is mentioned by files that dataset_info.json registers and no manifest knows.
std::set<std::string> ImagesOfUnlisted(const std::filesystem::path& folder,
                                       const nlohmann::ordered_json& info,
                                       const DatasetManifest& owned,
                                       const DatasetManifests& manifests);

}  // namespace roentgen
