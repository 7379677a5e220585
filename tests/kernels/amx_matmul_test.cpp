// That AMX products are as exact as arithmetic in f32; matmul_test.cpp and backward_test.cpp check
// the rest on every instruction set.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/support.h"
#include "roentgen/kernels/amx_tiles.h"
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

TEST_F(AmxMatMul, WhatIsNotFiniteStaysSo) {
  OwnedMatrix x = test::RandomMatrix(40, 100, 1);
  x.view().Row(3)[7] = std::numeric_limits<float>::infinity();
  x.view().Row(35)[99] = std::numeric_limits<float>::quiet_NaN();
  const OwnedMatrix w = test::RandomMatrix(50, 100, 2);
  OwnedMatrix y(40, 50);
  MatMul(x, AsWeights(w), {}, y, pool);
  for (size_t r = 0; r < 40; ++r) {
    for (const float value : std::span(y.view().Row(r), 50)) {
      EXPECT_EQ(std::isfinite(value), r != 3 && r != 35) << r;
    }
  }
}

}  // namespace
}  // namespace roentgen
