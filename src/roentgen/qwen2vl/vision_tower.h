#pragma once

#include <span>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/qwen2vl/observer.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

inline constexpr float kVisionNormEpsilon = 1e-6f;  // not in config.json; fixed in Transformers

/// Who sees whom: one segment per frame of each image.
std::vector<Segment> FrameSegments(std::span<const GridThw> grids);

/// Throws ShapeError when patches and grids do not go together.
void CheckVisionShapes(const VisionConfig& config, ConstMatrix patches,
                       std::span<const GridThw> grids);

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
