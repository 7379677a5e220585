#include "roentgen/qwen2vl/linear.h"

#include <vector>

#include "roentgen/kernels/matmul.h"

namespace roentgen {
namespace {

WeightMatrix AsWeights(const OwnedMatrix& matrix) {
  return {DType::kF32, reinterpret_cast<const std::byte*>(matrix.data()), matrix.rows(),
          matrix.cols()};
}

void AddAdapters(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  for (const LoraDelta& delta : linear.lora) {
    OwnedMatrix low(x.rows, delta.a->rows());
    MatMul(x, AsWeights(*delta.a), {}, low, pool);
    for (float* value = low.data(); value != low.data() + low.size(); ++value) {
      *value *= delta.scale;
    }
    MatMulAdd(low, AsWeights(*delta.b), {}, y, pool);
  }
}

}  // namespace

void Apply(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  MatMul(x, linear.weight, linear.bias, y, pool);
  AddAdapters(linear, x, y, pool);
}

void ApplyEach(ConstMatrix x, std::initializer_list<LinearOutput> outputs, ThreadPool& pool) {
  std::vector<MatMulOutput> products;
  products.reserve(outputs.size());
  for (const auto& [linear, y] : outputs) products.push_back({linear.weight, linear.bias, y});
  MatMulEach(x, products, pool);
  for (const auto& [linear, y] : outputs) AddAdapters(linear, x, y, pool);
}

void ApplyAdd(const Linear& linear, ConstMatrix x, Matrix y, ThreadPool& pool) {
  MatMulAdd(x, linear.weight, linear.bias, y, pool);
  AddAdapters(linear, x, y, pool);
}

}  // namespace roentgen
