#pragma once

#include <vector>

#include "roentgen/imaging/image.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {

/// The patches of a picture: frames, rows and columns of them.
struct GridThw {
  int t = 0;
  int h = 0;
  int w = 0;
  bool operator==(const GridThw&) const = default;
};

/// What the vision tower takes: pixel_values and image_grid_thw in Transformers.
struct Patches {
  GridThw grid;
  /// [t · h · w, PatchValues()]. Rows go through merge blocks (merge_size² patches) from the top
  /// left, and through each block's patches in the same way; a row holds channel, temporal copy, y,
  /// x.
  std::vector<float> values;
  Size resized;
};

/// Resizes to SmartResize's size, normalises and cuts into patches; a still picture fills the
/// temporal copies with itself. Equals Transformers' Qwen2VLImageProcessorPil bit for bit:
/// (float(byte · rescale_factor) − mean) / std in f32.
///
/// Throws Error for a picture more than 200 times as long as wide.
Patches MakePatches(const Image& image, const PreprocessorConfig& config,
                    PassOrder order = PassOrder::kPillow13);

}  // namespace roentgen
