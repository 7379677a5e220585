#include "roentgen/kernels/norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/norm.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>

#include "roentgen/kernels/row_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

void RmsNormRow(const float* x, const float* weight, float eps, size_t width, float* y) {
  const float squares = SumOver(width, [&](auto d, size_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i);
    return hn::Mul(value, value);
  });
  const float factor = 1.0f / std::sqrt(squares / static_cast<float>(width) + eps);
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto value = hn::Mul(hn::LoadU(d, x + i), hn::Set(d, factor));
    hn::StoreU(hn::Mul(value, hn::LoadU(d, weight + i)), d, y + i);
  });
}

void LayerNormRow(const float* x, const float* weight, const float* bias, float eps, size_t width,
                  float* y) {
  const float count = static_cast<float>(width);
  const float mean =
      SumOver(width, [&](auto d, size_t i) HWY_ATTR { return hn::LoadU(d, x + i); }) / count;
  // Two passes: subtracting the mean first keeps the variance of a row far from zero exact.
  const float squares = SumOver(width, [&](auto d, size_t i) HWY_ATTR {
    const auto centred = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
    return hn::Mul(centred, centred);
  });
  const float factor = 1.0f / std::sqrt(squares / count + eps);
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto centred = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
    const auto value = hn::Mul(centred, hn::Set(d, factor));
    hn::StoreU(hn::MulAdd(value, hn::LoadU(d, weight + i), hn::LoadU(d, bias + i)), d, y + i);
  });
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include "roentgen/base/error.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

HWY_EXPORT(RmsNormRow);
HWY_EXPORT(LayerNormRow);

void CheckShapes(ConstMatrix x, size_t weight, size_t bias, ConstMatrix y) {
  if (x.cols != weight || x.cols != bias || y.cols != x.cols || y.rows != x.rows) {
    throw ShapeError(fmt::format("norm: x {}×{}, weight {}, bias {}, y {}×{}", x.rows, x.cols,
                                 weight, bias, y.rows, y.cols));
  }
}

}  // namespace

void RmsNorm(ConstMatrix x, ConstVector weight, float eps, Matrix y, ThreadPool& pool) {
  CheckShapes(x, weight.size(), weight.size(), y);
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(RmsNormRow)(x.Row(row), weight.data(), eps, x.cols, y.Row(row));
  });
}

void LayerNorm(ConstMatrix x, ConstVector weight, ConstVector bias, float eps, Matrix y,
               ThreadPool& pool) {
  CheckShapes(x, weight.size(), bias.size(), y);
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(LayerNormRow)
    (x.Row(row), weight.data(), bias.data(), eps, x.cols, y.Row(row));
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
