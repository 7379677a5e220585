#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace roentgen {

struct MatMulOutput;

/// Outputs [first, first + count) of one of several products.
struct TaskOutputs {
  const MatMulOutput* product;
  size_t first;
  size_t count;
};

/// Work of a product that the team can share, in any order. Several products' go into one ForEach:
/// meetings of the team cost more than small products do.
struct ProductTasks {
  size_t count = 0;
  std::function<TaskOutputs(size_t task)> outputs;  // of a task
  std::function<void(const TaskOutputs& outputs)> run;
};

/// How weights in blocks (BlockWeights) are shared: groups of strips that stay in a second-level
/// cache while all tokens pass.
struct StripGroups {
  size_t threads;
  size_t block_bytes;  // of a block of a strip, as the kernel reads it
  size_t group_bytes;  // at most
};

/// A task for every group, as many groups of equal size as give every thread the same number of
/// them. run(output, first, last): strips [first, last) of an output for all tokens.
ProductTasks TasksOfStrips(
    std::span<const MatMulOutput> outputs, const StripGroups& groups,
    std::function<void(const MatMulOutput& output, size_t first, size_t last)> run);

}  // namespace roentgen
