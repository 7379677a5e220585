#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen {

/// What a run wrote into an output folder, in .roentgen-manifest-NAME.json there: the proof that a
/// later run of the same dataset may replace or remove it. Names of files alone prove nothing:
/// rad_x_test.json may be part "test" of "rad_x" or part "x_test" of "rad".
struct DatasetManifest {
  /// What a file held when it was written.
  struct Content {
    uint64_t bytes = 0;
    std::string sha256;
  };

  std::string dataset;
  std::set<std::string> files;                  ///< in the folder itself, without the manifest
  std::map<std::string, std::string> entries;   ///< of dataset_info.json: the entry, its file
  std::map<std::string, std::string> images;    ///< made by a run: "images/scan.png", its SHA-256
  std::set<std::string> others_images;          ///< of the folder, used but made by nobody we know
  std::set<std::string> image_folders = {};     ///< real folders elsewhere that rows' images lie in
  std::string made_in = {};                     ///< IdentityOf the folder; empty: not known
  std::map<std::string, Content> written = {};  ///< of files; earlier versions did not tell
  std::string source = {};                      ///< what it was made of, for people
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

/// What a folder of that name and content that somebody else made would not have: its number in the
/// file system and the nanosecond it was made. Empty where the system does not tell.
std::string IdentityOf(const std::filesystem::path& folder);

/// DatasetManifest::image_folders of the set that a file of a folder belongs to, if a run of this
/// program wrote it into this very folder: a manifest that came with a set proves nothing.
std::vector<std::filesystem::path> ImageFoldersOfImport(const std::filesystem::path& folder,
                                                        const std::filesystem::path& file);

/// Whether the file's first row says that it was written here as this part.
bool HoldsPart(const std::filesystem::path& file, const std::string& part);

}  // namespace roentgen
