// Products of quantised weights have the bits of products of their widened values.

#include <gmock/gmock.h>

#include "kernels/support.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/tensor/nf4_weights.h"

namespace roentgen {
namespace {

struct BothWeights {
  BothWeights(size_t rows, size_t cols, bool double_quantization)
      : packed(test::RandomFloats(rows * cols, rows + cols), cols, double_quantization),
        widened(rows, cols) {
    for (size_t row = 0; row < rows; ++row) packed.Widen(row, 0, {widened.view().Row(row), cols});
    quantized = {DType::kF32, nullptr, rows, cols, &packed};
  }

  Nf4Weights packed;
  OwnedMatrix widened;
  WeightMatrix quantized;
};

std::vector<float> Read(ConstMatrix matrix, size_t rows) {
  return {matrix.data, matrix.data + rows * matrix.cols};
}

void CheckProducts(size_t outputs, size_t inputs, bool double_quantization, ThreadPool& pool) {
  SCOPED_TRACE(std::to_string(outputs) + "×" + std::to_string(inputs));
  constexpr size_t kTokens = 13;
  const BothWeights weights(outputs, inputs, double_quantization);
  const OwnedMatrix x = test::RandomMatrix(kTokens, inputs, 1);
  const std::vector<float> bias = test::RandomFloats(outputs, 2);
  OwnedMatrix expected(kTokens, outputs);
  MatMul(x, AsWeights(weights.widened), bias, expected, pool);
  for (const size_t tokens : {kTokens, size_t{1}}) {  // a row does not depend on the others
    OwnedMatrix y(tokens, outputs);
    MatMul(x.view().Rows(0, tokens), weights.quantized, bias, y, pool);
    EXPECT_EQ(Read(y, tokens), Read(expected, tokens));
  }
  const OwnedMatrix grad_y = test::RandomMatrix(kTokens, outputs, 3);
  OwnedMatrix grad_x(kTokens, inputs);
  OwnedMatrix expected_grad(kTokens, inputs);
  MatMulBackwardInput(grad_y, weights.quantized, grad_x, pool);
  MatMulBackwardInput(grad_y, AsWeights(weights.widened), expected_grad, pool);
  EXPECT_EQ(Read(grad_x, kTokens), Read(expected_grad, kTokens));
}

TEST(QuantizedWeights, ProductsHaveTheBitsOfTheirWidenedValues) {
  ThreadPool pool(2);
  test::ForEachInstructionSet([&] {
    CheckProducts(1, 1, false, pool);
    CheckProducts(17, 65, false, pool);
    CheckProducts(150, 31, true, pool);  // more than a task's few columns, short rows
    CheckProducts(70, 301, true, pool);  // two blocks of depth
  });
}

TEST(QuantizedWeights, GoTogetherWithOthers) {
  ThreadPool pool(2);
  const BothWeights weights(20, 40, false);
  const OwnedMatrix x = test::RandomMatrix(2, 40, 4);
  OwnedMatrix first(2, 20);
  OwnedMatrix second(2, 20);
  const MatMulOutput outputs[] = {{weights.quantized, {}, first},
                                  {AsWeights(weights.widened), {}, second}};
  MatMulEach(x, outputs, pool);
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_NEAR(first.data()[i], second.data()[i], test::DotTolerance(40));
  }
}

}  // namespace
}  // namespace roentgen
