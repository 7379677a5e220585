#include "roentgen/tensor/buffer.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdlib>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

size_t RoundUp(size_t size, size_t unit) {
  return (size + unit - 1) / unit * unit;
}

}  // namespace

AlignedBytes::AlignedBytes(size_t size) : size_(size) {
  if (size == 0) return;
  // From a few huge pages on, the rounding costs little and the translation saved is worth it.
  const bool huge = size >= 4 * kHugePage;
  const size_t unit = huge ? kHugePage : kAlignment;
  data_ = static_cast<std::byte*>(std::aligned_alloc(unit, RoundUp(size, unit)));
  if (data_ == nullptr) throw Error(fmt::format("out of memory: {} bytes more are needed", size));
  if (huge)
    ::madvise(data_, RoundUp(size, unit), MADV_HUGEPAGE);  // a wish: refusal changes nothing
}

AlignedBytes::~AlignedBytes() {
  std::free(data_);
}

}  // namespace roentgen
