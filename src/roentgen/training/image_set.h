#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/data/sample.h"
#include "roentgen/imaging/llamafactory.h"
#include "roentgen/imaging/patches.h"

namespace roentgen {

/// How pictures are prepared for training.
struct ImagePreparation {
  LlamaFactoryLimits limits;
  /// Turn pictures upright by their EXIF orientation first, which LLaMA-Factory does not.
  bool apply_exif = false;
  PreprocessorConfig preprocessor;  ///< the checkpoint's
};

/// The picture at path as training sees it. Throws Error, naming the file.
Patches PrepareTrainingImage(const std::filesystem::path& path,
                             const ImagePreparation& preparation);

/// How the file at a path becomes what the model sees of it. Throws Error, naming the file.
using PrepareImage = std::function<Patches(const std::filesystem::path& path)>;

/// The pictures that samples show, each once: files whose patches are the same are one image,
/// whatever they are called. Pixels are not kept.
class ImageSet {
 public:
  struct Entry {
    std::filesystem::path path;  ///< of the first file with this content
    GridThw grid;
    size_t tokens = 0;   ///< places that it takes in the text
    std::string sha256;  ///< of its patches
  };

  /// Looks at every picture of the samples. Throws Error, naming the sample and the file, when one
  /// is missing or cannot be used.
  ///
  /// merge_size  patches of a side that become one token: PreprocessorConfig::merge_size
  ImageSet(std::span<const Sample> samples, PrepareImage prepare, int merge_size, ThreadPool& pool,
           const Progress& progress = {});
  /// The same with PrepareTrainingImage.
  ImageSet(std::span<const Sample> samples, const ImagePreparation& preparation, ThreadPool& pool,
           const Progress& progress = {});

  size_t size() const { return entries_.size(); }
  const Entry& operator[](size_t image) const { return entries_[image]; }
  /// The number of the image that a sample of the set names so.
  size_t Find(const std::string& path) const { return numbers_.at(path); }
  /// The image's patches, prepared again from its file.
  Patches Load(size_t image) const;

 private:
  PrepareImage prepare_;
  std::vector<Entry> entries_;
  std::map<std::string, size_t> numbers_;  // by the path as samples spell it
};

}  // namespace roentgen
