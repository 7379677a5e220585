#include "roentgen/inference/picture_encoder.h"

#include <chrono>
#include <utility>

#include "roentgen/base/error.h"

namespace roentgen {

PictureEncoder::PictureEncoder(ImageFeatureCache& cache, ThreadPool& pool)
    : cache_(cache), pool_(pool), thread_([this](const std::stop_token& stop) { Work(stop); }) {}

PictureEncoder::~PictureEncoder() {
  const std::lock_guard lock(mutex_);
  waiting_.clear();
  current_.request_stop();
}

void PictureEncoder::Add(Patches patches) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(patches));
  changed_.notify_all();
}

void PictureEncoder::Work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    const Patches patches = std::move(waiting_.front());
    waiting_.pop_front();
    encoding_ = true;
    current_ = std::stop_source();
    const std::stop_token token = current_.get_token();
    lock.unlock();
    try {
      const ThreadPool::CancelScope scope(pool_, token);
      cache_.Get(patches, pool_, [&](std::string_view, size_t done, size_t total) {
        done_ = done;
        total_ = total;
      });
    } catch (const Error&) {  // whoever needs the picture meets it again
    }
    lock.lock();
    encoding_ = false;
    changed_.notify_all();
  }
}

double PictureEncoder::Wait(const Progress& progress, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto idle = [&] { return waiting_.empty() && !encoding_; };
  if (idle()) return 0;
  const auto start = std::chrono::steady_clock::now();
  while (!idle()) {
    if (stop.stop_requested()) {
      waiting_.clear();
      current_.request_stop();
      changed_.wait(lock, idle);
      throw Cancelled();
    }
    changed_.wait_for(lock, std::chrono::milliseconds(50), idle);
    lock.unlock();
    Report(progress, "Encoding the image", done_, total_);
    lock.lock();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace roentgen
