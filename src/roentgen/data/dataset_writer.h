#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/data/dataset_folder.h"
#include "roentgen/data/sample.h"

namespace roentgen {

struct OutputOptions {
  std::filesystem::path folder;
  std::string name;          ///< of the dataset; begins every file's name
  bool json_lines = false;   ///< .jsonl instead of .json
  bool copy_images = false;  ///< into the folder's images/; else rows name the files where they are
  BeforeChange before_change = nullptr;            ///< for tests
  std::vector<std::filesystem::path> inputs = {};  ///< that rows are read from: never replaced
  std::string source = {};  ///< what rows are of, for people: "csv /data/table.csv"
  bool force = false;       ///< files of the dataset that somebody has changed are replaced, too
  /// Is told when a dataset of another source is there: DatasetFolder::replaced.
  std::function<void(const std::string& dataset)> on_replaced = nullptr;
};

/// Writes samples as ShareGPT rows into one file per split, NAME_SPLIT.json, and enters these into
/// the folder's dataset_info.json, so that LLaMA-Factory loads them with `dataset: NAME_SPLIT` and
/// `dataset_dir: FOLDER`.
///
/// A run replaces the whole dataset of its name or leaves everything; other datasets of the folder
/// are never touched (see DatasetFolder). An interrupted run, and one on a full disk, leaves what
/// was there; whoever reads dataset_info.json while a run is killed finds the old dataset or the
/// new one, and the next run in the folder clears up.
class DatasetWriter {
 public:
  /// Makes the folder. Throws Error when it cannot, when another run is writing this dataset, when
  /// an input is one of its files there, or when one of these was changed since it was written.
  explicit DatasetWriter(OutputOptions options);

  /// Throws Error when the split is no fit name for a file, when the file's name belongs to
  /// something else, or when something cannot be written.
  void Add(Sample sample);

  /// Puts an image that was made here into the folder's images/, whatever copy_images says. Returns
  /// what a sample's `images` names it with; its file name may get a part of its hash, see
  /// DatasetFolder::PutImage. May be called by several threads, Add by one.
  std::string PutImage(const std::string& name, std::string_view content);
  /// Where an image that PutImage named can be read until Finish.
  std::filesystem::path Staged(const std::string& image) const;

  /// A further file of the dataset, NAME_WHAT, written with the others.
  Output& File(const std::string& what);

  /// Puts all files in their places. Returns their paths, dataset_info.json last. Throws Error when
  /// no sample was added: the dataset that was there stays.
  std::vector<std::filesystem::path> Finish();

 private:
  struct Part {
    std::string file_name;
    Output* file;
    size_t rows = 0;
  };

  Part& PartOf(const std::string& split);
  std::string WrittenPath(const std::string& image);

  OutputOptions options_;
  DatasetFolder folder_;
  std::map<std::string, Output*> further_files_;
  std::map<std::string, Part> parts_;
  std::map<std::string, std::string> image_paths_;  // as read, as written
};

}  // namespace roentgen
