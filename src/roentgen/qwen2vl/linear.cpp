#include "roentgen/qwen2vl/linear.h"

#include <vector>

#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

void Scale(OwnedMatrix& low, float scale) {
  for (float* value = low.data(); value != low.data() + low.size(); ++value) *value *= scale;
}

bool IsDora(const Linear& linear) {
  return !linear.lora.empty() && linear.lora.front().magnitude != nullptr;
}

/// y (or what is added to it) = factor of the output · (x Wᵀ + scale · (x Aᵀ) Bᵀ) + bias.
void ApplyDora(const Linear& linear, ConstMatrix x, Matrix y, bool add, ThreadPool& pool) {
  OwnedMatrix product(y.rows, y.cols);
  MatMul(x, linear.weight, {}, product, pool);
  const LoraDelta& dora = linear.lora.front();
  AddAdapter(dora, x, product, pool);
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
  Scale(low, delta.scale);
  return low;
}

void AddAdapter(const LoraDelta& delta, ConstMatrix x, Matrix y, ThreadPool& pool) {
  MatMulAdd(LowRank(delta, x, pool), AsWeights(*delta.b), {}, y, pool);
}

void Apply(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  ApplyEach(x, {{linear, y}}, pool);
}

void ApplyAdd(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  ApplyEach(x, {{linear, y, /*add=*/true}}, pool);
}

void ApplyEach(ConstMatrix x, std::initializer_list<LinearOutput> outputs, ThreadPool& pool) {
  std::vector<MatMulOutput> products;
  std::vector<LowRankTerm> terms;
  products.reserve(outputs.size());
  for (const auto& [linear, y, add] : outputs) {
    if (IsDora(linear)) continue;
    products.push_back({linear.weight, linear.bias, y, add, {}});
    for (const LoraDelta& delta : linear.lora) {
      terms.push_back({*delta.a, *delta.b, delta.scale});
    }
  }
  auto product = products.begin();
  auto term = terms.begin();
  for (const auto& [linear, y, add] : outputs) {
    if (IsDora(linear)) continue;
    product++->low_rank = {term, linear.lora.size()};
    term += static_cast<std::ptrdiff_t>(linear.lora.size());
  }
  MatMulEach(x, products, pool);
  for (const auto& [linear, y, add] : outputs) {
    if (IsDora(linear)) ApplyDora(linear, x, y, add, pool);
  }
}

}  // namespace roentgen
