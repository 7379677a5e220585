#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "roentgen/imaging/patches.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// A token whose successor the model shall predict, and how much that counts. A token may be in
/// several targets: the last one of a prefix that samples share.
struct LossTarget {
  size_t token = 0;   ///< its row in the batch
  int32_t label = 0;  ///< the token that should follow
  float weight = 0;   ///< of its negative log-likelihood in the batch's loss
};

/// An image of a batch: what takes the places of its placeholders.
struct TrainingImage {
  GridThw grid;
  /// [merged tokens, hidden_size] where the vision tower and the merger are frozen: computed once
  /// for the whole run. Else null.
  std::shared_ptr<const OwnedMatrix> features;
  /// [t·h·w, patch_values] where they are trained. Else null.
  std::shared_ptr<const OwnedMatrix> patches;
};

/// What one forward and backward pass works on: samples laid end to end without padding. Questions
/// about one image are segments with the same parent, the prefix that they share.
struct TrainingBatch {
  std::vector<int32_t> ids;           ///< image placeholders among them, one per merged patch
  std::vector<Position> positions;    ///< one per token; those of a segment go on from its parent's
  std::vector<Segment> segments;      ///< cover ids from 0 to the end, without gaps, in order
  std::vector<TrainingImage> images;  ///< in the order of their placeholders
  std::vector<LossTarget> targets;
};

}  // namespace roentgen
