#include "roentgen/qwen2vl/key_value_cache.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"

namespace roentgen {

void KeyValueCache::Pages::Add(size_t width) {
  OwnedMatrix page(kPageTokens, width);
  pointers_.reserve(owned_.size() + 1);
  owned_.push_back(std::move(page));
  pointers_.push_back(owned_.back().data());
}

void KeyValueCache::Pages::Write(size_t first, ConstMatrix rows) {
  for (size_t i = 0; i < rows.rows; ++i) {
    OwnedMatrix& page = owned_[(first + i) / kPageTokens];
    std::copy_n(rows.Row(i), rows.cols, page.view().Row((first + i) % kPageTokens));
  }
}

size_t KeyValueCache::bytes() const {
  return layers_.empty() ? 0 : BytesFor(layers_.back().values.count() * kPageTokens);
}

size_t KeyValueCache::BytesFor(size_t tokens) const {
  const size_t pages = (tokens + kPageTokens - 1) / kPageTokens;
  return pages * kPageTokens * width_ * sizeof(float) * 2 * layers_.size();
}

void KeyValueCache::Reserve(size_t tokens) {
  for (Layer& layer : layers_) {
    while (layer.keys.count() * kPageTokens < tokens) layer.keys.Add(width_);
    while (layer.values.count() * kPageTokens < tokens) layer.values.Add(width_);
  }
}

void KeyValueCache::Write(size_t layer, ConstMatrix keys, ConstMatrix values) {
  layers_[layer].keys.Write(size_, keys);
  layers_[layer].values.Write(size_, values);
}

void KeyValueCache::Truncate(size_t size) {
  if (size > size_) {
    throw ShapeError(fmt::format("cache: cut to {} tokens, but it holds {}", size, size_));
  }
  size_ = size;
}

}  // namespace roentgen
