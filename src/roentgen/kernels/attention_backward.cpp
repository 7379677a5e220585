// The gradient of attention in two sweeps with the same inner part. With scores s, probabilities
// p = exp(s − log_sum), the output's gradient g and its share of each row, delta = g · out:
//   dp = g vᵀ,  ds = p · (dp − delta),  gq = ds k,  gk = dsᵀ q,  gv = pᵀ g  (q or k scaled)
// The lanes of a vector are queries in the first sweep and keys in the second; the other side's
// rows are broadcast from where they lie. Each sweep computes s and dp for itself: 7 products
// instead of 5, and every sum has one owner.

#include "roentgen/kernels/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/attention_backward.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <cmath>

#include "roentgen/kernels/attention_backward.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

constexpr size_t kVectors = 2;
// Rows of the other side at a time: two blocks of 128 × 32 × 4 bytes = 16 KiB each.
constexpr size_t kBlockRows = 128;

/// Rows of the other side that lie `stride` floats apart: keys and values, or queries and
/// gradients.
struct OtherSide {
  const float* first;  // of keys or queries
  size_t first_stride;
  const float* second;  // of values or output gradients
  size_t second_stride;

  OtherSide From(size_t row) const {
    return {first + row * first_stride, first_stride, second + row * second_stride, second_stride};
  }
};

/// The lanes' own operands, transposed, and their sums.
class Lanes {
 public:
  explicit Lanes(size_t head_dim) : head_dim_(head_dim), width_(kVectors * hn::Lanes(F32())) {
    static thread_local Scratch scratch;
    float* at = scratch.Floats((4 * head_dim + 2 * kBlockRows) * width_);
    for (float** part : {&first_, &second_, &first_sums_, &second_sums_}) {
      *part = at;
      at += head_dim * width_;
    }
    p_ = at;
    ds_ = at + kBlockRows * width_;
    std::fill_n(first_sums_, 2 * head_dim * width_, 0.0f);
  }

  size_t width() const { return width_; }

  /// A lane's operands; null for one that is not in use.
  void Set(size_t lane, const float* first, float scale, const float* second) {
    for (size_t k = 0; k < head_dim_; ++k) {
      first_[k * width_ + lane] = first == nullptr ? 0.0f : first[k] * scale;
      second_[k * width_ + lane] = second == nullptr ? 0.0f : second[k];
    }
  }

  /// p and ds of `count` ≤ kBlockRows rows of the other side. correct(row, at, score, dp) turns a
  /// vector of scores and dp into those of p and ds.
  template <class Correct>
  void Probabilities(const OtherSide& other, size_t count, const Correct& correct) {
    const F32 d;
    Products(other.first, other.first_stride, first_, count, p_);
    Products(other.second, other.second_stride, second_, count, ds_);
    for (size_t row = 0; row < count; ++row) {
      for (size_t at = 0; at < width_; at += hn::Lanes(d)) {
        float* const score = p_ + row * width_ + at;
        float* const dp = ds_ + row * width_ + at;
        VF32 p;
        VF32 ds;
        correct(row, at, hn::Load(d, score), hn::Load(d, dp), p, ds);
        hn::Store(p, d, score);
        hn::Store(ds, d, dp);
      }
    }
  }

  /// Lanes [begin, end) do not see the row, nor it them.
  void Mask(size_t row, size_t begin, size_t end) {
    std::fill(p_ + row * width_ + begin, p_ + row * width_ + end, 0.0f);
    std::fill(ds_ + row * width_ + begin, ds_ + row * width_ + end, 0.0f);
  }

  void AddFirst(const OtherSide& other, size_t count) {
    AddSums(other.first, other.first_stride, ds_, count, first_sums_);
  }
  void AddSecond(const OtherSide& other, size_t count) {
    AddSums(other.second, other.second_stride, p_, count, second_sums_);
  }

  void StoreFirst(size_t lane, float scale, float* to) const {
    for (size_t k = 0; k < head_dim_; ++k) to[k] = first_sums_[k * width_ + lane] * scale;
  }
  void StoreSecond(size_t lane, float* to) const {
    for (size_t k = 0; k < head_dim_; ++k) to[k] = second_sums_[k * width_ + lane];
  }

 private:
  /// out[row][lane] = rows[row] · own[·][lane].
  void Products(const float* rows, size_t stride, const float* own, size_t count,
                float* out) const {
    for (size_t j = 0; j < count; j += kTileRows) {
      WithConstantRows(std::min(kTileRows, count - j), [&]<size_t kRows>() HWY_ATTR {
        VF32 sums[kRows][kVectors];
        TileSums([&](size_t r, size_t k) HWY_ATTR { return rows[(j + r) * stride + k]; }, own,
                 head_dim_, sums);
        ForTile<kRows>(out + j * width_, [&](size_t r, size_t v, float* at)
                                             HWY_ATTR { hn::Store(sums[r][v], F32(), at); });
      });
    }
  }

  /// out[k][lane] += Σ over rows of rows[row][k] · weights[row][lane].
  void AddSums(const float* rows, size_t stride, const float* weights, size_t count,
               float* out) const {
    for (size_t j = 0; j < head_dim_; j += kTileRows) {
      WithConstantRows(std::min(kTileRows, head_dim_ - j), [&]<size_t kRows>() HWY_ATTR {
        VF32 sums[kRows][kVectors];
        TileSums([&](size_t r, size_t k) HWY_ATTR { return rows[k * stride + j + r]; }, weights,
                 count, sums);
        ForTile<kRows>(out + j * width_, [&](size_t r, size_t v, float* at) HWY_ATTR {
          hn::Store(hn::Add(hn::Load(F32(), at), sums[r][v]), F32(), at);
        });
      });
    }
  }

  template <size_t kRows, class Work>
  HWY_INLINE void ForTile(float* tile, const Work& work) const {
    HWY_UNROLL(16)
    for (size_t r = 0; r < kRows; ++r) {
      HWY_UNROLL(2)
      for (size_t v = 0; v < kVectors; ++v) {
        work(r, v, tile + r * width_ + v * hn::Lanes(F32()));
      }
    }
  }

  const size_t head_dim_;
  const size_t width_;
  float* first_;        // [head_dim][width]
  float* second_;       // [head_dim][width]
  float* first_sums_;   // [head_dim][width]
  float* second_sums_;  // [head_dim][width], behind first_sums_
  float* p_;            // [kBlockRows][width]: scores, then probabilities
  float* ds_;           // [kBlockRows][width]: dp, then ds
};

/// p = exp(score − log_sum), ds = p · (dp − delta).
HWY_INLINE void ToGradients(VF32 score, VF32 dp, VF32 log_sum, VF32 delta, VF32& p, VF32& ds) {
  const F32 d;
  p = hn::Exp(d, hn::Sub(score, log_sum));
  ds = hn::Mul(p, hn::Sub(dp, delta));
}

/// The gradient of some queries, over the keys that they see.
void QueryGradient(const AttentionUnit& unit, const AttentionGradients& job) {
  const F32 d;
  const size_t head_dim = job.shape.head_dim;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  Lanes lanes(head_dim);
  HWY_ALIGN float log_sums[kVectors * hn::MaxLanes(d)] = {};
  HWY_ALIGN float deltas[kVectors * hn::MaxLanes(d)] = {};
  for (size_t r = 0; r < lanes.width(); ++r) {
    if (r >= unit.rows) {
      lanes.Set(r, nullptr, 0, nullptr);
      continue;
    }
    lanes.Set(r, unit.In(job.pass.q, r), scale, unit.In(job.grad_out, r));
    log_sums[r] = unit.ValueIn(job.pass.log_sums, r);
    deltas[r] = unit.ValueIn(job.deltas, r);
  }
  const size_t offset = unit.key_value_head * head_dim;
  unit.ForEachVisibleRun([&](size_t run_begin, size_t run_end, bool causal) {
    const OtherSide keys{job.pass.keys.data + offset, job.pass.keys.stride,
                         job.pass.values.data + offset, job.pass.values.stride};
    for (size_t begin = run_begin; begin < run_end; begin += kBlockRows) {
      const size_t count = std::min(kBlockRows, run_end - begin);
      lanes.Probabilities(keys.From(begin), count,
                          [&](size_t, size_t at, VF32 score, VF32 dp, VF32& p, VF32& ds) HWY_ATTR {
                            ToGradients(score, dp, hn::Load(d, log_sums + at),
                                        hn::Load(d, deltas + at), p, ds);
                          });
      for (size_t j = 0; causal && j < count; ++j) {  // queries before the key do not see it
        size_t before = 0;
        while (before < unit.rows && unit.Token(before) < begin + j) ++before;
        lanes.Mask(j, 0, before);
      }
      lanes.AddFirst(keys.From(begin), count);
    }
  });
  for (size_t r = 0; r < unit.rows; ++r) lanes.StoreFirst(r, scale, unit.In(job.grad_q, r));
}

/// The gradients of some keys and values, over the queries that see them.
void KeyGradient(const KeyUnit& unit, const AttentionGradients& job) {
  const F32 d;
  const size_t head_dim = job.shape.head_dim;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  const size_t own = unit.key_value_head * head_dim;
  Lanes lanes(head_dim);
  for (size_t r = 0; r < lanes.width(); ++r) {
    const size_t key = unit.first_key + r;
    const bool used = r < unit.keys;
    lanes.Set(r, used ? job.pass.keys.Row(key) + own : nullptr, scale,
              used ? job.pass.values.Row(key) + own : nullptr);
  }
  const size_t group = job.shape.heads / job.shape.key_value_heads;
  ForEachSeeingRun(job.plan, unit, [&](size_t run_begin, size_t run_end, bool causal) {
    for (size_t head = unit.key_value_head * group; head < (unit.key_value_head + 1) * group;
         ++head) {
      const OtherSide queries{job.pass.q.data + head * head_dim, job.pass.q.stride,
                              job.grad_out.data + head * head_dim, job.grad_out.stride};
      for (size_t begin = run_begin; begin < run_end; begin += kBlockRows) {
        const size_t count = std::min(kBlockRows, run_end - begin);
        lanes.Probabilities(
            queries.From(begin), count,
            [&](size_t row, size_t, VF32 score, VF32 dp, VF32& p, VF32& ds) HWY_ATTR {
              ToGradients(score, dp, hn::Set(d, job.pass.log_sums.Row(begin + row)[head]),
                          hn::Set(d, job.deltas.Row(begin + row)[head]), p, ds);
            });
        for (size_t j = 0; causal && j < count; ++j) {  // keys behind the query are not seen
          if (begin + j + 1 < unit.first_key + lanes.width()) {
            lanes.Mask(j, begin + j + 1 - unit.first_key, lanes.width());
          }
        }
        lanes.AddFirst(queries.From(begin), count);
        lanes.AddSecond(queries.From(begin), count);
      }
    }
  });
  for (size_t r = 0; r < unit.keys; ++r) {
    lanes.StoreFirst(r, scale, job.grad_keys.Row(unit.first_key + r) + own);
    lanes.StoreSecond(r, job.grad_values.Row(unit.first_key + r) + own);
  }
}

size_t UnitLanes() {
  return kVectors * hn::Lanes(F32());
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include "roentgen/base/error.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

HWY_EXPORT(UnitLanes);
HWY_EXPORT(QueryGradient);
HWY_EXPORT(KeyGradient);

void CheckShapes(const AttentionPass& pass, std::span<const Segment> plan,
                 const AttentionShape& shape, ConstMatrix grad_out, ConstMatrix grad_q,
                 ConstMatrix grad_keys, ConstMatrix grad_values) {
  const size_t tokens = pass.q.rows;
  bool fits = shape.key_value_heads > 0 && shape.heads % shape.key_value_heads == 0;
  const auto check = [&](ConstMatrix matrix, size_t cols) {
    fits = fits && matrix.rows == tokens && matrix.cols == cols;
  };
  const size_t width = shape.heads * shape.head_dim;
  const size_t key_width = shape.key_value_heads * shape.head_dim;
  for (const ConstMatrix& matrix : {pass.q, pass.out, grad_out, grad_q}) check(matrix, width);
  for (const ConstMatrix& matrix : {pass.keys, pass.values, grad_keys, grad_values}) {
    check(matrix, key_width);
  }
  check(pass.log_sums, shape.heads);
  size_t covered = 0;
  for (size_t i = 0; i < plan.size(); ++i) {
    fits = fits && plan[i].begin == covered && plan[i].begin <= plan[i].end &&
           plan[i].parent < static_cast<int>(i);
    covered = plan[i].end;
  }
  if (!fits || covered != tokens) {
    throw ShapeError(fmt::format(
        "attention gradient: {} segments up to token {}, {} tokens, q {} wide for {} heads of {}",
        plan.size(), covered, tokens, pass.q.cols, shape.heads, shape.head_dim));
  }
}

/// grad_out · out of every query head.
OwnedMatrix Deltas(ConstMatrix out, ConstMatrix grad_out, const AttentionShape& shape,
                   ThreadPool& pool) {
  OwnedMatrix deltas(out.rows, shape.heads);
  ForRows(pool, out.rows, out.cols, [&](size_t row) {
    for (size_t head = 0; head < shape.heads; ++head) {
      const float* const a = out.Row(row) + head * shape.head_dim;
      const float* const b = grad_out.Row(row) + head * shape.head_dim;
      double sum = 0;
      for (size_t k = 0; k < shape.head_dim; ++k) sum += static_cast<double>(a[k]) * b[k];
      deltas.view().Row(row)[head] = static_cast<float>(sum);
    }
  });
  return deltas;
}

}  // namespace

void AttentionBackward(const AttentionPass& pass, std::span<const Segment> plan,
                       const AttentionShape& shape, ConstMatrix grad_out, Matrix grad_q,
                       Matrix grad_keys, Matrix grad_values, ThreadPool& pool) {
  CheckShapes(pass, plan, shape, grad_out, grad_q, grad_keys, grad_values);
  const OwnedMatrix deltas = Deltas(pass.out, grad_out, shape, pool);
  const AttentionGradients job{pass, plan, shape, grad_out, deltas, grad_q, grad_keys, grad_values};
  const size_t lanes = HWY_DYNAMIC_DISPATCH(UnitLanes)();
  const AttentionInput input{pass.q, {}, {}, plan, /*first_query=*/0, shape, {}, {}};
  const std::vector<AttentionUnit> queries = CutIntoUnits(input, lanes);
  const std::vector<KeyUnit> keys = CutKeysIntoUnits(plan, shape, lanes);
  pool.ForEach(queries.size() + keys.size(), [&](size_t i, int) {
    if (i < queries.size()) {
      HWY_DYNAMIC_DISPATCH(QueryGradient)(queries[i], job);
    } else {
      HWY_DYNAMIC_DISPATCH(KeyGradient)(keys[i - queries.size()], job);
    }
  });
}

}  // namespace roentgen
#endif  // HWY_ONCE
