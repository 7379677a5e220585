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

/// sigmoid(slope · x). Highway's exponential is not defined where it overflows, so its argument is
/// capped at 88; the value is below 10⁻³⁸ from there on, as good as the exact one.
template <class D, class V>
HWY_INLINE V Sigmoid(D d, V x, float slope) {
  const V argument = hn::Min(hn::Mul(x, hn::Set(d, -slope)), hn::Set(d, 88.0f));
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, hn::Exp(d, argument)));
}

/// x · sigmoid(slope · x), with one rounding less than the product.
template <class D, class V>
HWY_INLINE V TimesSigmoid(D d, V x, float slope) {
  const V argument = hn::Min(hn::Mul(x, hn::Set(d, -slope)), hn::Set(d, 88.0f));
  const V exponential = hn::Exp(d, argument);
  return hn::Div(x, hn::Add(hn::Set(d, 1.0f), exponential));
}

/// The derivative of x · s, s = sigmoid(slope · x): s · (1 + slope · x · (1 − s)).
template <class D, class V>
HWY_INLINE V TimesSigmoidDerivative(D d, V x, V s, float slope) {
  const V one = hn::Set(d, 1.0f);
  const V scaled = hn::Mul(hn::Set(d, slope), x);
  return hn::Mul(s, hn::MulAdd(scaled, hn::Sub(one, s), one));
}

void SiluMulRow(const float* gate, const float* up, size_t width, float* y) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto silu = TimesSigmoid(d, hn::LoadU(d, gate + i), 1.0f);
    hn::StoreU(hn::Mul(silu, hn::LoadU(d, up + i)), d, y + i);
  });
}

void SiluMulBackwardRow(const float* grad_y, const float* gate, const float* up, size_t width,
                        float* grad_gate, float* grad_up) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto gradient = hn::LoadU(d, grad_y + i);
    const auto x = hn::LoadU(d, gate + i);
    const auto factor = hn::LoadU(d, up + i);
    const auto s = Sigmoid(d, x, 1.0f);
    const auto slope = TimesSigmoidDerivative(d, x, s, 1.0f);
    hn::StoreU(hn::Mul(hn::Mul(gradient, factor), slope), d, grad_gate + i);
    hn::StoreU(hn::Mul(gradient, hn::Mul(x, s)), d, grad_up + i);
  });
}

constexpr float kQuickGeluSlope = 1.702f;

void QuickGeluRow(const float* x, size_t width, float* y) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    hn::StoreU(TimesSigmoid(d, hn::LoadU(d, x + i), kQuickGeluSlope), d, y + i);
  });
}

void QuickGeluBackwardRow(const float* grad_y, const float* x, size_t width, float* grad_x) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i);
    const auto s = Sigmoid(d, value, kQuickGeluSlope);
    const auto slope = TimesSigmoidDerivative(d, value, s, kQuickGeluSlope);
    hn::StoreU(hn::Mul(hn::LoadU(d, grad_y + i), slope), d, grad_x + i);
  });
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include <cmath>
#include <initializer_list>
#include <numbers>

#include "roentgen/base/error.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

HWY_EXPORT(SiluMulRow);
HWY_EXPORT(SiluMulBackwardRow);
HWY_EXPORT(QuickGeluRow);
HWY_EXPORT(QuickGeluBackwardRow);

void RequireAlike(const char* name, ConstMatrix x, std::initializer_list<ConstMatrix> others) {
  for (const ConstMatrix& other : others) {
    if (other.rows != x.rows || other.cols != x.cols) {
      throw ShapeError(
          fmt::format("{}: {}×{} and {}×{}", name, x.rows, x.cols, other.rows, other.cols));
    }
  }
}

}  // namespace

void SiluMul(ConstMatrix gate, ConstMatrix up, Matrix y, ThreadPool& pool) {
  RequireAlike("silu", gate, {up, y});
  ForRows(pool, gate.rows, gate.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(SiluMulRow)(gate.Row(row), up.Row(row), gate.cols, y.Row(row));
  });
}

void SiluMulBackward(ConstMatrix grad_y, ConstMatrix gate, ConstMatrix up, Matrix grad_gate,
                     Matrix grad_up, ThreadPool& pool) {
  RequireAlike("silu gradient", grad_y, {gate, up, grad_gate, grad_up});
  ForRows(pool, gate.rows, gate.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(SiluMulBackwardRow)
    (grad_y.Row(row), gate.Row(row), up.Row(row), gate.cols, grad_gate.Row(row), grad_up.Row(row));
  });
}

void QuickGelu(ConstMatrix x, Matrix y, ThreadPool& pool) {
  RequireAlike("QuickGELU", x, {y});
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(QuickGeluRow)(x.Row(row), x.cols, y.Row(row));
  });
}

void QuickGeluBackward(ConstMatrix grad_y, ConstMatrix x, Matrix grad_x, ThreadPool& pool) {
  RequireAlike("QuickGELU gradient", grad_y, {x, grad_x});
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(QuickGeluBackwardRow)
    (grad_y.Row(row), x.Row(row), x.cols, grad_x.Row(row));
  });
}

// Once per image and on few rows, so the library's erf is fast enough.
void Gelu(ConstMatrix x, Matrix y, ThreadPool& pool) {
  RequireAlike("GELU", x, {y});
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    for (size_t i = 0; i < x.cols; ++i) {
      const float value = x.Row(row)[i];
      y.Row(row)[i] =
          0.5f * value * (1.0f + std::erf(value * static_cast<float>(std::numbers::sqrt2 / 2)));
    }
  });
}

void GeluBackward(ConstMatrix grad_y, ConstMatrix x, Matrix grad_x, ThreadPool& pool) {
  RequireAlike("GELU gradient", grad_y, {x, grad_x});
  constexpr auto kRootHalf = static_cast<float>(std::numbers::sqrt2 / 2);
  constexpr auto kDensityAtZero =
      static_cast<float>(std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2);
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    for (size_t i = 0; i < x.cols; ++i) {
      const float value = x.Row(row)[i];
      const float below = 0.5f * (1.0f + std::erf(value * kRootHalf));
      const float density = kDensityAtZero * std::exp(-0.5f * value * value);
      grad_x.Row(row)[i] = grad_y.Row(row)[i] * (below + value * density);
    }
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
