#pragma once

#include <algorithm>
#include <cstddef>

#include "roentgen/base/thread_pool.h"

namespace roentgen {

/// Calls work(row) for every row, shared among the team in blocks of some 16,384 values: small
/// enough to balance, large enough that handing them out costs nothing. A single block runs in the
/// caller.
template <class Work>
void ForRows(ThreadPool& pool, size_t rows, size_t width, const Work& work) {
  constexpr size_t kBlockValues = 16384;
  const size_t block = std::max<size_t>(1, kBlockValues / std::max<size_t>(width, 1));
  pool.ForEach((rows + block - 1) / block, [&](size_t index, int) {
    for (size_t row = index * block; row < std::min(rows, (index + 1) * block); ++row) work(row);
  });
}

}  // namespace roentgen
