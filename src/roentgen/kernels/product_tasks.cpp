#include "roentgen/kernels/product_tasks.h"

#include <algorithm>
#include <utility>

#include "roentgen/kernels/matmul.h"
#include "roentgen/tensor/block_weights.h"

namespace roentgen {
namespace {

const BlockWeights& WeightOf(const MatMulOutput& output) {
  return static_cast<const BlockWeights&>(*output.weight.quantized);
}

size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

size_t CountOf(const StripGroups& groups, const MatMulOutput& output) {
  const BlockWeights& weight = WeightOf(output);
  const size_t bytes = weight.strips() * weight.blocks() * groups.block_bytes;
  const size_t count = DivideUp(bytes, groups.group_bytes);
  return std::min(weight.strips(), DivideUp(count, groups.threads) * groups.threads);
}

}  // namespace

ProductTasks TasksOfStrips(
    std::span<const MatMulOutput> outputs, const StripGroups& groups,
    std::function<void(const MatMulOutput& output, size_t first, size_t last)> run) {
  constexpr size_t kStripOutputs = BlockWeights::kStripOutputs;
  ProductTasks tasks;
  for (const MatMulOutput& output : outputs) tasks.count += CountOf(groups, output);
  tasks.outputs = [=](size_t task) -> TaskOutputs {
    auto output = outputs.begin();
    for (; task >= CountOf(groups, *output); ++output) task -= CountOf(groups, *output);
    const size_t strips = WeightOf(*output).strips();
    const size_t count = CountOf(groups, *output);
    const size_t first = strips * task / count * kStripOutputs;
    const size_t end = std::min(strips * (task + 1) / count * kStripOutputs, output->y.cols);
    return {&*output, first, end - first};
  };
  tasks.run = [run = std::move(run)](const TaskOutputs& made) {
    run(*made.product, made.first / kStripOutputs,
        DivideUp(made.first + made.count, kStripOutputs));
  };
  return tasks;
}

}  // namespace roentgen
