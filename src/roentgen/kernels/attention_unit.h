#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "roentgen/kernels/attention.h"

namespace roentgen {

struct AttentionInput {
  ConstMatrix q;
  PagedRows keys;
  PagedRows values;
  std::span<const Segment> plan;
  size_t first_query;
  AttentionShape shape;
  Matrix out;
  Matrix log_sums;  // empty: not wanted
};

/// Query rows of one segment and one key head that are computed together. Row r of a segment's head
/// is token r / group and query head key_value_head · group + r % group.
struct AttentionUnit {
  const AttentionInput* input;
  size_t segment;
  size_t key_value_head;
  size_t first_row;
  size_t rows;

  size_t Group() const { return input->shape.heads / input->shape.key_value_heads; }
  size_t Token(size_t row) const {
    return input->plan[segment].begin + (first_row + row) / Group();
  }
  size_t Head(size_t row) const { return key_value_head * Group() + (first_row + row) % Group(); }
  /// The row's place in a matrix [queries, heads · head_dim].
  template <class T>
  T* In(BasicMatrix<T> matrix, size_t row) const {
    return matrix.Row(QueryRow(row)) + Head(row) * input->shape.head_dim;
  }
  /// The row's value in a matrix [queries, heads].
  template <class T>
  T& ValueIn(BasicMatrix<T> matrix, size_t row) const {
    return matrix.Row(QueryRow(row))[Head(row)];
  }

  /// visit(begin, end, causal) for every run of tokens that the rows see, ancestors first.
  template <class Visit>
  void ForEachVisibleRun(const Visit& visit) const {
    const Segment& own = input->plan[segment];
    VisitAncestors(own.parent, visit);
    visit(own.begin, own.causal ? Token(rows - 1) + 1 : own.end, own.causal);
  }

 private:
  size_t QueryRow(size_t row) const { return Token(row) - input->first_query; }
  template <class Visit>
  void VisitAncestors(int index, const Visit& visit) const {
    if (index == Segment::kNoParent) return;
    const Segment& ancestor = input->plan[static_cast<size_t>(index)];
    VisitAncestors(ancestor.parent, visit);
    visit(ancestor.begin, ancestor.end, false);
  }
};

/// All units of a plan, at most unit_rows rows each; those of one key head follow each other, so
/// that its keys are still in the cache.
inline std::vector<AttentionUnit> CutIntoUnits(const AttentionInput& input, size_t unit_rows) {
  std::vector<AttentionUnit> units;
  const size_t group = input.shape.heads / input.shape.key_value_heads;
  for (size_t s = 0; s < input.plan.size(); ++s) {
    const Segment& segment = input.plan[s];
    if (segment.end <= input.first_query) continue;
    const size_t rows = (segment.end - segment.begin) * group;
    for (size_t head = 0; head < input.shape.key_value_heads; ++head) {
      for (size_t row = 0; row < rows; row += unit_rows) {
        units.push_back({&input, s, head, row, std::min(unit_rows, rows - row)});
      }
    }
  }
  return units;
}

}  // namespace roentgen
