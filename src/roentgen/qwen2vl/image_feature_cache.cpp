#include "roentgen/qwen2vl/image_feature_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "roentgen/base/hash.h"
#include "roentgen/qwen2vl/vision_tower.h"

namespace roentgen {
namespace {

size_t Bytes(const OwnedMatrix& matrix) {
  return matrix.size() * sizeof(float);
}

std::string ContentKey(const Patches& patches) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(patches.values.data());
  return fmt::format("{}x{}x{} {}", patches.grid.t, patches.grid.h, patches.grid.w,
                     Sha256Hex({bytes, patches.values.size() * sizeof(float)}));
}

}  // namespace

ImageFeatureCache::Result ImageFeatureCache::Get(const Patches& patches, ThreadPool& pool,
                                                 const Progress& progress) {
  std::string key = ContentKey(patches);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return {entries_.front().features, false};
  }
  const size_t width = config_.vision.patch_values();
  const ConstMatrix rows{patches.values.data(), patches.values.size() / width, width, width};
  auto features = std::make_shared<const OwnedMatrix>(
      EncodeVision(weights_.vision, config_.vision, rows, {&patches.grid, 1}, pool, progress));
  MakeRoom(Bytes(*features));
  used_bytes_ += Bytes(*features);
  entries_.push_front({std::move(key), features});
  return {std::move(features), true};
}

void ImageFeatureCache::MakeRoom(size_t bytes) {
  while (!entries_.empty() && used_bytes_ + bytes > limit_bytes_) {
    used_bytes_ -= Bytes(*entries_.back().features);
    entries_.pop_back();
  }
}

}  // namespace roentgen
