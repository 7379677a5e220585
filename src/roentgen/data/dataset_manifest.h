#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "roentgen/base/json.h"

namespace roentgen {

/// What a run wrote into an output folder, in .roentgen-manifest-NAME.json there: the proof that a
/// later run of the same dataset may replace or remove it. Names of files alone prove nothing:
/// rad_x_test.json may be part "test" of "rad_x" or part "x_test" of "rad".
struct DatasetManifest {
  std::string dataset;
  std::set<std::string> files;                 ///< in the folder itself, without the manifest
  std::map<std::string, std::string> entries;  ///< of dataset_info.json: the entry, its file
  std::map<std::string, std::string> images;   ///< made by a run: "images/scan.png", its SHA-256
  std::set<std::string> others_images;         ///< of the folder, used but made by nobody we know
};

/// By the dataset's name.
using DatasetManifests = std::map<std::string, DatasetManifest>;

/// Whether a text can begin a file's name: up to 100 ASCII letters, digits, "-", "_" and ".", and
/// no "." in front.
bool IsDatasetName(const std::string& name);

/// The file's name.
std::string ManifestName(const std::string& dataset);

nlohmann::ordered_json ManifestToJson(const DatasetManifest& manifest);
/// Throws Error for a malformed one, and for one that names anything outside its folder.
DatasetManifest ManifestFromJson(const JsonObject& json);

/// All of a folder. Throws Error when one cannot be read.
DatasetManifests ReadManifests(const std::filesystem::path& folder);

/// What of the folder belongs to the dataset: what its manifest says, and, for folders written
/// before there were manifests, files whose rows and registration tell that they are its parts.
/// Nothing that another dataset's manifest lists, and no entry that somebody has changed to name
/// another file. info: dataset_info.json.
DatasetManifest FindOwned(const std::filesystem::path& folder, const std::string& dataset,
                          const DatasetManifests& manifests, const nlohmann::ordered_json& info);

/// Whether the file's first row says that it was written here as this part.
bool HoldsPart(const std::filesystem::path& file, const std::string& part);

}  // namespace roentgen
