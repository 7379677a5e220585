#include "roentgen/kernels/matmul.h"

#include <gmock/gmock.h>

#include <cstring>

#include "kernels/support.h"
#include "roentgen/base/error.h"
#include "roentgen/kernels/block_quantize.h"
#include "roentgen/tensor/block_weights.h"
#include "support/paths.h"

namespace roentgen {
namespace {

/// Weights in one type, with their exact values beside them.
struct TestWeights {
  // One element more than needed, so that the matrix can start at an odd address.
  TestWeights(DType dtype, size_t rows, size_t cols, uint64_t seed)
      : bytes(rows * cols * DTypeSize(dtype) + 1), values(rows * cols) {
    Random random(seed);
    for (size_t i = 0; i < values.size(); ++i) {
      std::byte* to = bytes.data() + 1 + i * DTypeSize(dtype);
      const float value = test::RandomFloat(random);
      if (dtype == DType::kF32) {
        values[i] = value;
        std::memcpy(to, &value, sizeof(value));
      } else if (dtype == DType::kBF16) {
        const BFloat16 rounded = ToBFloat16(value);
        values[i] = ToFloat(rounded);
        std::memcpy(to, &rounded, sizeof(rounded));
      } else {  // any normal half is as good: exponent 1..14, so below 1
        const Float16 half{static_cast<uint16_t>((random.NextBits() & 0x83ffu) |
                                                 ((1 + random.NextBits() % 14) << 10))};
        values[i] = ToFloat(half);
        std::memcpy(to, &half, sizeof(half));
      }
    }
    view = {dtype, bytes.data() + 1, rows, cols};
  }

  std::vector<std::byte> bytes;
  std::vector<float> values;
  WeightMatrix view;
};

void CheckProduct(DType dtype, size_t tokens, size_t outputs, size_t inputs, ThreadPool& pool) {
  SCOPED_TRACE(std::to_string(tokens) + "×" + std::to_string(outputs) + "×" +
               std::to_string(inputs) + " " + std::string(DTypeName(dtype)));
  const TestWeights weights(dtype, outputs, inputs, 7);
  const OwnedMatrix x = test::RandomMatrix(tokens, inputs, 8);
  const std::vector<float> bias = test::RandomFloats(outputs, 9);
  OwnedMatrix y(tokens, outputs);
  OwnedMatrix sum = test::RandomMatrix(tokens, outputs, 10);
  const OwnedMatrix before = test::RandomMatrix(tokens, outputs, 10);
  MatMul(x, weights.view, bias, y, pool);
  MatMulAdd(x, weights.view, {}, sum, pool);
  for (size_t t = 0; t < tokens; ++t) {
    for (size_t n = 0; n < outputs; ++n) {
      double exact = 0;
      for (size_t k = 0; k < inputs; ++k) {
        exact += static_cast<double>(x.data()[t * inputs + k]) * weights.values[n * inputs + k];
      }
      const size_t at = t * outputs + n;
      ASSERT_NEAR(y.data()[at], exact + bias[n], test::DotTolerance(inputs + 1)) << t << "," << n;
      ASSERT_NEAR(sum.data()[at], exact + before.data()[at], test::DotTolerance(inputs + 1));
    }
  }
}

TEST(MatMul, EqualsTheSumOfProducts) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    for (const DType dtype : {DType::kBF16, DType::kF16, DType::kF32}) {
      // One row to few, odd sizes and tails of every block, and several blocks of inputs.
      for (const size_t tokens : {1, 2, 3, 4, 5, 12, 13, 31}) {
        for (const size_t inputs : {1, 7, 8, 33, 64, 100, 521}) {
          CheckProduct(dtype, tokens, 37, inputs, pool);
        }
      }
      // Values beyond the first-level cache: rows of the weights together, and some left over.
      for (const size_t tokens : {1, 2, 3, 4}) {
        for (const size_t inputs : {6200, 6261}) CheckProduct(dtype, tokens, 23, inputs, pool);
      }
      CheckProduct(dtype, 7, 1, 9, pool);
      CheckProduct(dtype, 25, 600, 20, pool);
    }
  });
}

TEST(MatMul, RowsWithGapsAreLeftAlone) {
  ThreadPool pool(1);
  const TestWeights weights(DType::kBF16, 10, 16, 1);
  for (const size_t tokens : {3, 9}) {
    OwnedMatrix x = test::RandomMatrix(tokens, 20, 2);
    OwnedMatrix y(tokens, 12);
    std::fill_n(y.data(), y.size(), 42.0f);
    MatMul(x.view().Cols(2, 16), weights.view, {}, y.view().Cols(1, 10), pool);
    for (size_t t = 0; t < tokens; ++t) {
      EXPECT_EQ(y.view().Row(t)[0], 42.0f);
      EXPECT_NE(y.view().Row(t)[1], 42.0f);
      EXPECT_NE(y.view().Row(t)[10], 42.0f);
      EXPECT_EQ(y.view().Row(t)[11], 42.0f);
    }
  }
}

TEST(MatMul, BitsDoNotDependOnThreadsOrNeighbours) {
  test::ForEachInstructionSet([] {
    const TestWeights weights(DType::kBF16, 700, 300, 3);
    for (const size_t tokens : {2, 40}) {
      const OwnedMatrix x = test::RandomMatrix(tokens, 300, 4);
      OwnedMatrix one(tokens, 700);
      ThreadPool single(1);
      MatMul(x, weights.view, {}, one, single);
      for (const int threads : {2, 3, 5}) {
        OwnedMatrix many(tokens, 700);
        ThreadPool pool(threads);
        MatMul(x, weights.view, {}, many, pool);
        EXPECT_EQ(std::memcmp(one.data(), many.data(), one.size() * sizeof(float)), 0);
      }
    }
    const OwnedMatrix x = test::RandomMatrix(40, 300, 4);
    OwnedMatrix all(40, 700);
    OwnedMatrix some(11, 700);
    ThreadPool pool(2);
    MatMul(x, weights.view, {}, all, pool);
    MatMul(x.view().Rows(20, 11), weights.view, {}, some, pool);
    EXPECT_EQ(std::memcmp(all.view().Row(20), some.data(), some.size() * sizeof(float)), 0);
  });
}

TEST(MatMul, TogetherIsAsOneAfterTheOther) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    const std::vector<TestWeights> weights = [] {
      std::vector<TestWeights> list;
      list.emplace_back(DType::kBF16, 700, 100, 1);  // several tasks
      list.emplace_back(DType::kBF16, 3, 100, 2);
      list.emplace_back(DType::kF32, 40, 100, 3);
      list.emplace_back(DType::kBF16, 0, 100, 4);
      return list;
    }();
    for (const size_t tokens : {1, 4, 5, 0}) {
      const OwnedMatrix x = test::RandomMatrix(tokens, 100, 5);
      const std::vector<float> bias = test::RandomFloats(3, 6);
      std::vector<OwnedMatrix> together;
      std::vector<MatMulOutput> outputs;
      for (const TestWeights& each : weights) together.emplace_back(tokens, each.view.rows);
      for (size_t i = 0; i < weights.size(); ++i) {
        outputs.push_back(
            {weights[i].view, i == 1 ? ConstVector(bias) : ConstVector(), together[i].view()});
      }
      MatMulEach(x, outputs, pool);
      for (size_t i = 0; i < weights.size(); ++i) {
        OwnedMatrix alone(tokens, weights[i].view.rows);
        MatMul(x, weights[i].view, outputs[i].bias, alone, pool);
        EXPECT_TRUE(std::equal(alone.data(), alone.data() + alone.size(), together[i].data()));
      }
    }
  });
}

TEST(MatMul, LowRanksAreAdded) {
  test::ForEachInstructionSet([] {
    constexpr size_t kInputs = 100;
    const TestWeights plain(DType::kBF16, 700, kInputs, 1);  // several tasks
    const TestWeights corrected(DType::kBF16, 700, kInputs, 2);
    const OwnedMatrix floats = test::RandomMatrix(90, kInputs, 3);
    for (const size_t rank : {8, 6}) {  // 6: not within the products' tasks
      const OwnedMatrix a = test::RandomMatrix(rank, kInputs, 4);
      const OwnedMatrix b = test::RandomMatrix(700, rank, 5);
      const OwnedMatrix a2 = test::RandomMatrix(4, kInputs, 6);
      const OwnedMatrix b2 = test::RandomMatrix(90, 4, 7);
      for (const size_t tokens : {1, 4, 5, 40}) {
        ThreadPool pool(3);
        const auto quantized = QuantizeBlocks(AsWeights(floats), BlockScheme::kQ8, pool);
        const WeightMatrix blocks{DType::kF32, nullptr, 90, kInputs, quantized.get()};
        const OwnedMatrix x = test::RandomMatrix(tokens, kInputs, 8);
        const std::vector<LowRankTerm> one{{a, b, 0.5f}};
        const std::vector<LowRankTerm> two{{a2, b2, 2.0f}, {a2, b2, -1.0f}};
        OwnedMatrix y0(tokens, 700);
        OwnedMatrix y1(tokens, 700);
        OwnedMatrix y2(tokens, 90);
        const std::vector<MatMulOutput> outputs{{plain.view, {}, y0},
                                                {corrected.view, {}, y1, false, one},
                                                {blocks, {}, y2, false, two}};
        MatMulEach(x, outputs, pool);

        ThreadPool alone(1);
        const auto expect = [&](const WeightMatrix& weight, std::span<const LowRankTerm> terms,
                                const OwnedMatrix& y) {
          OwnedMatrix separate(tokens, weight.rows);
          MatMul(x, weight, {}, separate, alone);
          for (const LowRankTerm& term : terms) {
            for (size_t t = 0; t < tokens; ++t) {
              for (size_t n = 0; n < weight.rows; ++n) {
                double sum = 0;
                for (size_t k = 0; k < kInputs; ++k) {
                  for (size_t r = 0; r < term.a.rows; ++r) {
                    sum += static_cast<double>(x.view().Row(t)[k]) * term.a.Row(r)[k] *
                           term.b.Row(n)[r];
                  }
                }
                separate.view().Row(t)[n] += static_cast<float>(term.scale * sum);
              }
            }
          }
          for (size_t i = 0; i < y.size(); ++i) {
            ASSERT_NEAR(y.data()[i], separate.data()[i], test::DotTolerance(4 * kInputs)) << i;
          }
        };
        expect(plain.view, {}, y0);
        expect(corrected.view, one, y1);
        expect(blocks, two, y2);
      }
    }
  });
}

TEST(MatMul, WrongShapesAreRefused) {
  ThreadPool pool(1);
  const TestWeights weights(DType::kF32, 4, 3, 1);
  const OwnedMatrix x = test::RandomMatrix(2, 3, 1);
  OwnedMatrix y(2, 4);
  const std::vector<float> bias(3);
  ROENTGEN_EXPECT_ERROR(MatMul(x, weights.view, bias, y, pool), "bias 3");
  OwnedMatrix narrow(2, 3);
  ROENTGEN_EXPECT_ERROR(MatMul(x, weights.view, {}, narrow, pool), "y 2×3");
  const OwnedMatrix a(2, 3);
  const OwnedMatrix b(4, 1);
  const LowRankTerm term{a, b, 1};
  const MatMulOutput corrected{weights.view, {}, y, false, {&term, 1}};
  ROENTGEN_EXPECT_ERROR(MatMulEach(x, {&corrected, 1}, pool), "low rank 2×3 and 4×1");
  WeightMatrix integers = weights.view;
  integers.dtype = DType::kI32;
  ROENTGEN_EXPECT_ERROR(MatMul(x, integers, {}, y, pool), "no weights of type I32");
}

}  // namespace
}  // namespace roentgen
