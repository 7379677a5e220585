#pragma once

#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace roentgen {

/// The numbers 0 to size − 1 in sets that can be joined (Tarjan 1975: by size, with shortened
/// paths).
class DisjointSets {
 public:
  explicit DisjointSets(size_t size) : parent_(size), size_(size, 1) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }

  /// The number that stands for the set which `member` is in.
  size_t Find(size_t member) {
    while (parent_[member] != member) {
      parent_[member] = parent_[parent_[member]];
      member = parent_[member];
    }
    return member;
  }

  void Join(size_t a, size_t b) {
    a = Find(a);
    b = Find(b);
    if (a == b) return;
    if (size_[a] < size_[b]) std::swap(a, b);
    parent_[b] = a;
    size_[a] += size_[b];
  }

 private:
  std::vector<size_t> parent_;
  std::vector<size_t> size_;
};

}  // namespace roentgen
