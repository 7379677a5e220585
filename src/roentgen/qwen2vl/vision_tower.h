#pragma once

#include <span>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/qwen2vl/observer.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// The vision transformer and the merger: from patches to the features that take the places of
/// image tokens.
///
/// patches  [Σ t·h·w, patch_values] normalised pixels, the images' patches one after the other,
/// each
///          in the order of merge groups
/// grids    each image's (or video's) patches: frames, rows, columns
/// Returns [Σ t·h·w / merged_patches, hidden_size] f32. Patches see those of their own frame.
/// Throws ShapeError when patches and grids do not go together, Cancelled in a CancelScope.
/// Qwen2VisionTransformerPretrainedModel in Transformers.
OwnedMatrix EncodeVision(const VisionWeights& weights, const VisionConfig& config,
                         ConstMatrix patches, std::span<const GridThw> grids, ThreadPool& pool,
                         const Progress& progress = {}, const Observer& observer = {});

}  // namespace roentgen
