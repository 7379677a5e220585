#pragma once

#include <cstddef>
#include <functional>

namespace roentgen {

/// Work of a product that the team can share, in any order. Several products' go into one ForEach:
/// meetings of the team cost more than small products do.
struct ProductTasks {
  size_t count = 0;
  std::function<void(size_t task)> run;
};

}  // namespace roentgen
