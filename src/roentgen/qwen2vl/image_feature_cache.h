#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "roentgen/base/blob_store.h"
#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// Image features by content, so that a picture that comes again is not encoded again, whatever
/// name it comes under. For one set of weights; forgets the least recently used beyond its limit,
/// but finds them in a store on disk where there is one.
class ImageFeatureCache {
 public:
  static constexpr size_t kDefaultLimit = size_t{256}
                                          << 20;  // bytes: 170 pictures of 448×448 in 2B

  ImageFeatureCache(const ModelConfig& config, const ModelWeights& weights,
                    size_t limit_bytes = kDefaultLimit)
      : config_(config), weights_(weights), limit_bytes_(limit_bytes) {}

  /// From now on keeps features in the store too, which must live as long as the cache. model: a
  /// key of everything but the picture that they depend on.
  void KeepIn(BlobStore& store, std::string model) {
    store_ = &store;
    model_ = std::move(model);
  }

  struct Result {
    std::shared_ptr<const OwnedMatrix> features;  // [merged tokens, hidden_size]
    bool computed = false;                        // false: it was there
    std::string key;                              // of the picture's content
  };
  /// The features of the patches, computed (see EncodeVision) or found.
  Result Get(const Patches& patches, ThreadPool& pool, const Progress& progress = {});

 private:
  struct Entry {
    std::string key;  // SHA-256 of the pixel values and the grid
    std::shared_ptr<const OwnedMatrix> features;
  };
  void MakeRoom(size_t bytes);
  std::shared_ptr<const OwnedMatrix> FindInStore(const std::string& key, size_t tokens) const;

  const ModelConfig& config_;
  const ModelWeights& weights_;
  size_t limit_bytes_;
  size_t used_bytes_ = 0;
  BlobStore* store_ = nullptr;
  std::string model_;
  std::list<Entry> entries_;  // most recently used first
};

}  // namespace roentgen
