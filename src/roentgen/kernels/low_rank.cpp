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
using F8 = hn::CappedTag<float, 8>;  // 4 where vectors are no wider

/// Products of row and low, summed into as many chains as D has lanes.
template <class D>
HWY_INLINE hn::Vec<D> Products(D d, const float* row, const float* low, size_t rank) {
  auto sum = hn::Mul(hn::LoadU(d, row), hn::LoadU(d, low));
  for (size_t k = hn::Lanes(d); k < rank; k += hn::Lanes(d)) {
    sum = hn::MulAdd(hn::LoadU(d, row + k), hn::LoadU(d, low + k), sum);
  }
  return sum;
}

/// Of the products of four rows: in each block of four lanes the rows' sums of that block.
template <class D>
HWY_INLINE hn::Vec<D> SumsOfBlocks(D d, const float* rows, size_t stride, const float* low,
                                   size_t rank) {
  const hn::Repartition<double, D> pairs;
  const auto s0 = Products(d, rows, low, rank);
  const auto s1 = Products(d, rows + stride, low, rank);
  const auto s2 = Products(d, rows + 2 * stride, low, rank);
  const auto s3 = Products(d, rows + 3 * stride, low, rank);
  const auto sum01 = hn::Add(hn::InterleaveLower(d, s0, s1), hn::InterleaveUpper(d, s0, s1));
  const auto sum23 = hn::Add(hn::InterleaveLower(d, s2, s3), hn::InterleaveUpper(d, s2, s3));
  const auto pairs01 = hn::BitCast(pairs, sum01);
  const auto pairs23 = hn::BitCast(pairs, sum23);
  return hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, pairs01, pairs23)),
                 hn::BitCast(d, hn::InterleaveUpper(pairs, pairs01, pairs23)));
}

/// y[n] += rows [n] of b · low, for a rank that is a multiple of D's lanes: as many rows at a time.
/// Returns how many rows that were.
template <class D>
HWY_INLINE size_t AddWholeBlocks(D d, const float* HWY_RESTRICT b, size_t stride,
                                 const float* HWY_RESTRICT low, size_t rank, size_t count,
                                 float* HWY_RESTRICT y) {
  const size_t lanes = hn::Lanes(d);
  size_t n = 0;
  for (; n + lanes <= count; n += lanes) {
    auto sums = SumsOfBlocks(d, b + n * stride, stride, low, rank);
    if constexpr (hn::MaxLanes(D()) == 8) {
      const auto next = SumsOfBlocks(d, b + (n + 4) * stride, stride, low, rank);
      sums = hn::Add(hn::ConcatLowerLower(d, next, sums), hn::ConcatUpperUpper(d, next, sums));
    }
    hn::StoreU(hn::Add(hn::LoadU(d, y + n), sums), d, y + n);
  }
  return n;
}

/// y[n] += rows [n] of b · low, for a rank that is a multiple of 4.
void AddRows(const float* HWY_RESTRICT b, size_t stride, const float* HWY_RESTRICT low, size_t rank,
             size_t count, float* HWY_RESTRICT y) {
  size_t n = 0;
  if constexpr (hn::MaxLanes(F8()) == 8) {
    if (rank % 8 == 0) n = AddWholeBlocks(F8(), b, stride, low, rank, count, y);
  }
  n += AddWholeBlocks(F4(), b + n * stride, stride, low, rank, count - n, y + n);
  for (; n < count; ++n) {
    const auto s = Products(F4(), b + n * stride, low, rank);
    y[n] += hn::GetLane(hn::SumOfLanes(F4(), s));
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

#include "roentgen/base/error.h"
#include "roentgen/kernels/fetch_lines.h"
#include "roentgen/kernels/matmul.h"

namespace roentgen {
namespace {

HWY_EXPORT(AddRows);

constexpr size_t kTaskOutputs = 1024;

}  // namespace

bool IsNarrow(const LowRankOutput& output) {
  return output.y.rows <= kFewRows && output.b.cols % 4 == 0 && output.b.cols > 0;
}

void FetchLowRankRows(const LowRankOutput& output, size_t first, size_t count) {
  FetchLines<2>(output.b.Row(first), count * output.b.stride * sizeof(float));
}

void AddLowRankRows(const LowRankOutput& output, size_t first, size_t count) {
  for (size_t t = 0; t < output.y.rows; ++t) {
    HWY_DYNAMIC_DISPATCH(AddRows)
    (output.b.Row(first), output.b.stride, output.low.Row(t), output.b.cols, count,
     output.y.Row(t) + first);
  }
}

void AddLowRankEach(std::span<const LowRankOutput> outputs, ThreadPool& pool) {
  const bool fits = std::all_of(outputs.begin(), outputs.end(), [](const LowRankOutput& output) {
    return output.low.cols == output.b.cols && output.low.rows == output.y.rows &&
           output.b.rows == output.y.cols;
  });
  if (!fits) throw ShapeError("low rank: sizes do not go together");
  if (!std::all_of(outputs.begin(), outputs.end(), IsNarrow)) {
    for (const auto& [low, b, y] : outputs) {
      MatMulAdd(low, AsWeights(b), {}, y, pool);
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
    FetchLowRankRows(*output, first, count);
    AddLowRankRows(*output, first, count);
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
