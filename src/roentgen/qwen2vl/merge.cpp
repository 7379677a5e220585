#include "roentgen/qwen2vl/merge.h"

#include <algorithm>
#include <cstring>

#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/merged_rows.h"
#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace {

constexpr size_t kRowsPerTask = 16;

void RoundToBFloat16(float* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = ToFloat(ToBFloat16(values[i]));
}

/// One linear's merged matrix in memory of its own.
struct Target {
  DType dtype;
  std::byte* data;

  void Store(const float* values, size_t at, size_t count) const {
    if (dtype == DType::kF32) {
      std::memcpy(data + at * sizeof(float), values, count * sizeof(float));
      return;
    }
    auto* out = reinterpret_cast<BFloat16*>(data) + at;
    for (size_t i = 0; i < count; ++i) out[i] = ToBFloat16(values[i]);
  }
};

void MergeBlock(const Linear& linear, size_t row, size_t begin, const Target& target) {
  const size_t count = std::min(kMergeColumns, linear.weight.cols - begin);
  float sums[kMergeColumns];
  WidenRow(linear.weight, row, begin, {sums, count});
  for (const LoraDelta& delta : linear.lora) {
    AddProduct(delta, row, begin, count, sums);
    if (delta.magnitude != nullptr) {
      for (size_t i = 0; i < count; ++i) sums[i] *= delta.RowFactor(row);
    }
    if (target.dtype == DType::kBF16) RoundToBFloat16(sums, count);
  }
  target.Store(sums, row * linear.weight.cols + begin, count);
}

std::shared_ptr<const AlignedBytes> MergeLinear(Linear& linear, DType dtype, ThreadPool& pool) {
  const WeightMatrix& weight = linear.weight;
  const auto memory = std::make_shared<AlignedBytes>(weight.rows * weight.cols * DTypeSize(dtype));
  const Target target{dtype, memory->data()};
  pool.ForEach((weight.rows + kRowsPerTask - 1) / kRowsPerTask, [&](size_t task, int) {
    const size_t first = task * kRowsPerTask;
    const size_t last = std::min(weight.rows, first + kRowsPerTask);
    for (size_t begin = 0; begin < weight.cols; begin += kMergeColumns) {
      for (size_t row = first; row < last; ++row) MergeBlock(linear, row, begin, target);
    }
  });
  linear.weight = {dtype, memory->data(), weight.rows, weight.cols};
  linear.lora.clear();
  return memory;
}

}  // namespace

void MergeAdapters(ModelWeights& weights, MergedType type, ThreadPool& pool,
                   const Progress& progress) {
  if (!weights.quantized.empty()) {  // it would be weights of two kinds, which no folder tells
    throw Error("no adapter can be merged into quantised weights",
                "Merge into the original model first, then quantise it: roentgen quantize.");
  }
  std::vector<Linear*> adapted;
  VisitLinears(weights, [&](const std::string&, Linear& linear) {
    if (!linear.lora.empty()) adapted.push_back(&linear);
  });
  for (size_t i = 0; i < adapted.size(); ++i) {
    const bool round = type == MergedType::kLikeBase && adapted[i]->weight.dtype == DType::kBF16;
    weights.merged.push_back(MergeLinear(*adapted[i], round ? DType::kBF16 : DType::kF32, pool));
    Report(progress, "Merging adapters", i + 1, adapted.size());
  }
}

}  // namespace roentgen
