#include <gmock/gmock.h>

#include <numbers>

#include "kernels/support.h"
#include "roentgen/base/error.h"
#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/embedding.h"
#include "roentgen/kernels/norm.h"
#include "roentgen/kernels/rotary.h"
#include "support/paths.h"

namespace roentgen {
namespace {

// Values near 1 and a handful of roundings of 2⁻²⁴ each.
constexpr double kTolerance = 2e-6;

TEST(Norm, EqualsTheDefinition) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    for (const size_t width : {1, 5, 16, 67, 200}) {
      const size_t rows = 300;
      const OwnedMatrix x = test::RandomMatrix(rows, width, 1);
      const std::vector<float> weight = test::RandomFloats(width, 2);
      const std::vector<float> bias = test::RandomFloats(width, 3);
      OwnedMatrix rms(rows, width);
      OwnedMatrix layer(rows, width);
      RmsNorm(x, weight, 1e-6f, rms, pool);
      LayerNorm(x, weight, bias, 1e-3f, layer, pool);
      for (size_t r = 0; r < rows; ++r) {
        const float* row = x.view().Row(r);
        double mean = 0;
        double squares = 0;
        for (size_t i = 0; i < width; ++i) mean += row[i] / static_cast<double>(width);
        for (size_t i = 0; i < width; ++i) squares += static_cast<double>(row[i]) * row[i];
        const double mean_square = squares / static_cast<double>(width);
        double variance = 0;
        for (size_t i = 0; i < width; ++i) {
          variance += (row[i] - mean) * (row[i] - mean) / static_cast<double>(width);
        }
        for (size_t i = 0; i < width; ++i) {
          ASSERT_NEAR(rms.view().Row(r)[i], row[i] / std::sqrt(mean_square + 1e-6) * weight[i],
                      kTolerance * 4);
          // Where a row has little variance, the mean's rounding is divided by a small root.
          const double spread = std::sqrt(variance + 1e-3);
          ASSERT_NEAR(layer.view().Row(r)[i], (row[i] - mean) / spread * weight[i] + bias[i],
                      kTolerance + 1e-7 / spread);
        }
      }
    }
  });
}

TEST(Norm, MayWorkInPlaceAndChecksShapes) {
  ThreadPool pool(1);
  OwnedMatrix x = test::RandomMatrix(3, 8, 1);
  OwnedMatrix y(3, 8);
  const std::vector<float> weight(8, 1.0f);
  RmsNorm(x, weight, 1e-6f, y, pool);
  RmsNorm(x, weight, 1e-6f, x, pool);
  EXPECT_TRUE(std::equal(x.data(), x.data() + x.size(), y.data()));
  ROENTGEN_EXPECT_ERROR(RmsNorm(x, std::vector<float>(7), 1e-6f, y, pool), "weight 7");
}

TEST(Activation, EqualsTheDefinition) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    OwnedMatrix gate = test::RandomMatrix(5, 37, 1);
    for (size_t i = 0; i < gate.size(); ++i) gate.data()[i] *= 30;
    // Extremes: the exponential under- and overflows.
    gate.data()[0] = -1000;
    gate.data()[1] = 1000;
    gate.data()[2] = 0;
    gate.data()[3] = -88.5f;
    const OwnedMatrix up = test::RandomMatrix(5, 37, 2);
    const std::vector<float> before(gate.data(), gate.data() + gate.size());
    OwnedMatrix quick(5, 37);
    OwnedMatrix exact(5, 37);
    std::copy(before.begin(), before.end(), quick.data());
    std::copy(before.begin(), before.end(), exact.data());
    SiluMul(gate, up, gate, pool);
    QuickGelu(quick, quick, pool);
    Gelu(exact, exact, pool);
    for (size_t i = 0; i < before.size(); ++i) {
      const double x = before[i];
      const double scale = kTolerance * std::max(1.0, std::abs(x));
      ASSERT_NEAR(gate.data()[i], x / (1 + std::exp(-x)) * up.data()[i], scale) << x;
      ASSERT_NEAR(quick.data()[i], x / (1 + std::exp(-1.702 * x)), scale) << x;
      ASSERT_NEAR(exact.data()[i], x / 2 * (1 + std::erf(x / std::numbers::sqrt2)), scale) << x;
    }
    ROENTGEN_EXPECT_ERROR(SiluMul(gate, up.view().Rows(0, 4), gate, pool), "4×37");
  });
}

TEST(Rotary, RotatesPairsAHalfHeadApart) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    const size_t half = 5;
    OwnedMatrix x = test::RandomMatrix(3, 4 * half, 1);  // two heads
    const std::vector<float> before(x.data(), x.data() + x.size());
    RotaryTable table{OwnedMatrix(3, half), OwnedMatrix(3, half)};
    for (size_t i = 0; i < 3 * half; ++i) {
      table.cos.data()[i] = std::cos(static_cast<float>(i));
      table.sin.data()[i] = std::sin(static_cast<float>(i));
    }
    ApplyRotary(x, table, pool);
    for (size_t row = 0; row < 3; ++row) {
      for (const size_t head : {size_t{0}, 2 * half}) {
        for (size_t j = 0; j < half; ++j) {
          const double a = before[row * 4 * half + head + j];
          const double b = before[row * 4 * half + head + half + j];
          const auto angle = static_cast<double>(row * half + j);
          EXPECT_NEAR(x.view().Row(row)[head + j], a * std::cos(angle) - b * std::sin(angle),
                      kTolerance);
          EXPECT_NEAR(x.view().Row(row)[head + half + j], b * std::cos(angle) + a * std::sin(angle),
                      kTolerance);
        }
      }
    }
    OwnedMatrix odd(3, 7);
    ROENTGEN_EXPECT_ERROR(ApplyRotary(odd, table, pool), "x 3×7");
  });
}

TEST(Embedding, TakesRowsAndRefusesStrangers) {
  const std::vector<BFloat16> values{ToBFloat16(1), ToBFloat16(2), ToBFloat16(3), ToBFloat16(4)};
  const WeightMatrix table{DType::kBF16, reinterpret_cast<const std::byte*>(values.data()), 2, 2};
  OwnedMatrix out(3, 2);
  LookUpRows(table, std::vector<int32_t>{1, 0, 1}, out);
  EXPECT_EQ(std::vector<float>(out.data(), out.data() + 6), (std::vector<float>{3, 4, 1, 2, 3, 4}));
  OwnedMatrix one(1, 2);
  ROENTGEN_EXPECT_ERROR(LookUpRows(table, std::vector<int32_t>{2}, one),
                        "id 2 in a vocabulary of 2");
  ROENTGEN_EXPECT_ERROR(LookUpRows(table, std::vector<int32_t>{-1}, one), "id -1");
}

}  // namespace
}  // namespace roentgen
