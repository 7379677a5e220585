#include "roentgen/qwen2vl/key_value_cache.h"

#include <fmt/format.h>

#include <cstring>

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
    StoreKeyValueRow(format, rows.Row(i), Row(format, first + i));
  }
}

size_t KeyValueCache::bytes() const {
  return layers_.empty() ? 0 : BytesFor(layers_.back().values.count() * kPageTokens);
}

size_t KeyValueCache::BytesFor(size_t tokens) const {
  const size_t pages = (tokens + kPageTokens - 1) / kPageTokens;
  return pages * kPageTokens * bytes_per_token();
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

std::string KeyValueCache::Save(size_t tokens) const {
  std::string saved;
  saved.reserve(tokens * bytes_per_token());
  for (const Layer& layer : layers_) {
    for (const Pages* pages : {&layer.keys, &layer.values}) {
      for (size_t token = 0; token < tokens; ++token) {
        saved.append(reinterpret_cast<const char*>(pages->Row(format_, token)), format_.RowBytes());
      }
    }
  }
  return saved;
}

void KeyValueCache::Restore(std::string_view saved, size_t tokens) {
  if (size_ != 0 || saved.size() != tokens * bytes_per_token()) {
    throw ShapeError(fmt::format("cache: {} bytes for {} tokens of {} in a cache of {}",
                                 saved.size(), tokens, bytes_per_token(), size_));
  }
  Reserve(tokens);
  for (Layer& layer : layers_) {
    for (const Pages* pages : {&layer.keys, &layer.values}) {
      for (size_t token = 0; token < tokens; ++token) {
        std::memcpy(pages->Row(format_, token), saved.data(), format_.RowBytes());
        saved.remove_prefix(format_.RowBytes());
      }
    }
  }
  size_ = tokens;
}

void KeyValueCache::Truncate(size_t size) {
  if (size > size_) {
    throw ShapeError(fmt::format("cache: cut to {} tokens, but it holds {}", size, size_));
  }
  size_ = size;
}

}  // namespace roentgen
