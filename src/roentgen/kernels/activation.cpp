#include "roentgen/kernels/activation.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/activation.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include "roentgen/kernels/row_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

/// x · sigmoid(slope · x). Highway's exponential is not defined where it overflows, so its argument
/// is capped at 88; the quotient is below 10⁻³⁵ from there on, as good as the exact value.
template <class D, class V>
HWY_INLINE V TimesSigmoid(D d, V x, float slope) {
  const V argument = hn::Min(hn::Mul(x, hn::Set(d, -slope)), hn::Set(d, 88.0f));
  const V exponential = hn::Exp(d, argument);
  return hn::Div(x, hn::Add(hn::Set(d, 1.0f), exponential));
}

void SiluMulRow(float* gate, const float* up, size_t width) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto silu = TimesSigmoid(d, hn::LoadU(d, gate + i), 1.0f);
    hn::StoreU(hn::Mul(silu, hn::LoadU(d, up + i)), d, gate + i);
  });
}

void QuickGeluRow(float* x, size_t width) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    hn::StoreU(TimesSigmoid(d, hn::LoadU(d, x + i), 1.702f), d, x + i);
  });
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "roentgen/base/error.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

HWY_EXPORT(SiluMulRow);
HWY_EXPORT(QuickGeluRow);

}  // namespace

void SiluMul(Matrix gate, ConstMatrix up, ThreadPool& pool) {
  if (gate.rows != up.rows || gate.cols != up.cols) {
    throw ShapeError(
        fmt::format("silu: gate {}×{}, up {}×{}", gate.rows, gate.cols, up.rows, up.cols));
  }
  ForRows(pool, gate.rows, gate.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(SiluMulRow)(gate.Row(row), up.Row(row), gate.cols);
  });
}

void QuickGelu(Matrix x, ThreadPool& pool) {
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(QuickGeluRow)(x.Row(row), x.cols);
  });
}

void Gelu(Matrix x, ThreadPool& pool) {
  // Once per image and on few rows, so the library's erf is fast enough.
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    for (float* value = x.Row(row); value != x.Row(row) + x.cols; ++value) {
      *value =
          0.5f * *value * (1.0f + std::erf(*value * static_cast<float>(std::numbers::sqrt2 / 2)));
    }
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
