#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "roentgen/base/blob_store.h"
#include "roentgen/inference/sequence.h"

namespace roentgen {

/// How conversations begin: what the system prompt and the first pictures left in the decoder, by
/// content, so that a new conversation about a picture that was there goes on behind it. For one
/// model; forgets the least recently used beyond its limit, but finds them in a store on disk where
/// there is one.
class PrefixCache {
 public:
  static constexpr size_t kDefaultLimit = size_t{128} << 20;  // bytes

  explicit PrefixCache(size_t limit_bytes = kDefaultLimit) : limit_bytes_(limit_bytes) {}

  /// From now on keeps prefixes in the store too, which must live as long as the cache. model: a
  /// key of everything but ids and pictures that they depend on.
  void KeepIn(BlobStore& store, std::string model) {
    store_ = &store;
    model_ = std::move(model);
  }

  /// ids: the beginning of a conversation; pictures: keys of their content, in their order.
  static std::string KeyOf(std::span<const int32_t> ids, std::span<const std::string> pictures);

  /// Null when it is not known. ids: those that the key is of.
  std::shared_ptr<const Sequence::Snapshot> Find(const std::string& key,
                                                 std::span<const int32_t> ids);
  void Put(const std::string& key, Sequence::Snapshot snapshot);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Sequence::Snapshot> snapshot;
  };
  void Keep(const std::string& key, std::shared_ptr<const Sequence::Snapshot> snapshot);
  std::string StoreKey(const std::string& key) const;

  size_t limit_bytes_;
  size_t used_bytes_ = 0;
  std::list<Entry> entries_;  // most recently used first
  BlobStore* store_ = nullptr;
  std::string model_;
};

}  // namespace roentgen
