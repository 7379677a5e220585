#pragma once

#include <cstddef>
#include <span>

#include "roentgen/base/thread_pool.h"
#include "roentgen/kernels/key_value_rows.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// A run of tokens [begin, end) that attend alike: to all tokens of the parent segment and of its
/// ancestors, and to their own segment, up to themselves when causal, else wholly.
///
/// One list of segments says who sees whom for everything here: images that do not see each other,
/// sequences of different length without padding, a turn that continues from its cache (the
/// parent), questions that share their image.
struct Segment {
  static constexpr int kNoParent = -1;

  size_t begin = 0;
  size_t end = 0;
  int parent = kNoParent;  // index of an earlier segment
  bool causal = true;
};

/// Keys or values of tokens, in pages of page_rows rows each (the last may be filled in part).
struct PagedRows {
  std::span<const std::byte* const> pages;
  size_t page_rows = 0;
  size_t row_bytes = 0;  // from one row of a page to the next
  KeyValueType type = KeyValueType::kF32;
  size_t head_bytes = 0;  // from a head of a row to the next; 0: they lie side by side
};

/// All rows of a matrix, in f32, as one page.
class OnePage {
 public:
  explicit OnePage(ConstMatrix rows)
      : page_(reinterpret_cast<const std::byte*>(rows.data)),
        rows_(rows.rows),
        row_bytes_(rows.stride * sizeof(float)) {}
  /// A view that lives as long as this object.
  PagedRows view() const { return {{&page_, 1}, rows_, row_bytes_}; }

 private:
  const std::byte* page_;
  size_t rows_;
  size_t row_bytes_;
};

struct AttentionShape {
  size_t heads = 0;
  size_t key_value_heads = 0;  // divides heads; query head h uses h / (heads / key_value_heads)
  size_t head_dim = 0;
};

/// out = softmax(q kᵀ / √head_dim) v for every query token over the tokens that its segment sees.
///
/// q, out    [queries, heads · head_dim]; may be the same memory. Query i is token first_query + i;
///           segments before first_query have keys only (a cache).
/// keys,     rows of key_value_heads · head_dim (see KeyValueFormat) for all tokens of the plan,
/// values    first_query + queries in number
/// Throws ShapeError when the plan does not fit. Scores exist for a block of keys at a time and are
/// never held whole (Rabe & Staats 2021; Dao et al. 2022).
void Attention(ConstMatrix q, const PagedRows& keys, const PagedRows& values,
               std::span<const Segment> plan, size_t first_query, const AttentionShape& shape,
               Matrix out, ThreadPool& pool);

/// Attention that also tells log_sums [queries, heads], the logarithm of each softmax's
/// denominator: all that its gradient needs to have the probabilities again.
void Attention(ConstMatrix q, const PagedRows& keys, const PagedRows& values,
               std::span<const Segment> plan, size_t first_query, const AttentionShape& shape,
               Matrix out, Matrix log_sums, ThreadPool& pool);

/// What Attention of a whole plan, without a cache, worked on and found.
struct AttentionPass {
  ConstMatrix q;         // [tokens, heads · head_dim]
  ConstMatrix keys;      // [tokens, key_value_heads · head_dim]
  ConstMatrix values;    // as keys
  ConstMatrix out;       // as q
  ConstMatrix log_sums;  // [tokens, heads]
};

/// Gradients of Attention, overwritten; each has the shape of what it is of and memory of its own.
/// The keys and values of a segment get the sum over all that see it: over the samples that share a
/// prefix. Throws ShapeError when the plan or a shape does not fit. Probabilities are computed
/// again for a block at a time (Dao et al. 2022, algorithm 4, in two sweeps instead of one, so that
/// no sum depends on the number of threads).
void AttentionBackward(const AttentionPass& pass, std::span<const Segment> plan,
                       const AttentionShape& shape, ConstMatrix grad_out, Matrix grad_q,
                       Matrix grad_keys, Matrix grad_values, ThreadPool& pool);

}  // namespace roentgen
