#include "roentgen/qwen2vl/merge.h"

#include <algorithm>
#include <cstring>

namespace roentgen {
namespace {

constexpr size_t kRowsPerTask = 16;
// Columns summed at a time: with rank 64 that part of A is 128 KiB and stays in the L2 cache while
// the task's rows pass over it.
constexpr size_t kColumns = 512;

void WidenRow(const WeightMatrix& weight, size_t row, size_t begin, size_t count, float* out) {
  const std::byte* source = weight.Row(row) + begin * DTypeSize(weight.dtype);
  const auto widen = [&]<class T>(T /*kind*/) {
    for (size_t i = 0; i < count; ++i) {
      T value;
      std::memcpy(&value, source + i * sizeof(T), sizeof(T));
      out[i] = ToFloat(value);
    }
  };
  if (weight.dtype == DType::kF32) std::memcpy(out, source, count * sizeof(float));
  if (weight.dtype == DType::kBF16) widen(BFloat16{});
  if (weight.dtype == DType::kF16) widen(Float16{});
}

/// sums[i] += Σ over ranks of b[rank] · A[rank, begin + i], scaled: PEFT sums B A first, then
/// scales.
void AddProduct(const LoraDelta& delta, size_t row, size_t begin, size_t count, float* sums) {
  const ConstMatrix a = delta.a->view();
  const ConstMatrix b = delta.b->view();
  float products[kColumns] = {};
  for (size_t rank = 0; rank < a.rows; ++rank) {
    const float factor = b.Row(row)[rank];
    const float* a_row = a.Row(rank) + begin;
    for (size_t i = 0; i < count; ++i) products[i] += factor * a_row[i];
  }
  for (size_t i = 0; i < count; ++i) sums[i] += delta.scale * products[i];
}

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
  const size_t count = std::min(kColumns, linear.weight.cols - begin);
  float sums[kColumns];
  WidenRow(linear.weight, row, begin, count, sums);
  for (const LoraDelta& delta : linear.lora) {
    AddProduct(delta, row, begin, count, sums);
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
    for (size_t begin = 0; begin < weight.cols; begin += kColumns) {
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
