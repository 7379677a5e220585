#include "roentgen/kernels/low_rank.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/low_rank.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F4 = hn::CappedTag<float, 4>;

// A task's stream is short: it would be over before the processor's own prefetcher has noticed it.
constexpr size_t kFloatsAhead = 512;
constexpr size_t kLineFloats = 16;

/// Products of row and low, four chains.
HWY_INLINE hn::Vec<F4> Products(const float* row, const float* low, size_t rank) {
  const F4 d;
  auto sum = hn::Mul(hn::LoadU(d, row), hn::LoadU(d, low));
  for (size_t k = 4; k < rank; k += 4) {
    sum = hn::MulAdd(hn::LoadU(d, row + k), hn::LoadU(d, low + k), sum);
  }
  return sum;
}

/// y[n] += rows [n] of b · low, for a rank that is a multiple of 4. Four rows at a time: their
/// chains are transposed, so that one addition sums all four.
void AddRows(const float* HWY_RESTRICT b, size_t stride, const float* HWY_RESTRICT low, size_t rank,
             size_t count, float* HWY_RESTRICT y) {
  const F4 d;
  const hn::Repartition<double, F4> pairs;
  size_t n = 0;
  for (; n + 4 <= count; n += 4) {
    const float* const rows = b + n * stride;
    for (size_t at = 0; at < 4 * stride; at += kLineFloats) {
      __builtin_prefetch(rows + at + kFloatsAhead);
    }
    const auto s0 = Products(rows, low, rank);
    const auto s1 = Products(rows + stride, low, rank);
    const auto s2 = Products(rows + 2 * stride, low, rank);
    const auto s3 = Products(rows + 3 * stride, low, rank);
    const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, s0, s1));
    const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, s2, s3));
    const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, s0, s1));
    const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, s2, s3));
    const auto first = hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)),
                               hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)));
    const auto second = hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)),
                                hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)));
    hn::StoreU(hn::Add(hn::LoadU(d, y + n), hn::Add(first, second)), d, y + n);
  }
  for (; n < count; ++n) {
    const auto s = Products(b + n * stride, low, rank);
    HWY_ALIGN float lanes[4];
    hn::Store(s, d, lanes);
    y[n] += (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

#include "roentgen/base/error.h"
#include "roentgen/kernels/matmul.h"

namespace roentgen {
namespace {

HWY_EXPORT(AddRows);

constexpr size_t kTaskOutputs = 1024;

bool IsNarrow(const LowRankOutput& output) {
  return output.y.rows <= kFewRows && output.b.cols % 4 == 0 && output.b.cols > 0;
}

}  // namespace

void AddLowRankEach(std::span<const LowRankOutput> outputs, ThreadPool& pool) {
  const bool fits = std::all_of(outputs.begin(), outputs.end(), [](const LowRankOutput& output) {
    return output.low.cols == output.b.cols && output.low.rows == output.y.rows &&
           output.b.rows == output.y.cols;
  });
  if (!fits) throw ShapeError("low rank: sizes do not go together");
  if (!std::all_of(outputs.begin(), outputs.end(), IsNarrow)) {
    for (const auto& [low, b, y] : outputs) {
      MatMulAdd(low, {DType::kF32, reinterpret_cast<const std::byte*>(b.data), b.rows, b.cols}, {},
                y, pool);
    }
    return;
  }
  const auto tasks_of = [](const LowRankOutput& output) {
    return hwy::DivCeil(output.b.rows, kTaskOutputs);
  };
  size_t tasks = 0;
  for (const LowRankOutput& output : outputs) tasks += tasks_of(output);
  pool.ForEach(tasks, [&](size_t task, int) {
    auto output = outputs.begin();
    for (; task >= tasks_of(*output); ++output) task -= tasks_of(*output);
    const size_t first = task * kTaskOutputs;
    const size_t count = std::min(kTaskOutputs, output->b.rows - first);
    for (size_t t = 0; t < output->y.rows; ++t) {
      HWY_DYNAMIC_DISPATCH(AddRows)
      (output->b.Row(first), output->b.stride, output->low.Row(t), output->b.cols, count,
       output->y.Row(t) + first);
    }
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
