#include "roentgen/qwen2vl/image_feature_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include "roentgen/base/hash.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/qwen2vl/vision_tower.h"

namespace roentgen {
namespace {

size_t Bytes(const OwnedMatrix& matrix) {
  return matrix.size() * sizeof(float);
}

std::string StoreKey(const std::string& model, const std::string& picture) {
  return Sha256Hex(model + " " + picture);
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
    return {entries_.front().features, false, key};
  }
  const size_t width = config_.vision.patch_values();
  const ConstMatrix rows{patches.values.data(), patches.values.size() / width, width, width};
  std::shared_ptr<const OwnedMatrix> features =
      FindInStore(key, MergedTokens(patches.grid, config_.vision));
  const bool computed = features == nullptr;
  if (computed) {
    features = std::make_shared<const OwnedMatrix>(
        EncodeVision(weights_.vision, config_.vision, rows, {&patches.grid, 1}, pool, progress));
    if (store_ != nullptr) {
      const std::string_view bytes(reinterpret_cast<const char*>(features->data()),
                                   Bytes(*features));
      store_->Put(StoreKey(model_, key), {&bytes, 1});
    }
  }
  MakeRoom(Bytes(*features));
  used_bytes_ += Bytes(*features);
  entries_.push_front({key, features});
  return {std::move(features), computed, std::move(key)};
}

std::shared_ptr<const OwnedMatrix> ImageFeatureCache::FindInStore(const std::string& key,
                                                                  size_t tokens) const {
  if (store_ == nullptr) return nullptr;
  const std::optional<std::string> bytes = store_->Get(StoreKey(model_, key));
  auto features = std::make_shared<OwnedMatrix>(tokens, config_.hidden_size);
  if (!bytes || bytes->size() != Bytes(*features)) return nullptr;
  std::memcpy(features->data(), bytes->data(), bytes->size());
  return features;
}

void ImageFeatureCache::MakeRoom(size_t bytes) {
  while (!entries_.empty() && used_bytes_ + bytes > limit_bytes_) {
    used_bytes_ -= Bytes(*entries_.back().features);
    entries_.pop_back();
  }
}

}  // namespace roentgen
