#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/data/sample.h"

namespace roentgen {

struct OutputOptions {
  std::filesystem::path folder;
  std::string name;          ///< of the dataset; begins every file's name
  bool json_lines = false;   ///< .jsonl instead of .json
  bool copy_images = false;  ///< into the folder's images/; else rows name the files where they are
};

/// Writes samples as ShareGPT rows into one file per split, NAME_SPLIT.json, and enters these into
/// the folder's dataset_info.json, so that LLaMA-Factory loads them with `dataset: NAME_SPLIT` and
/// `dataset_dir: FOLDER`. Entries of other datasets there stay.
///
/// Nothing is seen under its name before Finish: an interrupted run, or one on a full disk, leaves
/// what was there.
class DatasetWriter {
 public:
  /// Makes the folder. Throws Error when it cannot.
  explicit DatasetWriter(OutputOptions options);

  /// Throws Error when the split is no fit name for a file, or when something cannot be written.
  void Add(Sample sample);

  /// A further file of the dataset, NAME_WHAT, written with the others.
  AtomicFile& File(const std::string& what);

  /// Puts all files in their places, dataset_info.json last. Returns their paths.
  std::vector<std::filesystem::path> Finish();

 private:
  struct Part {
    std::string file_name;
    AtomicFile* file;
    size_t rows = 0;
  };

  std::filesystem::path Path(const std::string& what) const;
  Part& PartOf(const std::string& split);
  std::string WrittenPath(const std::string& image);
  std::string Copy(const std::string& image);
  AtomicFile NewInfo() const;

  OutputOptions options_;
  std::map<std::filesystem::path, AtomicFile> files_;
  std::map<std::string, Part> parts_;
  std::map<std::string, std::string> image_paths_;  // as read, as written
  std::set<std::string> image_names_;               // taken in images/
};

}  // namespace roentgen
