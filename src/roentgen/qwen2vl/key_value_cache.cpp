#include "roentgen/qwen2vl/key_value_cache.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"

namespace roentgen {

void KeyValueCache::Pages::Add(const KeyValueFormat& format) {
  AlignedBytes page(kPageTokens * format.RowBytes());
  pointers_.reserve(owned_.size() + 1);
  owned_.push_back(std::move(page));
  pointers_.push_back(owned_.back().data());
}

void KeyValueCache::Pages::Write(const KeyValueFormat& format, size_t first, ConstMatrix rows) {
  for (size_t i = 0; i < rows.rows; ++i) {
    const size_t token = first + i;
    std::byte* const page = owned_[token / kPageTokens].data();
    StoreKeyValueRow(format, rows.Row(i), page + token % kPageTokens * format.RowBytes());
  }
}

size_t KeyValueCache::bytes() const {
  return layers_.empty() ? 0 : BytesFor(layers_.back().values.count() * kPageTokens);
}

size_t KeyValueCache::BytesFor(size_t tokens) const {
  const size_t pages = (tokens + kPageTokens - 1) / kPageTokens;
  return pages * kPageTokens * format_.RowBytes() * 2 * layers_.size();
}

void KeyValueCache::Reserve(size_t tokens) {
  for (Layer& layer : layers_) {
    while (layer.keys.count() * kPageTokens < tokens) layer.keys.Add(format_);
    while (layer.values.count() * kPageTokens < tokens) layer.values.Add(format_);
  }
}

void KeyValueCache::Write(size_t layer, ConstMatrix keys, ConstMatrix values) {
  layers_[layer].keys.Write(format_, size_, keys);
  layers_[layer].values.Write(format_, size_, values);
}

void KeyValueCache::Truncate(size_t size) {
  if (size > size_) {
    throw ShapeError(fmt::format("cache: cut to {} tokens, but it holds {}", size, size_));
  }
  size_ = size;
}

}  // namespace roentgen
