#include "roentgen/kernels/rotary.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/rotary.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "roentgen/kernels/row_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

/// direction 1: by the angles; −1: back.
void RotateHead(float* low, float* high, const float* cos, const float* sin, float direction,
                size_t half) {
  ForVectors(half, [&](auto d, size_t i) HWY_ATTR {
    const auto a = hn::LoadU(d, low + i);
    const auto b = hn::LoadU(d, high + i);
    const auto c = hn::LoadU(d, cos + i);
    const auto s = hn::Mul(hn::LoadU(d, sin + i), hn::Set(d, direction));
    hn::StoreU(hn::Sub(hn::Mul(a, c), hn::Mul(b, s)), d, low + i);
    hn::StoreU(hn::Add(hn::Mul(b, c), hn::Mul(a, s)), d, high + i);
  });
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

HWY_EXPORT(RotateHead);

void Rotate(Matrix x, const RotaryTable& table, float direction, ThreadPool& pool) {
  const size_t half = table.cos.cols();
  if (table.cos.rows() != x.rows || table.sin.rows() != x.rows || table.sin.cols() != half ||
      half == 0 || x.cols % (2 * half) != 0) {
    throw ShapeError(
        fmt::format("rotary: x {}×{}, table {}×{}", x.rows, x.cols, table.cos.rows(), half));
  }
  const ConstMatrix cos = table.cos;
  const ConstMatrix sin = table.sin;
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    for (float* head = x.Row(row); head != x.Row(row) + x.cols; head += 2 * half) {
      HWY_DYNAMIC_DISPATCH(RotateHead)
      (head, head + half, cos.Row(row), sin.Row(row), direction, half);
    }
  });
}

}  // namespace

std::vector<float> InverseFrequencies(double theta, size_t dim) {
  std::vector<float> frequencies(dim / 2);
  for (size_t j = 0; j < frequencies.size(); ++j) {
    // The exponent is rounded to f32 there; the power is correctly rounded here, where torch's is
    // off by up to 3 units in the last place.
    const float exponent = static_cast<float>(2 * j) / static_cast<float>(dim);
    const auto power = static_cast<float>(std::pow(theta, static_cast<double>(exponent)));
    frequencies[j] = 1.0f / power;
  }
  return frequencies;
}

void ApplyRotary(Matrix x, const RotaryTable& table, ThreadPool& pool) {
  Rotate(x, table, 1.0f, pool);
}

void ApplyRotaryBackward(Matrix grad, const RotaryTable& table, ThreadPool& pool) {
  Rotate(grad, table, -1.0f, pool);
}

}  // namespace roentgen
#endif  // HWY_ONCE
