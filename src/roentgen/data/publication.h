#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "roentgen/base/json.h"
#include "roentgen/data/dataset_manifest.h"

// How a staged dataset gets its place, so that whoever reads dataset_info.json at any moment, and
// after a kill at any moment, finds it whole, old or new.
//
// The new files lie in FOLDER/.roentgen-staging-NAME/. Publishing takes these steps:
//  1. plan.json is written there: what will be done;
//  2. new images get their names in images/, where nothing has these names;
//  3. dataset_info.json is replaced by one whose entries of this dataset name the staged files:
//     from here on it is the new one;
//  4. the files get their usual names (they keep the staged ones), then the manifest;
//  5. what only the old one had is removed, then plan.json;
//  6. dataset_info.json is replaced by one with the usual names;
//  7. the staging folder is removed.
// What is replaced gives its mode to the new file; a dataset_info.json that is a link stays one.
// A run that was killed is finished by the next one in the folder: with 4 when there is a plan and
// dataset_info.json names staged files; with 6 when it does and there is none; else the images of
// the plan, and the staging folder, are removed.

namespace roentgen {

/// Is called before every change to the folder; tests end the process there, or throw.
using BeforeChange = std::function<void()>;

struct PublicationPlan {
  DatasetManifest manifest;           ///< the new one
  std::set<std::string> made_images;  ///< of manifest.images, those that get their names now
  bool makes_image_folder = false;
  std::set<std::string> stale_files;
  std::map<std::string, std::string> stale_images;  ///< with their SHA-256
};

/// FOLDER/.roentgen-staging-NAME
std::filesystem::path StagingFolder(const std::filesystem::path& folder,
                                    const std::string& dataset);
/// All staging folders of a folder, of runs that go on and of killed ones, by dataset.
std::map<std::string, std::filesystem::path> StagingFolders(const std::filesystem::path& folder);

/// dataset_info.json; an empty object where there is none. Throws Error when it is no JSON object.
nlohmann::ordered_json ReadDatasetInfo(const std::filesystem::path& folder);

/// Step 1 to 7. The folder is held (FolderLock). The staged files are on the disk, under the names
/// they will have; images below images/. new_info: dataset_info.json as it will be. committed
/// becomes true after step 3. Throws Error: before, Withdraw; after, the dataset is whole and the
/// next run goes on.
void Publish(const std::filesystem::path& folder, const PublicationPlan& plan,
             const nlohmann::ordered_json& new_info, const BeforeChange& before_change,
             bool& committed);

/// Removes what an uncommitted run of the dataset left: images that got their names, and the
/// staging folder. The folder is held.
void Withdraw(const std::filesystem::path& folder, const std::string& dataset);

/// Finishes or withdraws all that killed runs left. The folder is held.
void Recover(const std::filesystem::path& folder);

}  // namespace roentgen
