#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace roentgen {

/// Two images whose perceptual hashes differ in few bits.
struct NearPair {
  uint32_t first;  ///< the lower index
  uint32_t second;
  int distance;
};

/// All pairs at most max_distance (below 16) bits apart, sorted. Each hash is compared only with
/// those that share one of max_distance + 1 pieces with it, which any such pair must: the work
/// grows little faster than the number of images.
std::vector<NearPair> FindNearPairs(std::span<const uint64_t> hashes, int max_distance);

}  // namespace roentgen
