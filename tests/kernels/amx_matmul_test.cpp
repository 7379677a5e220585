// That AMX products are as exact as arithmetic in f32, and those of weights in blocks as exact as
// bf16; matmul_test.cpp and backward_test.cpp check the rest on every instruction set.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/support.h"
#include "roentgen/kernels/amx_tiles.h"
#include "roentgen/kernels/block_quantize.h"
#include "roentgen/kernels/matmul.h"

namespace roentgen {
namespace {

/// Values of many magnitudes, so that every bit of a float matters: m · 2^e, |m| in [1, 2).
OwnedMatrix WideRange(size_t rows, size_t cols, uint64_t seed) {
  Random random(seed);
  OwnedMatrix matrix(rows, cols);
  for (size_t i = 0; i < matrix.size(); ++i) {
    const double magnitude =
        (1 + random.NextUniform()) * std::exp2(random.NextBits() % 24) * 0x1p-12;
    matrix.data()[i] = static_cast<float>(random.NextBits() % 2 == 0 ? magnitude : -magnitude);
  }
  return matrix;
}

/// The largest error of left · right over the sum of its terms' magnitudes: what rounding is
/// measured by.
double WorstError(size_t rows, size_t cols, size_t depth, const auto& left, const auto& right,
                  const OwnedMatrix& y) {
  double worst = 0;
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; ++c) {
      double exact = 0;
      double magnitude = 0;
      for (size_t k = 0; k < depth; ++k) {
        const double term = static_cast<double>(left(r, k)) * right(c, k);
        exact += term;
        magnitude += std::abs(term);
      }
      worst = std::max(worst, std::abs(y.view().Row(r)[c] - exact) / magnitude);
    }
  }
  return worst;
}

/// A term passes at most 16 additions in its tile, those of the tile to the sum of the others, and
/// one for every later step and part; each rounds by at most 2⁻²⁴. What splitting in three leaves
/// out of a term lies below 2⁻²⁴ of it.
double Bound(size_t depth, size_t products) {
  const double steps = std::ceil(static_cast<double>(depth) / 32);
  return (16 + 2 + steps * static_cast<double>(products) + 1) * 0x1p-24;
}

class AmxMatMul : public testing::Test {
 protected:
  void SetUp() override {
    if (!AmxAvailable()) GTEST_SKIP() << "no AMX here";
    UseInstructionSet("amx");
  }
  ThreadPool pool{2};
};

// More rows than a panel, more columns than a task, more depth than a block, and no whole tile.
constexpr size_t kTokens = 70;
constexpr size_t kOutputs = 1100;
constexpr size_t kInputs = 1501;

TEST_F(AmxMatMul, FloatsAreMultipliedAsFloats) {
  const OwnedMatrix x = WideRange(kTokens, kInputs, 1);
  const OwnedMatrix w = WideRange(kOutputs, kInputs, 2);
  OwnedMatrix y(kTokens, kOutputs);
  MatMul(x, AsWeights(w), {}, y, pool);
  const auto left = [&](size_t r, size_t k) { return x.view().Row(r)[k]; };
  const auto right = [&](size_t c, size_t k) { return w.view().Row(c)[k]; };
  EXPECT_LT(WorstError(kTokens, kOutputs, kInputs, left, right, y), Bound(kInputs, 6));
}

TEST_F(AmxMatMul, Bf16WeightsLoseNothing) {
  const OwnedMatrix x = WideRange(kTokens, kInputs, 1);
  const OwnedMatrix values = WideRange(kOutputs, kInputs, 2);
  std::vector<BFloat16> weights(values.size());
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = ToBFloat16(values.data()[i]);
  OwnedMatrix y(kTokens, kOutputs);
  MatMul(x, {DType::kBF16, reinterpret_cast<const std::byte*>(weights.data()), kOutputs, kInputs},
         {}, y, pool);
  const auto left = [&](size_t r, size_t k) { return x.view().Row(r)[k]; };
  const auto right = [&](size_t c, size_t k) { return ToFloat(weights[c * kInputs + k]); };
  EXPECT_LT(WorstError(kTokens, kOutputs, kInputs, left, right, y), Bound(kInputs, 3));
}

TEST_F(AmxMatMul, GradientsAreThoseOfFloats) {
  const OwnedMatrix grad_y = WideRange(kTokens, kOutputs, 1);
  const OwnedMatrix w = WideRange(kOutputs, kInputs, 2);
  OwnedMatrix grad_x(kTokens, kInputs);
  MatMulBackwardInput(grad_y, AsWeights(w), grad_x, pool);
  const auto gradient = [&](size_t r, size_t k) { return grad_y.view().Row(r)[k]; };
  const auto weight = [&](size_t c, size_t k) { return w.view().Row(k)[c]; };
  EXPECT_LT(WorstError(kTokens, kInputs, kOutputs, gradient, weight, grad_x), Bound(kOutputs, 6));

  const OwnedMatrix x = WideRange(kTokens, kInputs, 3);
  OwnedMatrix grad_weight(kOutputs, kInputs);
  std::fill_n(grad_weight.data(), grad_weight.size(), 0.0f);
  MatMulBackwardWeight(grad_y, x, grad_weight, pool);
  const auto of_output = [&](size_t r, size_t k) { return grad_y.view().Row(k)[r]; };
  const auto of_input = [&](size_t c, size_t k) { return x.view().Row(k)[c]; };
  EXPECT_LT(WorstError(kOutputs, kInputs, kTokens, of_output, of_input, grad_weight),
            Bound(kTokens, 6));
}

/// Large results of one block of depth are written past the caches, but for the columns that do not
/// fill a line; what lies beside them stays.
TEST_F(AmxMatMul, LargeResultsAreWrittenWhole) {
  constexpr size_t kRows = 1030;
  constexpr size_t kCols = 1100;
  constexpr size_t kDepth = 40;
  const OwnedMatrix x = WideRange(kRows, kDepth, 1);
  const OwnedMatrix w = WideRange(kCols, kDepth, 2);
  OwnedMatrix wide(kRows, 1120);
  std::fill_n(wide.data(), wide.size(), 7.0f);
  const Matrix y = wide.view().Cols(0, kCols);
  MatMul(x, AsWeights(w), {}, y, pool);
  OwnedMatrix product(kRows, kCols);
  for (size_t r = 0; r < kRows; ++r) {
    std::copy_n(y.Row(r), kCols, product.view().Row(r));
    for (size_t c = kCols; c < wide.cols(); ++c) ASSERT_EQ(wide.view().Row(r)[c], 7.0f);
  }
  const auto left = [&](size_t r, size_t k) { return x.view().Row(r)[k]; };
  const auto right = [&](size_t c, size_t k) { return w.view().Row(c)[k]; };
  EXPECT_LT(WorstError(kRows, kCols, kDepth, left, right, product), Bound(kDepth, 6));
}

float Rounded(float value) {
  return ToFloat(ToBFloat16(value));
}

TEST_F(AmxMatMul, BlocksAndTheirTokensAreRounded) {
  const OwnedMatrix values = WideRange(kOutputs, kInputs, 2);
  const OwnedMatrix x = WideRange(kTokens, kInputs, 1);
  for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
    const auto blocks = QuantizeBlocks(AsWeights(values), scheme, pool);
    OwnedMatrix w(kOutputs, kInputs);
    for (size_t n = 0; n < kOutputs; ++n) blocks->Widen(n, 0, {w.view().Row(n), kInputs});
    OwnedMatrix y(kTokens, kOutputs);
    MatMul(x, {DType::kF32, nullptr, kOutputs, kInputs, blocks.get()}, {}, y, pool);
    const auto left = [&](size_t r, size_t k) { return Rounded(x.view().Row(r)[k]); };
    const auto right = [&](size_t c, size_t k) { return Rounded(w.view().Row(c)[k]); };
    EXPECT_LT(WorstError(kTokens, kOutputs, kInputs, left, right, y), Bound(kInputs, 1));
  }
}

/// Any byte may come from a file: every place of a chunk, and codes as far from the middle as they
/// can be.
TEST_F(AmxMatMul, EveryCodeOfABlockIsRead) {
  constexpr size_t kRows = 48;
  constexpr size_t kDepth = BlockWeights::kBlockInputs;
  for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
    std::vector<std::byte> bytes(BlockWeights::Bytes(scheme, kRows, kDepth));
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37);
    for (size_t strip = 0; strip < kRows / BlockWeights::kStripOutputs; ++strip) {
      std::byte* const scales =
          &bytes[strip * BlockWeights::BlockBytes(scheme) + BlockWeights::CodeBytes(scheme)];
      for (size_t output = 0; output < BlockWeights::kStripOutputs; ++output) {
        scales[2 * output] = std::byte{0x00};
        scales[2 * output + 1] = std::byte{0x3c};  // 1
      }
    }
    const BlockWeights weights(scheme, kRows, kDepth, std::span<const std::byte>(bytes));
    OwnedMatrix x(kDepth, kDepth);  // the unit matrix: y has the weights themselves
    for (size_t i = 0; i < x.size(); ++i) x.data()[i] = i % (kDepth + 1) == 0 ? 1.0f : 0.0f;
    OwnedMatrix y(kDepth, kRows);
    MatMul(x, {DType::kF32, nullptr, kRows, kDepth, &weights}, {}, y, pool);
    for (size_t n = 0; n < kRows; ++n) {
      std::vector<float> expected(kDepth);
      weights.Widen(n, 0, expected);
      for (size_t k = 0; k < kDepth; ++k) ASSERT_EQ(y.view().Row(k)[n], expected[k]);
    }
  }
}

TEST_F(AmxMatMul, LowRanksOfBlocksAreFloats) {
  const OwnedMatrix x = test::RandomMatrix(kTokens, 100, 1);
  const OwnedMatrix a = test::RandomMatrix(8, 100, 2);
  const OwnedMatrix b = test::RandomMatrix(64, 8, 3);
  OwnedMatrix zeros(64, 100);
  std::fill_n(zeros.data(), zeros.size(), 0.0f);
  const auto blocks = QuantizeBlocks(AsWeights(zeros), BlockScheme::kQ8, pool);
  const LowRankTerm term{a, b, 0.5f};
  OwnedMatrix y(kTokens, 64);
  const MatMulOutput output{
      {DType::kF32, nullptr, 64, 100, blocks.get()}, {}, y, /*add=*/false, {&term, 1}};
  MatMulEach(x, {&output, 1}, pool);
  for (size_t t = 0; t < kTokens; ++t) {
    for (size_t n = 0; n < 64; ++n) {
      double expected = 0;
      for (size_t r = 0; r < 8; ++r) {
        double low = 0;
        for (size_t k = 0; k < 100; ++k) low += double{x.view().Row(t)[k]} * a.view().Row(r)[k];
        expected += 0.5 * low * b.view().Row(n)[r];
      }
      ASSERT_NEAR(y.view().Row(t)[n], expected, 8 * test::DotTolerance(100));
    }
  }
}

TEST_F(AmxMatMul, WhatIsNotFiniteStaysSo) {
  OwnedMatrix x = test::RandomMatrix(40, 100, 1);
  x.view().Row(3)[7] = std::numeric_limits<float>::infinity();
  x.view().Row(35)[99] = std::numeric_limits<float>::quiet_NaN();
  const OwnedMatrix w = test::RandomMatrix(50, 100, 2);
  const auto blocks = QuantizeBlocks(AsWeights(w), BlockScheme::kQ8, pool);
  for (const WeightMatrix& weight :
       {AsWeights(w), WeightMatrix{DType::kF32, nullptr, 50, 100, blocks.get()}}) {
    OwnedMatrix y(40, 50);
    MatMul(x, weight, {}, y, pool);
    for (size_t r = 0; r < 40; ++r) {
      for (const float value : std::span(y.view().Row(r), 50)) {
        EXPECT_EQ(std::isfinite(value), r != 3 && r != 35) << r;
      }
    }
  }
}

}  // namespace
}  // namespace roentgen
