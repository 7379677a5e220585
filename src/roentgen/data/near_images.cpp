#include "roentgen/data/near_images.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "roentgen/data/image_facts.h"

namespace roentgen {
namespace {

/// Bits first … last − 1 of the hash.
uint64_t Piece(uint64_t hash, int first, int last) {
  return (hash >> first) & ((uint64_t{1} << (last - first)) - 1);
}

}  // namespace

std::vector<NearPair> FindNearPairs(std::span<const uint64_t> hashes, int max_distance) {
  std::set<std::pair<uint32_t, uint32_t>> seen;
  std::vector<NearPair> pairs;
  const int pieces = max_distance + 1;
  std::vector<uint32_t> order(hashes.size());
  for (int p = 0; p < pieces; ++p) {
    const int first = 64 * p / pieces;
    const int last = 64 * (p + 1) / pieces;
    const auto piece = [&](uint32_t image) {
      // One piece of 64 bits would be the whole hash: then only equal ones are near.
      return pieces == 1 ? hashes[image] : Piece(hashes[image], first, last);
    };
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::pair(piece(a), a) < std::pair(piece(b), b);
    });
    for (size_t i = 0; i < order.size(); ++i) {
      for (size_t j = i + 1; j < order.size() && piece(order[j]) == piece(order[i]); ++j) {
        const int distance = HammingDistance(hashes[order[i]], hashes[order[j]]);
        if (distance > max_distance || !seen.insert({order[i], order[j]}).second) continue;
        pairs.push_back({order[i], order[j], distance});
      }
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const NearPair& a, const NearPair& b) {
    return std::pair(a.first, a.second) < std::pair(b.first, b.second);
  });
  return pairs;
}

}  // namespace roentgen
