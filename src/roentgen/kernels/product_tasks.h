#pragma once

#include <cstddef>
#include <functional>

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

}  // namespace roentgen
