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
#include <span>

#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/product_tasks.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/tensor/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// As many values stay in the first-level cache while the weights stream past.
constexpr size_t kCachedValues = 6144;

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
  /// The input at a place of a chunk of 2 · lanes.
  static size_t InputAt(size_t place, size_t lanes) {
    return place < lanes ? 2 * place : 2 * (place - lanes) + 1;
  }
  static constexpr bool kInOrder = false;
  template <class D>
  HWY_INLINE static hn::Vec<D> LoadInOrder(D d, const std::byte* from) {
    const hn::Rebind<uint16_t, D> d16;
    const hn::RebindToUnsigned<D> du;
    const auto bits = hn::LoadU(d16, reinterpret_cast<const uint16_t*>(from));
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, bits)));
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
  static constexpr bool kInOrder = true;
  template <class D>
  HWY_INLINE static hn::Vec<D> LoadInOrder(D d, const std::byte* from) {
    const hn::Rebind<uint16_t, D> d16;
    const hn::Rebind<hwy::float16_t, D> half;
    return hn::PromoteTo(
        d, hn::BitCast(half, hn::LoadU(d16, reinterpret_cast<const uint16_t*>(from))));
  }
};

struct StreamF32 {
  using Element = float;
  template <class D, class V>
  HWY_INLINE static void Load(D d, const std::byte* from, V& first, V& second) {
    first = hn::LoadU(d, reinterpret_cast<const float*>(from));
    second = hn::LoadU(d, reinterpret_cast<const float*>(from) + hn::Lanes(d));
  }
  static constexpr bool kInOrder = true;
  template <class D>
  HWY_INLINE static hn::Vec<D> LoadInOrder(D d, const std::byte* from) {
    return hn::LoadU(d, reinterpret_cast<const float*>(from));
  }
};

inline float ToFloat(float value) {
  return value;
}
using roentgen::ToFloat;

/// sums[r * kTokens + t] += row r of the weights · values of token t. Values lie in chunk order,
/// those of a token `stride` after those of the one before.
///
/// Each sum is two chains, or four where it is the only one: fewer would wait for their own
/// multiply-adds. Several rows share what is loaded of the values. They are as many streams then,
/// which the processor's own prefetcher follows badly, so each fetches what the next rows have
/// there into the second-level cache.
template <class Stream, size_t kTokens, size_t kRows>
HWY_INLINE void AddRowDots(const std::byte* HWY_RESTRICT weights, size_t row_bytes,
                           const float* HWY_RESTRICT values, size_t inputs, size_t stride,
                           float* HWY_RESTRICT sums) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  using Element = typename Stream::Element;
  constexpr size_t kSums = kRows * kTokens;
  constexpr size_t kChains = kSums == 1 ? 4 : 2;
  const size_t lanes = hn::Lanes(d);
  const size_t chunk = 2 * lanes;
  V sum[kSums][kChains];
  HWY_UNROLL(4)
  for (size_t i = 0; i < kSums; ++i) {
    HWY_UNROLL(4)
    for (size_t chain = 0; chain < kChains; ++chain) sum[i][chain] = hn::Zero(d);
  }
  const auto add_chunk = [&](size_t r, size_t at, size_t chain) HWY_ATTR {
    const std::byte* from = weights + r * row_bytes + at * sizeof(Element);
    if (kRows > 1) {
      __builtin_prefetch(from + kRows * row_bytes, /*write=*/0, /*second-level cache*/ 2);
    }
    V first;
    V second;
    Stream::Load(d, from, first, second);
    HWY_UNROLL(4)
    for (size_t t = 0; t < kTokens; ++t) {
      const float* x = values + t * stride + at;
      V* const chains = sum[r * kTokens + t] + chain % kChains;
      chains[0] = hn::MulAdd(first, hn::LoadU(d, x), chains[0]);
      chains[1] = hn::MulAdd(second, hn::LoadU(d, x + lanes), chains[1]);
    }
  };
  size_t k = 0;
  for (; k + 2 * chunk <= inputs; k += 2 * chunk) {
    HWY_UNROLL(4)
    for (size_t r = 0; r < kRows; ++r) {
      add_chunk(r, k, 0);
      add_chunk(r, k + chunk, 2);
    }
  }
  if (k + chunk <= inputs) {
    HWY_UNROLL(4)
    for (size_t r = 0; r < kRows; ++r) add_chunk(r, k, 0);
    k += chunk;
  }
  HWY_UNROLL(4)
  for (size_t i = 0; i < kSums; ++i) {
    V all = hn::Add(sum[i][0], sum[i][1]);
    if (kChains == 4) all = hn::Add(all, hn::Add(sum[i][2], sum[i][3]));
    const std::byte* row = weights + i / kTokens * row_bytes;
    const float* x = values + i % kTokens * stride;
    // The last values lie in their own order. A low rank has no others.
    const hn::CappedTag<float, 4> d4;
    size_t rest = k;
    auto last = hn::Zero(d4);
    for (; rest + 4 <= inputs; rest += 4) {
      last = hn::MulAdd(Stream::LoadInOrder(d4, row + rest * sizeof(Element)),
                        hn::LoadU(d4, x + rest), last);
    }
    float total = hn::GetLane(hn::SumOfLanes(d4, last));
    if (k > 0) total += hn::GetLane(hn::SumOfLanes(d, all));
    for (; rest < inputs; ++rest) {
      Element element;
      std::memcpy(&element, row + rest * sizeof(Element), sizeof(element));
      total += ToFloat(element) * x[rest];
    }
    sums[i] += total;
  }
}

/// The tokens' values in chunk order, `stride` apart.
template <class Stream>
void ArrangeValues(ConstMatrix x, size_t stride, float* values) {
  const size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  for (size_t t = 0; t < x.rows; ++t) {
    const float* from = x.Row(t);
    float* to = values + t * stride;
    size_t k = 0;
    for (; k + 2 * lanes <= x.cols; k += 2 * lanes) {
      for (size_t i = 0; i < 2 * lanes; ++i) to[k + i] = from[k + Stream::InputAt(i, lanes)];
    }
    for (; k < x.cols; ++k) to[k] = from[k];
  }
}

constexpr size_t kMaxTaskRows = 128;

/// Rows [first, first + rows) of one output's weights, kRowsAtOnce of them together past the
/// values; those left over, one by one.
template <class Stream, size_t kTokens, size_t kRowsAtOnce>
void FewRowsTask(const MatMulOutput& output, size_t first, size_t rows, const float* values,
                 size_t stride) {
  const size_t inputs = output.weight.cols;
  const size_t row_bytes = output.weight.RowBytes();
  float sums[kMaxTaskRows][kTokens];
  for (size_t r = 0; r < rows; ++r) {
    std::fill_n(sums[r], kTokens, output.bias.empty() ? 0.0f : output.bias[first + r]);
  }
  const std::byte* const weights = output.weight.Row(first);
  size_t r = 0;
  for (; r + kRowsAtOnce <= rows; r += kRowsAtOnce) {
    AddRowDots<Stream, kTokens, kRowsAtOnce>(weights + r * row_bytes, row_bytes, values, inputs,
                                             stride, sums[r]);
  }
  for (; r < rows; ++r) {
    AddRowDots<Stream, kTokens, 1>(weights + r * row_bytes, row_bytes, values, inputs, stride,
                                   sums[r]);
  }
  for (r = 0; r < rows; ++r) {
    for (size_t t = 0; t < kTokens; ++t) {
      float& out = output.y.Row(t)[first + r];
      out = output.add ? out + sums[r][t] : sums[r][t];
    }
  }
}

template <class Stream, size_t kTokens, size_t kRowsAtOnce>
ProductTasks FewRowsOf(ConstMatrix x, std::span<const MatMulOutput> outputs) {
  const float* values = x.data;
  size_t stride = x.stride;
  if constexpr (!Stream::kInOrder) {
    static thread_local Scratch scratch;
    stride = hwy::RoundUpTo(x.cols, 2 * hn::Lanes(hn::ScalableTag<float>()));
    float* const arranged = scratch.Floats(kTokens * stride);
    ArrangeValues<Stream>(x, stride, arranged);
    values = arranged;
  }

  // A task reads about 128 KiB: microseconds, so that threads finish together.
  const size_t row_bytes = outputs.front().weight.RowBytes();
  const size_t task_rows = std::min(
      kMaxTaskRows, hwy::RoundUpTo(hwy::DivCeil(size_t{128} << 10, row_bytes), kRowsAtOnce));
  const auto tasks_of = [task_rows](const MatMulOutput& output) {
    return hwy::DivCeil(output.weight.rows, task_rows);
  };
  ProductTasks tasks;
  for (const MatMulOutput& output : outputs) tasks.count += tasks_of(output);
  tasks.outputs = [=](size_t task) -> TaskOutputs {
    auto output = outputs.begin();
    for (; task >= tasks_of(*output); ++output) task -= tasks_of(*output);
    const size_t first = task * task_rows;
    return {&*output, first, std::min(task_rows, output->weight.rows - first)};
  };
  tasks.run = [=](const TaskOutputs& made) {
    FewRowsTask<Stream, kTokens, kRowsAtOnce>(*made.product, made.first, made.count, values,
                                              stride);
  };
  return tasks;
}

/// One row of the weights after the other is one stream, the fastest way to read. Values that the
/// first-level cache cannot hold would be read again for each row, though, twice the bytes of the
/// weights: four rows then share them (measured on Zen 4, two threads, 8,960 inputs: 48 GB/s
/// instead of 26, where 1,536 inputs reach 54).
template <class Stream, size_t kTokens>
ProductTasks FewRowsOf(ConstMatrix x, std::span<const MatMulOutput> outputs) {
  if (kTokens * x.cols <= kCachedValues) return FewRowsOf<Stream, kTokens, 1>(x, outputs);
  return FewRowsOf<Stream, kTokens, std::max<size_t>(1, kFewRows / kTokens)>(x, outputs);
}

template <class Stream>
ProductTasks FewRowsOfType(ConstMatrix x, std::span<const MatMulOutput> outputs) {
  static_assert(kFewRows == 4);
  switch (x.rows) {
    case 1:
      return FewRowsOf<Stream, 1>(x, outputs);
    case 2:
      return FewRowsOf<Stream, 2>(x, outputs);
    case 3:
      return FewRowsOf<Stream, 3>(x, outputs);
    default:
      return FewRowsOf<Stream, 4>(x, outputs);
  }
}

/// outputs: at least one, with weights of one type. They and x must live until the tasks are done;
/// those of an earlier call with another x must be done.
inline ProductTasks FewRows(ConstMatrix x, std::span<const MatMulOutput> outputs) {
  switch (outputs.front().weight.dtype) {
    case DType::kBF16:
      return FewRowsOfType<StreamBf16>(x, outputs);
    case DType::kF16:
      return FewRowsOfType<StreamF16>(x, outputs);
    default:
      return FewRowsOfType<StreamF32>(x, outputs);
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // per-target include guard
