// Attention whose lanes are query rows: a key's or a value's elements are broadcast from where they
// lie, and the softmax over keys is lane-wise.
//
// The query heads that share a key head are rows of the same unit: row = token · group + head in
// the group. A decoding step of Qwen2-VL-2B thus reads each key once for six heads.

#include "roentgen/kernels/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/attention.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "roentgen/kernels/attention_unit.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

// Whole tiles of 12 and of 6 rows; keys of 80 values and their scores for 32 rows are 30 and 12
// KiB, near the first-level cache.
constexpr size_t kKeyBlock = 96;

/// The softmax of one unit of rows as far as its keys have passed (Milakov & Gimelshein 2018). All
/// arrays have the unit's rows as their fast index, kVectors vectors of them.
template <size_t kVectors>
class UnitState {
 public:
  UnitState(const AttentionUnit& unit, size_t head_dim)
      : unit_(unit), head_dim_(head_dim), width_(kVectors * hn::Lanes(F32())) {
    static thread_local Scratch scratch;
    query_ = scratch.Floats((2 * head_dim + kKeyBlock + 2) * width_);
    output_ = query_ + head_dim * width_;
    scores_ = output_ + head_dim * width_;
    largest_ = scores_ + kKeyBlock * width_;
    sum_ = largest_ + width_;
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    for (size_t k = 0; k < head_dim; ++k) {
      for (size_t r = 0; r < width_; ++r) {
        query_[k * width_ + r] = r < unit.rows ? unit.In(unit.input->q, r)[k] * scale : 0.0f;
      }
    }
    std::fill_n(output_, head_dim * width_, 0.0f);
    std::fill_n(largest_, width_, -std::numeric_limits<float>::infinity());
    std::fill_n(sum_, width_, 0.0f);
  }

  /// Takes in keys and values of tokens [first, first + count), count ≤ kKeyBlock. With causal set,
  /// a row sees only tokens up to its own.
  void Add(const float* keys, size_t key_stride, const float* values, size_t value_stride,
           size_t first, size_t count, bool causal) {
    for (size_t j = 0; j < count; j += kTileRows) {
      if (kVectors == 1) {
        Prefetch(keys + (j + kTileRows) * key_stride, key_stride);
        Prefetch(values + j * value_stride, value_stride);
      }
      WithConstantRows(std::min(kTileRows, count - j), [&]<size_t kRows>() HWY_ATTR {
        Scores<kRows>(keys + j * key_stride, key_stride, scores_ + j * width_);
      });
    }
    if (causal && first + count > unit_.Token(0) + 1) Mask(first, count);
    Normalise(count);
    for (size_t j = 0; j < head_dim_; j += kTileRows) {
      WithConstantRows(std::min(kTileRows, head_dim_ - j), [&]<size_t kRows>() HWY_ATTR {
        Outputs<kRows>(values + j, value_stride, count, output_ + j * width_);
      });
    }
  }

  void Finish() const {
    for (size_t r = 0; r < unit_.rows; ++r) {
      float* out = unit_.In(unit_.input->out, r);
      const float factor = 1.0f / sum_[r];
      for (size_t k = 0; k < head_dim_; ++k) out[k] = output_[k * width_ + r] * factor;
      if (unit_.input->log_sums.data == nullptr) continue;
      unit_.ValueIn(unit_.input->log_sums, r) = largest_[r] + std::log(sum_[r]);
    }
  }

 private:
  /// A decoding step does little with each key and value: fetching them is what it waits for, and
  /// many short rows side by side are no stream that the processor would foresee.
  HWY_INLINE void Prefetch(const float* rows, size_t stride) const {
    constexpr size_t kLineFloats = 64 / sizeof(float);
    for (size_t r = 0; r < kTileRows; ++r) {
      for (size_t k = 0; k < head_dim_; k += kLineFloats) {
        __builtin_prefetch(rows + r * stride + k, /*write=*/0, /*second-level cache*/ 2);
      }
    }
  }

  template <size_t kRows>
  HWY_INLINE void Scores(const float* keys, size_t stride, float* scores) const {
    VF32 sums[kRows][kVectors];
    TileSums([&](size_t r, size_t k) HWY_ATTR { return keys[r * stride + k]; }, query_, head_dim_,
             sums);
    ForTile<kRows>([&](size_t r, size_t v, size_t at)
                       HWY_ATTR { hn::Store(sums[r][v], F32(), scores + at); });
  }

  template <size_t kRows>
  HWY_INLINE void Outputs(const float* values, size_t stride, size_t count, float* output) const {
    VF32 sums[kRows][kVectors];
    TileSums([&](size_t r, size_t k) HWY_ATTR { return values[k * stride + r]; }, scores_, count,
             sums);
    ForTile<kRows>([&](size_t r, size_t v, size_t at) HWY_ATTR {
      hn::Store(hn::Add(hn::Load(F32(), output + at), sums[r][v]), F32(), output + at);
    });
  }

  template <size_t kRows, class Work>
  HWY_INLINE void ForTile(const Work& work) const {
    HWY_UNROLL(16)
    for (size_t r = 0; r < kRows; ++r) {
      HWY_UNROLL(2)
      for (size_t v = 0; v < kVectors; ++v) work(r, v, r * width_ + v * hn::Lanes(F32()));
    }
  }

  void Mask(size_t first, size_t count) {
    for (size_t j = 0; j < count; ++j) {
      for (size_t r = 0; r < unit_.rows && unit_.Token(r) < first + j; ++r) {
        scores_[j * width_ + r] = -std::numeric_limits<float>::infinity();
      }
    }
  }

  /// Scores become exp(score − largest); what was summed under an older largest is scaled down.
  void Normalise(size_t count) {
    const F32 d;
    for (size_t at = 0; at < width_; at += hn::Lanes(d)) {
      const VF32 before = hn::Load(d, largest_ + at);
      VF32 largest = before;
      for (size_t j = 0; j < count; ++j) {
        largest = hn::Max(largest, hn::Load(d, scores_ + j * width_ + at));
      }
      VF32 sum = hn::Zero(d);
      for (size_t j = 0; j < count; ++j) {
        float* score = scores_ + j * width_ + at;
        const VF32 weight = hn::Exp(d, hn::Sub(hn::Load(d, score), largest));
        hn::Store(weight, d, score);
        sum = hn::Add(sum, weight);
      }
      const VF32 shrink = hn::Exp(d, hn::Sub(before, largest));  // 0 for the first block
      hn::Store(largest, d, largest_ + at);
      hn::Store(hn::MulAdd(hn::Load(d, sum_ + at), shrink, sum), d, sum_ + at);
      for (size_t k = 0; k < head_dim_; ++k) {
        float* output = output_ + k * width_ + at;
        hn::Store(hn::Mul(hn::Load(d, output), shrink), d, output);
      }
    }
  }

  const AttentionUnit& unit_;
  const size_t head_dim_;
  const size_t width_;
  float* query_;    // [head_dim][width], scaled
  float* output_;   // [head_dim][width], not yet divided by sum_
  float* scores_;   // [kKeyBlock][width]
  float* largest_;  // [width]
  float* sum_;      // [width]
};

/// A head of some rows in f32: where they lie, or widened.
struct HeadRows {
  HeadRows(const PagedRows& rows, const KeyValueFormat& format, size_t head, size_t first,
           size_t count, Scratch& scratch) {
    const size_t head_bytes = rows.head_bytes > 0 ? rows.head_bytes : format.HeadBytes();
    const std::byte* const from = rows.pages[first / rows.page_rows] +
                                  first % rows.page_rows * rows.row_bytes + head * head_bytes;
    if (rows.type == KeyValueType::kF32) {
      values = reinterpret_cast<const float*>(from);
      stride = rows.row_bytes / sizeof(float);
      return;
    }
    float* const widened = scratch.Floats(count * format.head_dim);
    WidenKeyValueHead(format, from, rows.row_bytes, count, widened);
    values = widened;
    stride = format.head_dim;
  }

  const float* values;
  size_t stride;
};

template <size_t kVectors>
void RunUnitOfWidth(const AttentionUnit& unit, const AttentionInput& input) {
  static thread_local Scratch key_scratch;
  static thread_local Scratch value_scratch;
  UnitState<kVectors> state(unit, input.shape.head_dim);
  const KeyValueFormat format{input.keys.type, input.shape.key_value_heads, input.shape.head_dim};
  const size_t head = unit.key_value_head;
  unit.ForEachVisibleRun([&](size_t begin, size_t end, bool causal) {
    while (begin < end) {
      const size_t rest_of_page = input.keys.page_rows - begin % input.keys.page_rows;
      const size_t count = std::min({end - begin, rest_of_page, kKeyBlock});
      const HeadRows keys(input.keys, format, head, begin, count, key_scratch);
      const HeadRows values(input.values, format, head, begin, count, value_scratch);
      state.Add(keys.values, keys.stride, values.values, values.stride, begin, count, causal);
      begin += count;
    }
  });
  state.Finish();
}

size_t UnitRows() {
  return 2 * hn::Lanes(F32());
}

void RunUnit(const AttentionUnit& unit, const AttentionInput& input) {
  if (unit.rows <= hn::Lanes(F32())) {
    RunUnitOfWidth<1>(unit, input);
  } else {
    RunUnitOfWidth<2>(unit, input);
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include <optional>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

HWY_EXPORT(UnitRows);
HWY_EXPORT(RunUnit);

// From so many passes over a head's keys on, it pays to lay them behind each other first: rows that
// are some KiB apart meet in few places of the first-level cache, and those in fewer bits are
// widened once.
constexpr size_t kUnitsWorthSorting = 4;

/// Keys or values in f32, a head of all tokens after the other.
class RowsByHead {
 public:
  RowsByHead(const PagedRows& rows, const AttentionShape& shape, size_t tokens, Scratch& scratch,
             ThreadPool& pool)
      : tokens_(tokens), head_dim_(shape.head_dim) {
    const KeyValueFormat format{rows.type, shape.key_value_heads, shape.head_dim};
    float* const to = scratch.Floats(shape.key_value_heads * tokens * head_dim_);
    page_ = reinterpret_cast<const std::byte*>(to);
    const size_t pages = (tokens + rows.page_rows - 1) / rows.page_rows;
    constexpr size_t kTaskRows = 256;
    const size_t parts = (std::min(rows.page_rows, tokens) + kTaskRows - 1) / kTaskRows;
    pool.ForEach(pages * parts * shape.key_value_heads, [&](size_t task, int) {
      const size_t head = task / (pages * parts);
      const size_t page = task / parts % pages;
      const size_t row = task % parts * kTaskRows;  // of the page
      const size_t first = page * rows.page_rows + row;
      const size_t end = std::min({(page + 1) * rows.page_rows, tokens, first + kTaskRows});
      if (first >= end) return;
      WidenKeyValueHead(format, rows.pages[page] + row * rows.row_bytes + head * format.HeadBytes(),
                        rows.row_bytes, end - first, to + (head * tokens + first) * head_dim_);
    });
  }

  PagedRows view() const {
    const size_t row_bytes = head_dim_ * sizeof(float);
    return {{&page_, 1}, tokens_, row_bytes, KeyValueType::kF32, tokens_ * row_bytes};
  }

 private:
  size_t tokens_;
  size_t head_dim_;
  const std::byte* page_;
};

void CheckPlan(ConstMatrix q, const PagedRows& keys, const PagedRows& values,
               std::span<const Segment> plan, size_t first_query, const AttentionShape& shape,
               ConstMatrix out) {
  const size_t tokens = first_query + q.rows;
  bool fits = shape.key_value_heads > 0 && shape.heads % shape.key_value_heads == 0 &&
              q.cols == shape.heads * shape.head_dim && out.cols == q.cols && out.rows == q.rows &&
              keys.page_rows == values.page_rows && keys.page_rows > 0 &&
              keys.type == values.type && keys.pages.size() * keys.page_rows >= tokens &&
              values.pages.size() == keys.pages.size();
  size_t covered = 0;
  for (size_t i = 0; i < plan.size(); ++i) {
    fits = fits && plan[i].begin == covered && plan[i].begin <= plan[i].end &&
           plan[i].parent < static_cast<int>(i) &&
           (plan[i].end <= first_query || plan[i].begin >= first_query);
    covered = plan[i].end;
  }
  if (!fits || covered != tokens) {
    throw ShapeError(fmt::format(
        "attention: {} segments up to token {}, {} queries from {}, q {} wide for {} heads of {}",
        plan.size(), covered, q.rows, first_query, q.cols, shape.heads, shape.head_dim));
  }
}

}  // namespace

void Attention(ConstMatrix q, const PagedRows& keys, const PagedRows& values,
               std::span<const Segment> plan, size_t first_query, const AttentionShape& shape,
               Matrix out, ThreadPool& pool) {
  Attention(q, keys, values, plan, first_query, shape, out, /*log_sums=*/Matrix(), pool);
}

void Attention(ConstMatrix q, const PagedRows& keys, const PagedRows& values,
               std::span<const Segment> plan, size_t first_query, const AttentionShape& shape,
               Matrix out, Matrix log_sums, ThreadPool& pool) {
  CheckPlan(q, keys, values, plan, first_query, shape, out);
  if (log_sums.data != nullptr && (log_sums.rows != q.rows || log_sums.cols != shape.heads)) {
    throw ShapeError(fmt::format("attention: sums {}×{} for {} queries of {} heads", log_sums.rows,
                                 log_sums.cols, q.rows, shape.heads));
  }
  AttentionInput input{q, keys, values, plan, first_query, shape, out, log_sums};
  const std::vector<AttentionUnit> units = CutIntoUnits(input, HWY_DYNAMIC_DISPATCH(UnitRows)());
  static thread_local Scratch key_scratch;
  static thread_local Scratch value_scratch;
  std::optional<RowsByHead> keys_by_head;
  std::optional<RowsByHead> values_by_head;
  if (units.size() >= kUnitsWorthSorting * shape.key_value_heads) {
    const size_t tokens = first_query + q.rows;
    keys_by_head.emplace(keys, shape, tokens, key_scratch, pool);
    values_by_head.emplace(values, shape, tokens, value_scratch, pool);
    input.keys = keys_by_head->view();
    input.values = values_by_head->view();
  }
  pool.ForEach(units.size(), [&](size_t i, int) {
    HWY_DYNAMIC_DISPATCH(RunUnit)(units[i], input);
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
