#include "roentgen/tensor/buffer.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kReusedFrom = size_t{1} << 20;

size_t RoundUp(size_t size, size_t unit) {
  return (size + unit - 1) / unit * unit;
}

/// Null when it cannot be had.
std::byte* Allocate(size_t size) {
  // From a few huge pages on, the rounding costs little and the translation saved is worth it.
  const bool huge = size >= 4 * kHugePage;
  const size_t unit = huge ? kHugePage : AlignedBytes::kAlignment;
  auto* const data = static_cast<std::byte*>(std::aligned_alloc(unit, RoundUp(size, unit)));
  // A wish: refusal is no error.
  if (huge && data != nullptr) ::madvise(data, RoundUp(size, unit), MADV_HUGEPAGE);
  return data;
}

/// Freed blocks by their capacity, while somebody wants them kept.
class KeptBlocks {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    ++scopes_;
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    if (--scopes_ == 0) Release(SIZE_MAX);
  }
  /// The smallest that is large enough and not much too large, or a new one of twice the size,
  /// after as much has been given back to the system: pages that nobody touches take no memory, and
  /// when the next step of a training run is somewhat larger, only the difference is new. capacity
  /// becomes the block's. Null when none is kept now.
  std::byte* Take(size_t size, size_t& capacity) {
    constexpr size_t kRoom = 2;
    const std::lock_guard lock(mutex_);
    if (scopes_ == 0) return nullptr;
    const auto at = blocks_.lower_bound(size);
    if (at == blocks_.end() || at->first > 2 * kRoom * size) {
      Release(kRoom * size);
      capacity = kRoom * size;
      return Allocate(capacity);
    }
    capacity = at->first;
    std::byte* const data = at->second;
    blocks_.erase(at);
    return data;
  }
  /// False when the block is not wanted.
  bool Keep(std::byte* data, size_t capacity) {
    const std::lock_guard lock(mutex_);
    if (scopes_ == 0) return false;
    blocks_.emplace(capacity, data);
    return true;
  }

 private:
  void Release(size_t bytes) {
    while (!blocks_.empty() && bytes > 0) {
      const auto largest = std::prev(blocks_.end());
      bytes -= std::min(bytes, largest->first);
      std::free(largest->second);
      blocks_.erase(largest);
    }
  }

  std::mutex mutex_;
  int scopes_ = 0;
  std::multimap<size_t, std::byte*> blocks_;
};

/// Never destroyed: blocks may be freed while the program ends.
KeptBlocks& Kept() {
  static auto* const kept = new KeptBlocks();
  return *kept;
}

}  // namespace

AlignedBytes::AlignedBytes(size_t size) : size_(size) {
  if (size == 0) return;
  if (size >= kReusedFrom) data_ = Kept().Take(size, capacity_);
  if (data_ != nullptr) return;
  capacity_ = size;
  data_ = Allocate(size);
  if (data_ == nullptr) throw Error(fmt::format("out of memory: {} bytes more are needed", size));
}

AlignedBytes::~AlignedBytes() {
  if (whole_ != nullptr) return;
  if (size_ >= kReusedFrom && Kept().Keep(data_, capacity_)) return;
  std::free(data_);
}

MemoryReuse::MemoryReuse() {
  Kept().Open();
}

MemoryReuse::~MemoryReuse() {
  Kept().Close();
}

}  // namespace roentgen
