#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/qwen2vl/image_feature_cache.h"

namespace roentgen {

/// Encodes pictures from the moment they are named, while somebody still types the question. What
/// it encodes is in the feature cache then.
///
/// It works with the pool and the cache that the session uses too, so Wait comes before the session
/// is asked.
class PictureEncoder {
 public:
  /// Both must live as long as the encoder.
  PictureEncoder(ImageFeatureCache& cache, ThreadPool& pool);
  /// Drops what is not encoded yet.
  ~PictureEncoder();
  PictureEncoder(const PictureEncoder&) = delete;
  PictureEncoder& operator=(const PictureEncoder&) = delete;

  void Add(Patches patches);

  /// Returns when nothing is left to encode, telling progress of what is being encoded: the seconds
  /// that this took, 0 where nothing was left. When the
  /// token is triggered meanwhile, the rest is dropped and Cancelled thrown. An error of encoding
  /// is not thrown here: the session that needs the picture meets it again.
  double Wait(const Progress& progress = {}, const std::stop_token& stop = {});

 private:
  void Work(const std::stop_token& stop);

  ImageFeatureCache& cache_;
  ThreadPool& pool_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Patches> waiting_;
  bool encoding_ = false;
  std::stop_source current_;  // of the picture being encoded
  std::atomic<size_t> done_{0};
  std::atomic<size_t> total_{0};
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace roentgen
