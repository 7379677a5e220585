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

/// 1 / √(mean(x²) + eps).
float RmsFactor(const float* x, float eps, size_t width) {
  const float squares = SumOver(width, [&](auto d, size_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i);
    return hn::Mul(value, value);
  });
  return 1.0f / std::sqrt(squares / static_cast<float>(width) + eps);
}

void RmsNormRow(const float* x, const float* weight, float eps, size_t width, float* y) {
  const float factor = RmsFactor(x, eps, width);
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto value = hn::Mul(hn::LoadU(d, x + i), hn::Set(d, factor));
    hn::StoreU(hn::Mul(value, hn::LoadU(d, weight + i)), d, y + i);
  });
}

/// How a row was normalised: (x − mean) · factor.
struct RowScale {
  float mean;
  float factor;
};

RowScale LayerNormScale(const float* x, float eps, size_t width) {
  const float count = static_cast<float>(width);
  const float mean =
      SumOver(width, [&](auto d, size_t i) HWY_ATTR { return hn::LoadU(d, x + i); }) / count;
  // Two passes: subtracting the mean first keeps the variance of a row far from zero exact.
  const float squares = SumOver(width, [&](auto d, size_t i) HWY_ATTR {
    const auto centred = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
    return hn::Mul(centred, centred);
  });
  return {mean, 1.0f / std::sqrt(squares / count + eps)};
}

template <class D>
HWY_INLINE hn::Vec<D> Normalised(D d, const float* x, RowScale scale) {
  return hn::Mul(hn::Sub(hn::LoadU(d, x), hn::Set(d, scale.mean)), hn::Set(d, scale.factor));
}

void LayerNormRow(const float* x, const float* weight, const float* bias, float eps, size_t width,
                  float* y) {
  const RowScale scale = LayerNormScale(x, eps, width);
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto value = Normalised(d, x + i, scale);
    hn::StoreU(hn::MulAdd(value, hn::LoadU(d, weight + i), hn::LoadU(d, bias + i)), d, y + i);
  });
}

/// With n the normalised row and g = grad_y · weight:
/// grad_x += factor · (g − mean(g) − n · mean(g · n)), where RMS norm lacks the middle term.
void AddInputGradient(const float* grad_y, const float* x, const float* weight, RowScale scale,
                      bool centred, size_t width, float* grad_x) {
  const auto weighted = [&](auto d, size_t i) HWY_ATTR {
    return hn::Mul(hn::LoadU(d, grad_y + i), hn::LoadU(d, weight + i));
  };
  const float count = static_cast<float>(width);
  const float mean = centred ? SumOver(width, weighted) / count : 0.0f;
  const float along = SumOver(width,
                              [&](auto d, size_t i) HWY_ATTR {
                                return hn::Mul(weighted(d, i), Normalised(d, x + i, scale));
                              }) /
                      count;
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto away = hn::Sub(weighted(d, i), hn::Set(d, mean));
    const auto inner = hn::NegMulAdd(Normalised(d, x + i, scale), hn::Set(d, along), away);
    hn::StoreU(hn::MulAdd(inner, hn::Set(d, scale.factor), hn::LoadU(d, grad_x + i)), d,
               grad_x + i);
  });
}

float RmsNormBackwardRow(const float* grad_y, const float* x, const float* weight, float eps,
                         size_t width, float* grad_x) {
  const RowScale scale{0.0f, RmsFactor(x, eps, width)};
  AddInputGradient(grad_y, x, weight, scale, /*centred=*/false, width, grad_x);
  return scale.factor;
}

void LayerNormBackwardRow(const float* grad_y, const float* x, const float* weight, float eps,
                          size_t width, float* grad_x, float* mean, float* factor) {
  const RowScale scale = LayerNormScale(x, eps, width);
  AddInputGradient(grad_y, x, weight, scale, /*centred=*/true, width, grad_x);
  *mean = scale.mean;
  *factor = scale.factor;
}

/// sums[i] += grad_y[i] · (x[i] − mean) · factor.
void AddWeightGradient(const float* grad_y, const float* x, float mean, float factor, size_t width,
                       float* sums) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto value = Normalised(d, x + i, {mean, factor});
    hn::StoreU(hn::MulAdd(value, hn::LoadU(d, grad_y + i), hn::LoadU(d, sums + i)), d, sums + i);
  });
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/kernels/column_sums.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

HWY_EXPORT(RmsNormRow);
HWY_EXPORT(LayerNormRow);
HWY_EXPORT(RmsNormBackwardRow);
HWY_EXPORT(LayerNormBackwardRow);
HWY_EXPORT(AddWeightGradient);

void CheckShapes(ConstMatrix x, size_t weight, size_t bias, ConstMatrix y) {
  if (x.cols != weight || x.cols != bias || y.cols != x.cols || y.rows != x.rows) {
    throw ShapeError(fmt::format("norm: x {}×{}, weight {}, bias {}, y {}×{}", x.rows, x.cols,
                                 weight, bias, y.rows, y.cols));
  }
}

void CheckGradientShapes(ConstMatrix grad_y, ConstMatrix x, ConstVector weight, ConstMatrix grad_x,
                         ConstVector grad_weight) {
  CheckShapes(x, weight.size(), weight.size(), grad_y);
  CheckShapes(x, weight.size(), grad_weight.empty() ? weight.size() : grad_weight.size(), grad_x);
}

/// grad_weight += Σ over rows of grad_y · (x − mean) · factor; each task takes its own columns.
void WeightGradient(ConstMatrix grad_y, ConstMatrix x, ConstVector means, ConstVector factors,
                    Vector grad_weight, ThreadPool& pool) {
  constexpr size_t kColumns = 64;
  pool.ForEach((x.cols + kColumns - 1) / kColumns, [&](size_t task, int) {
    const size_t begin = task * kColumns;
    const size_t count = std::min(kColumns, x.cols - begin);
    for (size_t row = 0; row < x.rows; ++row) {
      HWY_DYNAMIC_DISPATCH(AddWeightGradient)
      (grad_y.Row(row) + begin, x.Row(row) + begin, means.empty() ? 0.0f : means[row], factors[row],
       count, grad_weight.data() + begin);
    }
  });
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

void RmsNormBackward(ConstMatrix grad_y, ConstMatrix x, ConstVector weight, float eps,
                     Matrix grad_x, Vector grad_weight, ThreadPool& pool) {
  CheckGradientShapes(grad_y, x, weight, grad_x, grad_weight);
  std::vector<float> factors(x.rows);
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    factors[row] = HWY_DYNAMIC_DISPATCH(RmsNormBackwardRow)(
        grad_y.Row(row), x.Row(row), weight.data(), eps, x.cols, grad_x.Row(row));
  });
  if (!grad_weight.empty()) WeightGradient(grad_y, x, {}, factors, grad_weight, pool);
}

void LayerNormBackward(ConstMatrix grad_y, ConstMatrix x, ConstVector weight, float eps,
                       Matrix grad_x, Vector grad_weight, Vector grad_bias, ThreadPool& pool) {
  CheckGradientShapes(grad_y, x, weight, grad_x, grad_weight);
  std::vector<float> means(x.rows);
  std::vector<float> factors(x.rows);
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    HWY_DYNAMIC_DISPATCH(LayerNormBackwardRow)
    (grad_y.Row(row), x.Row(row), weight.data(), eps, x.cols, grad_x.Row(row), &means[row],
     &factors[row]);
  });
  if (!grad_weight.empty()) WeightGradient(grad_y, x, means, factors, grad_weight, pool);
  if (!grad_bias.empty()) AddColumnSums(grad_y, grad_bias, pool);
}

}  // namespace roentgen
#endif  // HWY_ONCE
