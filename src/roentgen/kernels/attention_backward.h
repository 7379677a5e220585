#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/attention_unit.h"

namespace roentgen {

/// The operands and results of AttentionBackward.
struct AttentionGradients {
  const AttentionPass& pass;
  std::span<const Segment> plan;
  AttentionShape shape;
  ConstMatrix grad_out;
  ConstMatrix deltas;  // [tokens, heads]: grad_out · out
  Matrix grad_q;
  Matrix grad_keys;
  Matrix grad_values;
};

/// Neighbouring keys of one segment and one key head whose gradients are computed together.
struct KeyUnit {
  size_t segment;
  size_t key_value_head;
  size_t first_key;
  size_t keys;
};

inline std::vector<KeyUnit> CutKeysIntoUnits(std::span<const Segment> plan,
                                             const AttentionShape& shape, size_t unit_keys) {
  std::vector<KeyUnit> units;
  for (size_t s = 0; s < plan.size(); ++s) {
    for (size_t head = 0; head < shape.key_value_heads; ++head) {
      for (size_t key = plan[s].begin; key < plan[s].end; key += unit_keys) {
        units.push_back({s, head, key, std::min(unit_keys, plan[s].end - key)});
      }
    }
  }
  return units;
}

inline bool IsAncestor(std::span<const Segment> plan, size_t ancestor, size_t segment) {
  int at = plan[segment].parent;
  while (at > static_cast<int>(ancestor)) at = plan[static_cast<size_t>(at)].parent;
  return at == static_cast<int>(ancestor);
}

/// visit(begin, end, causal) for every run of tokens that see keys of the unit: of its own segment,
/// then of all that descend from it.
template <class Visit>
void ForEachSeeingRun(std::span<const Segment> plan, const KeyUnit& unit, const Visit& visit) {
  const Segment& own = plan[unit.segment];
  visit(own.causal ? unit.first_key : own.begin, own.end, own.causal);
  for (size_t s = unit.segment + 1; s < plan.size(); ++s) {
    if (IsAncestor(plan, unit.segment, s)) visit(plan[s].begin, plan[s].end, false);
  }
}

}  // namespace roentgen
