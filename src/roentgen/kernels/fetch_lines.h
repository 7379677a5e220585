#pragma once

#include <cstddef>

namespace roentgen {

/// Asks the processor for memory that is read soon, into the first-level cache or the given one.
template <int kLevel = 1>
inline void FetchLines(const void* from, size_t bytes) {
  constexpr size_t kLine = 64;
  constexpr int kLocality = 4 - kLevel;
  const auto* const begin = static_cast<const std::byte*>(from);
  for (size_t at = 0; at < bytes; at += kLine) {
    __builtin_prefetch(begin + at, /*write=*/0, kLocality);
  }
}

}  // namespace roentgen
