#include "roentgen/inference/prefix_cache.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "roentgen/base/hash.h"

namespace roentgen {
std::string PrefixCache::KeyOf(std::span<const int32_t> ids,
                               std::span<const std::string> pictures) {
  std::string content(reinterpret_cast<const char*>(ids.data()), ids.size_bytes());
  for (const std::string& picture : pictures) content += "\n" + picture;
  return Sha256Hex(content);
}

std::string PrefixCache::StoreKey(const std::string& key) const {
  return Sha256Hex(model_ + " prefix " + key);
}

std::shared_ptr<const Sequence::Snapshot> PrefixCache::Find(const std::string& key,
                                                            std::span<const int32_t> ids) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return entries_.front().snapshot;
  }
  if (store_ == nullptr) return nullptr;
  const std::optional<std::string> blob = store_->Get(StoreKey(key));
  if (!blob || blob->size() <= sizeof(int64_t)) return nullptr;
  auto snapshot = std::make_shared<Sequence::Snapshot>();
  snapshot->ids.assign(ids.begin(), ids.end());
  std::memcpy(&snapshot->next_position, blob->data(), sizeof(int64_t));
  snapshot->key_values = blob->substr(sizeof(int64_t));
  Keep(key, snapshot);
  return snapshot;
}

void PrefixCache::Put(const std::string& key, Sequence::Snapshot snapshot) {
  if (store_ != nullptr) {
    const std::string_view pieces[] = {
        {reinterpret_cast<const char*>(&snapshot.next_position), sizeof(int64_t)},
        snapshot.key_values};
    store_->Put(StoreKey(key), pieces);
  }
  Keep(key, std::make_shared<const Sequence::Snapshot>(std::move(snapshot)));
}

void PrefixCache::Keep(const std::string& key, std::shared_ptr<const Sequence::Snapshot> snapshot) {
  while (!entries_.empty() && used_bytes_ + snapshot->bytes() > limit_bytes_) {
    used_bytes_ -= entries_.back().snapshot->bytes();
    entries_.pop_back();
  }
  if (snapshot->bytes() > limit_bytes_) return;
  used_bytes_ += snapshot->bytes();
  entries_.push_front({key, std::move(snapshot)});
}

}  // namespace roentgen
