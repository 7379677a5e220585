#include "roentgen/tensor/buffer.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
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

/// What is really asked for: eight sizes between powers of two for large blocks, so that matrices
/// of nearly the same size can follow each other. Pages that nobody touches take no memory.
size_t Capacity(size_t size) {
  if (size < kReusedFrom) return RoundUp(size, AlignedBytes::kAlignment);
  return RoundUp(size, std::bit_floor(size) / 8);
}

std::byte* Allocate(size_t size, size_t capacity) {
  // From a few huge pages on, the rounding costs little and the translation saved is worth it.
  const bool huge = size >= 4 * kHugePage;
  const size_t unit = huge ? kHugePage : AlignedBytes::kAlignment;
  auto* const data = static_cast<std::byte*>(std::aligned_alloc(unit, RoundUp(capacity, unit)));
  if (data == nullptr) throw Error(fmt::format("out of memory: {} bytes more are needed", size));
  if (huge) ::madvise(data, RoundUp(capacity, unit), MADV_HUGEPAGE);  // a wish: refusal is no error
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
  /// The smallest that is large enough, and not by half too large: the steps of a training run are
  /// of nearly the same size. Raises capacity to what it has. Null when there is none; as much as
  /// is asked for has been given back to the system then.
  std::byte* Take(size_t& capacity) {
    const std::lock_guard lock(mutex_);
    const auto at = blocks_.lower_bound(capacity);
    if (at == blocks_.end() || at->first > capacity + capacity / 2) {
      Release(capacity);
      return nullptr;
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
  capacity_ = Capacity(size);
  if (size >= kReusedFrom) data_ = Kept().Take(capacity_);
  if (data_ == nullptr) data_ = Allocate(size, capacity_);
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
