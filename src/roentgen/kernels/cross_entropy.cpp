#include "roentgen/kernels/cross_entropy.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/cross_entropy.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "roentgen/kernels/row_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

/// log Σ exp(row), with the largest taken out first.
float LogSumExp(const float* row, size_t width) {
  float largest = -std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < width; ++i) largest = std::max(largest, row[i]);
  const float sum = SumOver(width, [&](auto d, size_t i) HWY_ATTR {
    return hn::Exp(d, hn::Sub(hn::LoadU(d, row + i), hn::Set(d, largest)));
  });
  return largest + std::log(sum);
}

/// row = weight · exp(row − log_sum).
void WeightedSoftmax(float* row, float log_sum, float weight, size_t width) {
  ForVectors(width, [&](auto d, size_t i) HWY_ATTR {
    const auto p = hn::Exp(d, hn::Sub(hn::LoadU(d, row + i), hn::Set(d, log_sum)));
    hn::StoreU(hn::Mul(p, hn::Set(d, weight)), d, row + i);
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

HWY_EXPORT(LogSumExp);
HWY_EXPORT(WeightedSoftmax);

void CheckLabels(ConstMatrix logits, std::span<const int32_t> labels, size_t weights, size_t nll) {
  if (labels.size() != logits.rows || weights != logits.rows || nll != logits.rows) {
    throw ShapeError(fmt::format("cross-entropy: logits {}×{}, {} labels, {} weights, {} results",
                                 logits.rows, logits.cols, labels.size(), weights, nll));
  }
  for (const int32_t label : labels) {
    if (label < 0 || static_cast<size_t>(label) >= logits.cols) {
      throw ShapeError(
          fmt::format("cross-entropy: label {} in a vocabulary of {}", label, logits.cols));
    }
  }
}

}  // namespace

void CrossEntropy(ConstMatrix logits, std::span<const int32_t> labels, Vector nll,
                  ThreadPool& pool) {
  CheckLabels(logits, labels, logits.rows, nll.size());
  ForRows(pool, logits.rows, logits.cols, [&](size_t row) {
    const float log_sum = HWY_DYNAMIC_DISPATCH(LogSumExp)(logits.Row(row), logits.cols);
    nll[row] = log_sum - logits.Row(row)[labels[row]];
  });
}

void CrossEntropyBackward(Matrix logits, std::span<const int32_t> labels, ConstVector weights,
                          Vector nll, ThreadPool& pool) {
  CheckLabels(logits, labels, weights.size(), nll.size());
  ForRows(pool, logits.rows, logits.cols, [&](size_t row) {
    float* const values = logits.Row(row);
    const float log_sum = HWY_DYNAMIC_DISPATCH(LogSumExp)(values, logits.cols);
    nll[row] = log_sum - values[labels[row]];
    HWY_DYNAMIC_DISPATCH(WeightedSoftmax)(values, log_sum, weights[row], logits.cols);
    values[labels[row]] -= weights[row];
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
