#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace roentgen {

/// Uninitialised memory, aligned for the widest vectors. Large blocks start on a huge-page boundary
/// and ask for huge pages: with 4 KiB pages a matrix of some MiB costs a TLB miss on nearly every
/// row that a kernel touches.
class AlignedBytes {
 public:
  static constexpr size_t kAlignment = 64;

  AlignedBytes() = default;
  /// Throws Error with the size when the memory cannot be had.
  explicit AlignedBytes(size_t size);
  /// A part of a larger block, which lives as long as any of its parts: many small matrices that
  /// are read together share huge pages so. offset is a multiple of kAlignment.
  AlignedBytes(std::shared_ptr<const AlignedBytes> whole, size_t offset, size_t size)
      : data_(whole->data() + offset), size_(size), whole_(std::move(whole)) {}
  ~AlignedBytes();
  AlignedBytes(AlignedBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)),
        whole_(std::move(other.whole_)) {}
  AlignedBytes& operator=(AlignedBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(whole_, other.whole_);
    return *this;
  }
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;

  std::byte* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;                        // of the block, where it is this one's own
  std::shared_ptr<const AlignedBytes> whole_;  // null: the block is this one's own
};

/// While one lives, blocks of AlignedBytes from 1 MiB on are kept when they are freed and given to
/// the next that asks for about the size: a pass that takes the same matrices layer by layer, step
/// by step does not pay for fresh pages, which the system must clear: gigabytes in a training step
/// of a large model. When no kept block fits, as much is given back as is newly taken, so a process
/// does not grow by keeping. They may be nested; what the last one kept is
/// freed with it.
class MemoryReuse {
 public:
  MemoryReuse();
  ~MemoryReuse();
  MemoryReuse(const MemoryReuse&) = delete;
  MemoryReuse& operator=(const MemoryReuse&) = delete;
};

}  // namespace roentgen
