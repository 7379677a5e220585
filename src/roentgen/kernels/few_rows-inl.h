// The product of one to kFewRows rows, which a decoding step is made of: weights are read once, in
// the order in which they lie, and everything else hides behind that. Included once per instruction
// set.

#if defined(ROENTGEN_KERNELS_FEW_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ROENTGEN_KERNELS_FEW_ROWS_INL_H_
#undef ROENTGEN_KERNELS_FEW_ROWS_INL_H_
#else
#define ROENTGEN_KERNELS_FEW_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "roentgen/base/thread_pool.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/tensor/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The tokens' values of a block of inputs, at most 18 KiB, stay in the first-level cache while the
// block's weights of one row after the other stream past: the down projection's 8,960 values would
// push each other out. Since the stream then jumps from row to row, where the processor's own
// prefetcher loses it, each row fetches the next one's block into the second-level cache (measured
// on Zen 4, one core: 21 GB/s instead of 12 for 8,960 inputs, and no loss for 1,536).
constexpr size_t kBlockValues = 4608;

// A chunk is what one load of two vectors of floats' worth of weights covers. How it is widened
// decides the order in which the tokens' values must lie: for bf16, even and odd inputs apart,
// since a shift and a mask are all that widening costs then.
struct StreamBf16 {
  using Element = BFloat16;
  template <class D, class V>
  HWY_INLINE static void Load(D d, const std::byte* from, V& first, V& second) {
    const hn::Repartition<uint16_t, D> d16;
    const hn::RebindToUnsigned<D> du;
    const auto pairs = hn::BitCast(du, hn::LoadU(d16, reinterpret_cast<const uint16_t*>(from)));
    first = hn::BitCast(d, hn::ShiftLeft<16>(pairs));
    second = hn::BitCast(d, hn::And(pairs, hn::Set(du, 0xffff0000u)));
  }
  static size_t InputAt(size_t place, size_t lanes) {
    return place < lanes ? 2 * place : 2 * (place - lanes) + 1;
  }
};

struct StreamF16 {
  using Element = Float16;
  template <class D, class V>
  HWY_INLINE static void Load(D d, const std::byte* from, V& first, V& second) {
    const hn::Rebind<uint16_t, D> d16;
    const hn::Rebind<hwy::float16_t, D> half;
    const auto* at = reinterpret_cast<const uint16_t*>(from);
    first = hn::PromoteTo(d, hn::BitCast(half, hn::LoadU(d16, at)));
    second = hn::PromoteTo(d, hn::BitCast(half, hn::LoadU(d16, at + hn::Lanes(d))));
  }
  static size_t InputAt(size_t place, size_t /*lanes*/) { return place; }
};

struct StreamF32 {
  using Element = float;
  template <class D, class V>
  HWY_INLINE static void Load(D d, const std::byte* from, V& first, V& second) {
    first = hn::LoadU(d, reinterpret_cast<const float*>(from));
    second = hn::LoadU(d, reinterpret_cast<const float*>(from) + hn::Lanes(d));
  }
  static size_t InputAt(size_t place, size_t /*lanes*/) { return place; }
};

inline float ToFloat(float value) {
  return value;
}
using roentgen::ToFloat;

/// sums[t] += weights · values of token t, for `count` weights of one row; prefetches those of the
/// next row, `row_bytes` on. Values lie in chunk order; four chains per token, added in a fixed
/// order.
template <class Stream, size_t kTokens>
HWY_INLINE void AddRowDots(const std::byte* HWY_RESTRICT row, size_t row_bytes,
                           const float* HWY_RESTRICT values, size_t count, size_t padded,
                           float* HWY_RESTRICT sums) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  using Element = typename Stream::Element;
  const size_t lanes = hn::Lanes(d);
  const size_t chunk = 2 * lanes;
  V sum[kTokens][4];
  HWY_UNROLL(4)
  for (size_t t = 0; t < kTokens; ++t) {
    sum[t][0] = sum[t][1] = sum[t][2] = sum[t][3] = hn::Zero(d);
  }
  const auto add_chunk = [&](size_t at, size_t chain) HWY_ATTR {
    const std::byte* from = row + at * sizeof(Element);
    __builtin_prefetch(from + row_bytes, /*write=*/0, /*second-level cache*/ 2);
    V first;
    V second;
    Stream::Load(d, from, first, second);
    HWY_UNROLL(4)
    for (size_t t = 0; t < kTokens; ++t) {
      const float* x = values + t * padded + at;
      sum[t][chain] = hn::MulAdd(first, hn::Load(d, x), sum[t][chain]);
      sum[t][chain + 1] = hn::MulAdd(second, hn::Load(d, x + lanes), sum[t][chain + 1]);
    }
  };
  size_t k = 0;
  for (; k + 2 * chunk <= count; k += 2 * chunk) {
    add_chunk(k, 0);
    add_chunk(k + chunk, 2);
  }
  if (k + chunk <= count) {
    add_chunk(k, 0);
    k += chunk;
  }
  HWY_UNROLL(4)
  for (size_t t = 0; t < kTokens; ++t) {
    const V all = hn::Add(hn::Add(sum[t][0], sum[t][1]), hn::Add(sum[t][2], sum[t][3]));
    float total = hn::GetLane(hn::SumOfLanes(d, all));
    for (size_t i = k; i < count; ++i) {  // the last values lie in their own order
      Element element;
      std::memcpy(&element, row + i * sizeof(Element), sizeof(element));
      total += ToFloat(element) * values[t * padded + i];
    }
    sums[t] += total;
  }
}

/// The tokens' values in chunk order, `padded` apart.
template <class Stream>
void ArrangeValues(ConstMatrix x, size_t padded, float* values) {
  const size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  for (size_t t = 0; t < x.rows; ++t) {
    const float* from = x.Row(t);
    float* to = values + t * padded;
    size_t k = 0;
    for (; k + 2 * lanes <= x.cols; k += 2 * lanes) {
      for (size_t i = 0; i < 2 * lanes; ++i) to[k + i] = from[k + Stream::InputAt(i, lanes)];
    }
    for (; k < x.cols; ++k) to[k] = from[k];
  }
}

template <class Stream, size_t kTokens>
void FewRowsOf(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, bool add, Matrix y,
               ThreadPool& pool) {
  const size_t chunk = 2 * hn::Lanes(hn::ScalableTag<float>());
  const size_t inputs = x.cols;
  const size_t padded = hwy::RoundUpTo(inputs, chunk);
  static thread_local Scratch scratch;
  float* const values = scratch.Floats(kTokens * padded);
  ArrangeValues<Stream>(x, padded, values);

  const size_t blocks = hwy::DivCeil(kTokens * inputs, kBlockValues);
  const size_t block = hwy::RoundUpTo(hwy::DivCeil(inputs, blocks), chunk);
  // A task reads about 128 KiB: microseconds, so that threads finish together.
  constexpr size_t kMaxTaskRows = 128;
  const size_t task_rows =
      std::clamp<size_t>((size_t{128} << 10) / weight.RowBytes(), 1, kMaxTaskRows);
  pool.ForEach(hwy::DivCeil(weight.rows, task_rows), [&](size_t task, int) {
    const size_t first = task * task_rows;
    const size_t rows = std::min(task_rows, weight.rows - first);
    float sums[kMaxTaskRows][kTokens];
    for (size_t r = 0; r < rows; ++r) {
      std::fill_n(sums[r], kTokens, bias.empty() ? 0.0f : bias[first + r]);
    }
    for (size_t begin = 0; begin < inputs; begin += block) {
      for (size_t r = 0; r < rows; ++r) {
        AddRowDots<Stream, kTokens>(
            weight.Row(first + r) + begin * sizeof(typename Stream::Element), weight.RowBytes(),
            values + begin, std::min(block, inputs - begin), padded, sums[r]);
      }
    }
    for (size_t r = 0; r < rows; ++r) {
      for (size_t t = 0; t < kTokens; ++t) {
        float& out = y.Row(t)[first + r];
        out = add ? out + sums[r][t] : sums[r][t];
      }
    }
  });
}

template <class Stream>
void FewRowsOfType(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, bool add, Matrix y,
                   ThreadPool& pool) {
  static_assert(kFewRows == 4);
  switch (x.rows) {
    case 1:
      return FewRowsOf<Stream, 1>(x, weight, bias, add, y, pool);
    case 2:
      return FewRowsOf<Stream, 2>(x, weight, bias, add, y, pool);
    case 3:
      return FewRowsOf<Stream, 3>(x, weight, bias, add, y, pool);
    default:
      return FewRowsOf<Stream, 4>(x, weight, bias, add, y, pool);
  }
}

inline void FewRows(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, bool add, Matrix y,
                    ThreadPool& pool) {
  switch (weight.dtype) {
    case DType::kBF16:
      return FewRowsOfType<StreamBf16>(x, weight, bias, add, y, pool);
    case DType::kF16:
      return FewRowsOfType<StreamF16>(x, weight, bias, add, y, pool);
    default:
      return FewRowsOfType<StreamF32>(x, weight, bias, add, y, pool);
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // per-target include guard
