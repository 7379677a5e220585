// Products of integers against a scalar twin that does the same arithmetic, bit for bit. Where AMX
// takes them, they are none of integers: amx_matmul_test.cpp.

#define ROENTGEN_KERNEL_OF_INTEGERS  // every instruction set that they are compiled for

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/support.h"
#include "roentgen/base/error.h"
#include "roentgen/kernels/block_quantize.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace {

constexpr size_t kBlock = BlockWeights::kBlockInputs;

struct RoundedBlock {
  int codes[kBlock] = {};
  float scale = 0;
};

RoundedBlock Round(std::span<const float> values) {
  RoundedBlock block;
  float most = 0;
  for (const float value : values) most = std::max(most, std::abs(value));
  if (most <= 1e-30f) return block;
  const float inverse = 127.0f / most;
  for (size_t i = 0; i < values.size(); ++i) {
    block.codes[i] = static_cast<int>(std::nearbyint(values[i] * inverse));
  }
  block.scale = most / 127.0f;
  return block;
}

/// An output of MatMul without bias.
float Twin(std::span<const float> x, const BlockWeights& weights, size_t output) {
  float sum = 0;
  for (size_t begin = 0; begin < x.size(); begin += kBlock) {
    const size_t inputs = std::min(kBlock, x.size() - begin);
    const RoundedBlock rounded = Round(x.subspan(begin, inputs));
    // Widened values are multiples of the scale: code − middle is theirs over it.
    float values[kBlock] = {};
    weights.Widen(output, begin, {values, inputs});
    const std::byte* const block = weights.Strip(output / BlockWeights::kStripOutputs) +
                                   begin / kBlock * BlockWeights::BlockBytes(weights.scheme());
    Float16 half;
    std::memcpy(&half,
                block + BlockWeights::CodeBytes(weights.scheme()) +
                    output % BlockWeights::kStripOutputs * sizeof(half),
                sizeof(half));
    const float scale = ToFloat(half);
    int products = 0;
    for (size_t i = 0; i < inputs && scale != 0; ++i) {
      products += rounded.codes[i] * static_cast<int>(std::lround(values[i] / scale));
    }
    sum = std::fma(static_cast<float>(products), scale * rounded.scale, sum);
  }
  return sum;
}

std::shared_ptr<const BlockWeights> Quantized(const OwnedMatrix& values, BlockScheme scheme,
                                              ThreadPool& pool) {
  return QuantizeBlocks(AsWeights(values), scheme, pool);
}

WeightMatrix View(const BlockWeights& weights, size_t rows, size_t cols) {
  return {DType::kF32, nullptr, rows, cols, &weights};
}

bool OnAmx(size_t tokens) {
  return InstructionSet() == "AMX" && tokens > kFewRows;
}

/// SSE4 has no fused multiply-add: every block rounds once more.
bool Fused() {
  return InstructionSet() != "SSE4";
}

void CheckProduct(BlockScheme scheme, size_t tokens, size_t outputs, size_t inputs,
                  ThreadPool& pool) {
  SCOPED_TRACE(std::to_string(tokens) + "×" + std::to_string(outputs) + "×" +
               std::to_string(inputs) + " " + std::string(BlockSchemeName(scheme)));
  const auto weights = Quantized(test::RandomMatrix(outputs, inputs, 7), scheme, pool);
  const OwnedMatrix x = test::RandomMatrix(tokens, inputs, 8);
  const std::vector<float> bias = test::RandomFloats(outputs, 9);
  OwnedMatrix y(tokens, outputs);
  OwnedMatrix sum = test::RandomMatrix(tokens, outputs, 10);
  const OwnedMatrix before = test::RandomMatrix(tokens, outputs, 10);
  MatMul(x, View(*weights, outputs, inputs), bias, y, pool);
  MatMulAdd(x, View(*weights, outputs, inputs), {}, sum, pool);
  for (size_t t = 0; t < tokens; ++t) {
    for (size_t n = 0; n < outputs; ++n) {
      const float product = Twin({x.view().Row(t), inputs}, *weights, n);
      const size_t at = t * outputs + n;
      if (Fused()) {
        ASSERT_EQ(y.data()[at], product + bias[n]) << t << "," << n;
        ASSERT_EQ(sum.data()[at], before.data()[at] + product) << t << "," << n;
      } else {
        ASSERT_NEAR(y.data()[at], product + bias[n], test::DotTolerance(inputs + 1));
        ASSERT_NEAR(sum.data()[at], before.data()[at] + product, test::DotTolerance(inputs + 1));
      }
    }
  }
}

TEST(BlockMatMul, EqualsItsScalarTwin) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
      // Tokens to fill panels and not to; tails of blocks and strips; more than one group.
      for (const size_t tokens : {1, 2, 3, 5, 8, 12, 13, 26}) {
        if (OnAmx(tokens)) continue;
        for (const size_t inputs : {1, 31, 32, 33, 100}) {
          CheckProduct(scheme, tokens, 37, inputs, pool);
        }
      }
      CheckProduct(scheme, 1, 1, 520, pool);
      CheckProduct(scheme, 3, 700, 640, pool);
    }
  });
}

TEST(BlockMatMul, DoesNotDependOnThreadsOrOtherTokens) {
  ThreadPool one(1);
  ThreadPool three(3);
  constexpr size_t kOutputs = 300;
  constexpr size_t kInputs = 200;
  test::ForEachInstructionSet([&] {
    for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
      const auto weights = Quantized(test::RandomMatrix(kOutputs, kInputs, 1), scheme, one);
      const OwnedMatrix x = test::RandomMatrix(29, kInputs, 2);
      OwnedMatrix all(29, kOutputs);
      MatMul(x, View(*weights, kOutputs, kInputs), {}, all, three);
      const size_t fewest = OnAmx(all.rows()) ? kFewRows + 1 : 1;
      for (size_t t = 0; t + fewest <= all.rows(); ++t) {
        OwnedMatrix few(fewest, kOutputs);
        MatMul(x.view().Rows(t, fewest), View(*weights, kOutputs, kInputs), {}, few, one);
        for (size_t i = 0; i < few.size(); ++i) {
          ASSERT_EQ(few.data()[i], all.data()[t * kOutputs + i]);
        }
      }
    }
  });
}

/// Every code as far from the middle as it can be: where sums of 16 bits would overflow first.
TEST(BlockMatMul, SurvivesExtremes) {
  ThreadPool pool(1);
  constexpr size_t kInputs = 64;
  test::ForEachInstructionSet([&] {
    for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
      const float highest = scheme == BlockScheme::kQ4 ? -8.0f : 127.0f;
      for (const float sign : {1.0f, -1.0f}) {
        OwnedMatrix values(17, kInputs);
        std::fill_n(values.data(), values.size(), sign * highest);
        // The codes themselves: 16 of 0 or 255 too, which no rounding makes.
        const auto weights = Quantized(values, scheme, pool);
        OwnedMatrix x(1, kInputs);
        for (const float x_sign : {1.0f, -1.0f}) {
          std::fill_n(x.data(), kInputs, x_sign * 127.0f);
          OwnedMatrix y(1, 17);
          MatMul(x, View(*weights, 17, kInputs), {}, y, pool);
          const float expected = Twin({x.data(), kInputs}, *weights, 16);
          for (size_t n = 0; n < 17; ++n) ASSERT_EQ(y.data()[n], expected);
          ASSERT_NEAR(expected, sign * highest * x_sign * 127 * kInputs, 1e-3 * 127 * 127 * 64);
        }
      }
    }
  });
}

/// Any byte may come from a file: every code, against every sign of x.
TEST(BlockMatMul, MultipliesEveryCode) {
  ThreadPool pool(1);
  test::ForEachInstructionSet([&] {
    for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
      for (const int code : {0x00, 0x0f, 0xf0, 0xff, 0x7f, 0x80}) {
        std::vector<std::byte> bytes(BlockWeights::Bytes(scheme, 16, kBlock), std::byte(code));
        for (size_t output = 0; output < 16; ++output) {  // scales of 1
          bytes[BlockWeights::CodeBytes(scheme) + 2 * output] = std::byte{0x00};
          bytes[BlockWeights::CodeBytes(scheme) + 2 * output + 1] = std::byte{0x3c};
        }
        const BlockWeights weights(scheme, 16, kBlock, std::span<const std::byte>(bytes));
        for (const float x_value : {127.0f, -127.0f, 1.0f}) {
          OwnedMatrix x(1, kBlock);
          std::fill_n(x.data(), kBlock, x_value);
          OwnedMatrix y(1, 16);
          MatMul(x, View(weights, 16, kBlock), {}, y, pool);
          for (size_t n = 0; n < 16; ++n) {
            ASSERT_EQ(y.data()[n], Twin({x.data(), kBlock}, weights, n)) << code;
          }
        }
      }
    }
  });
}

TEST(BlockMatMul, TellsOfWhatIsNotFinite) {
  ThreadPool pool(1);
  const auto weights = Quantized(test::RandomMatrix(20, 70, 3), BlockScheme::kQ4, pool);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (const size_t place : {0, 31, 69}) {
      OwnedMatrix x = test::RandomMatrix(2, 70, 4);
      x.data()[place] = bad;
      OwnedMatrix y(2, 20);
      MatMul(x, View(*weights, 20, 70), {}, y, pool);
      for (size_t n = 0; n < 20; ++n) {
        EXPECT_TRUE(std::isnan(y.data()[n]));
        EXPECT_TRUE(std::isfinite(y.data()[20 + n]));
      }
    }
  }
}

TEST(BlockMatMul, GoesTogetherWithOthers) {
  ThreadPool pool(2);
  const OwnedMatrix values = test::RandomMatrix(20, 64, 5);
  const auto q4 = Quantized(values, BlockScheme::kQ4, pool);
  const auto q8 = Quantized(values, BlockScheme::kQ8, pool);
  const OwnedMatrix x = test::RandomMatrix(2, 64, 6);
  OwnedMatrix y[3] = {OwnedMatrix(2, 20), OwnedMatrix(2, 20), OwnedMatrix(2, 20)};
  const MatMulOutput outputs[] = {
      {View(*q4, 20, 64), {}, y[0]}, {AsWeights(values), {}, y[1]}, {View(*q8, 20, 64), {}, y[2]}};
  MatMulEach(x, outputs, pool);
  for (size_t i = 0; i < y[0].size(); ++i) {
    EXPECT_NEAR(y[2].data()[i], y[1].data()[i], 0.1);  // 64 products, rounded by 1/256 at most
    EXPECT_NEAR(y[0].data()[i], y[1].data()[i], 1.0);
  }
}

/// The largest error of a value: half a code, and what the scale loses in 11 bits, times 128 codes.
TEST(QuantizeBlocks, IsAsCloseAsItsCodes) {
  ThreadPool pool(2);
  const OwnedMatrix values = test::RandomMatrix(33, 100, 11);
  double squares[2] = {};
  for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
    const auto weights = Quantized(values, scheme, pool);
    for (size_t row = 0; row < 33; ++row) {
      std::vector<float> widened(100);
      weights->Widen(row, 0, widened);
      for (size_t col = 0; col < 100; ++col) {
        const double error = widened[col] - values.data()[row * 100 + col];
        squares[scheme == BlockScheme::kQ8] += error * error;
        if (scheme == BlockScheme::kQ8) {
          ASSERT_LE(std::abs(error), (0.5 + 128 * 0x1p-11) / 127);
        }
      }
    }
  }
  // Uniform values: a code's step is 2/15 or 2/254 of their width, its error a twelfth of the
  // square.
  EXPECT_NEAR(squares[0] / 3300, 4.0 / 225 / 12, 0.3 * 4.0 / 225 / 12);
  EXPECT_NEAR(squares[1] / 3300, 4.0 / (254 * 254) / 12, 0.3 * 4.0 / (254 * 254) / 12);
}

TEST(QuantizeBlocks, IsTheSameOnEveryInstructionSetAndForAnyTeam) {
  const OwnedMatrix values = test::RandomMatrix(50, 90, 12);
  for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
    std::vector<std::byte> first;
    test::ForEachInstructionSet([&] {
      for (const int threads : {1, 3}) {
        ThreadPool pool(threads);
        const auto weights = Quantized(values, scheme, pool);
        const std::span<const std::byte> bytes = weights->Parts()[0];
        if (first.empty()) first.assign(bytes.begin(), bytes.end());
        ASSERT_TRUE(std::equal(first.begin(), first.end(), bytes.begin(), bytes.end()));
      }
    });
  }
}

TEST(QuantizeBlocks, TakesZerosAndTinyValues) {
  ThreadPool pool(1);
  OwnedMatrix values(1, 64);
  std::fill_n(values.data(), 64, 0.0f);
  values.data()[40] = 1e-38f;
  for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
    const auto weights = Quantized(values, scheme, pool);
    std::vector<float> widened(64);
    weights->Widen(0, 0, widened);
    for (const float value : widened) EXPECT_EQ(value, 0.0f);
  }
}

TEST(QuantizeBlocks, RefusesWhatNoScaleCanTell) {
  ThreadPool pool(1);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e7f}) {
    OwnedMatrix values = test::RandomMatrix(3, 40, 13);
    values.data()[79] = bad;
    EXPECT_THROW(Quantized(values, BlockScheme::kQ4, pool), Error);
    EXPECT_THROW(Quantized(values, BlockScheme::kQ8, pool), Error);
  }
}

}  // namespace
}  // namespace roentgen
