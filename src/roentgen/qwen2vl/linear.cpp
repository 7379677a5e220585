#include "roentgen/qwen2vl/linear.h"

#include <vector>

#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

void AddAdapters(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  for (const LoraDelta& delta : linear.lora) AddAdapter(delta, x, y, pool);
}

bool IsDora(const Linear& linear) {
  return !linear.lora.empty() && linear.lora.front().magnitude != nullptr;
}

/// y (or what is added to it) = factor of the output · (x Wᵀ + scale · (x Aᵀ) Bᵀ) + bias.
void ApplyDora(const Linear& linear, ConstMatrix x, Matrix y, bool add, ThreadPool& pool) {
  OwnedMatrix product(y.rows, y.cols);
  MatMul(x, linear.weight, {}, product, pool);
  AddAdapters(linear, x, product, pool);
  const LoraDelta& dora = linear.lora.front();
  ForRows(pool, y.rows, y.cols, [&](size_t row) {
    const float* const from = product.view().Row(row);
    float* const to = y.Row(row);
    for (size_t n = 0; n < y.cols; ++n) {
      const float bias = linear.bias.empty() ? 0.0f : linear.bias[n];
      to[n] = from[n] * dora.RowFactor(n) + (add ? to[n] + bias : bias);
    }
  });
}

}  // namespace

OwnedMatrix LowRank(const LoraDelta& delta, ConstMatrix x, ThreadPool& pool) {
  OwnedMatrix low(x.rows, delta.a->rows());
  MatMul(x, AsWeights(*delta.a), {}, low, pool);
  for (float* value = low.data(); value != low.data() + low.size(); ++value) *value *= delta.scale;
  return low;
}

void AddAdapter(const LoraDelta& delta, ConstMatrix x, Matrix y, ThreadPool& pool) {
  MatMulAdd(LowRank(delta, x, pool), AsWeights(*delta.b), {}, y, pool);
}

void Apply(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  if (IsDora(linear)) return ApplyDora(linear, x, y, /*add=*/false, pool);
  MatMul(x, linear.weight, linear.bias, y, pool);
  AddAdapters(linear, x, y, pool);
}

void ApplyEach(ConstMatrix x, std::initializer_list<LinearOutput> outputs, ThreadPool& pool) {
  std::vector<MatMulOutput> products;
  products.reserve(outputs.size());
  for (const auto& [linear, y] : outputs) {
    if (!IsDora(linear)) products.push_back({linear.weight, linear.bias, y});
  }
  MatMulEach(x, products, pool);
  for (const auto& [linear, y] : outputs) {
    if (IsDora(linear)) {
      ApplyDora(linear, x, y, /*add=*/false, pool);
    } else {
      AddAdapters(linear, x, y, pool);
    }
  }
}

void ApplyAdd(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  if (IsDora(linear)) return ApplyDora(linear, x, y, /*add=*/true, pool);
  MatMulAdd(x, linear.weight, linear.bias, y, pool);
  AddAdapters(linear, x, y, pool);
}

}  // namespace roentgen
