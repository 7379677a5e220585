#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/training_batch.h"
#include "roentgen/qwen2vl/weights.h"
#include "roentgen/training/image_set.h"

namespace roentgen {

/// The features of a run's images, where vision tower and merger do not change: computed once, kept
/// in f32 in a file each, mapped from disk. A file's name is the SHA-256 of the image's patches and
/// the tower's weights with their adapters, so a run that goes on finds those of before.
class ImageFeatures {
 public:
  /// folder  made when needed
  ImageFeatures(const ModelConfig& config, const ModelWeights& weights, const ImageSet& images,
                std::filesystem::path folder, ThreadPool& pool);

  /// Computes what is not there yet. Throws Cancelled in a CancelScope; what is done stays.
  void Compute(const Progress& progress);

  /// For the places of an image; see TrainingImage.
  TrainingImage Get(size_t image) const;

  /// Removes the folder and its files: the run is over.
  void Remove() const;

 private:
  std::filesystem::path PathOf(size_t image) const;

  const ModelConfig& config_;
  const ModelWeights& weights_;
  const ImageSet& images_;
  std::filesystem::path folder_;
  ThreadPool& pool_;
  std::string tower_;  // a hash of its weights
};

}  // namespace roentgen
