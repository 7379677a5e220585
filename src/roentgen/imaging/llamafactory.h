#pragma once

#include <cstdint>
#include <vector>

#include "roentgen/imaging/convert.h"
#include "roentgen/imaging/raw_image.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {

/// LLaMA-Factory's image_max_pixels and image_min_pixels, with its defaults.
struct LlamaFactoryLimits {
  int64_t image_max_pixels = 768 * 768;
  int64_t image_min_pixels = 32 * 32;
};

/// The resizes LLaMA-Factory does to a picture before the processor's own, in order.
struct LlamaFactoryResizes {
  std::vector<Size> own_mode;  ///< to the pixel limits, in the mode of the file
  std::vector<Size> rgb;       ///< after convert("RGB"): sides of at least 28, aspect at most 200
};

/// MMPluginMixin and Qwen2VLPlugin of LLaMA-Factory 0.9.5 (data/mm_plugin.py). Throws Error when a
/// side is below 1, or becomes so.
LlamaFactoryResizes PlanLlamaFactoryResizes(Size size, const LlamaFactoryLimits& limits = {});

/// The picture as LLaMA-Factory hands it to the processor: the planned resizes with Pillow's
/// default filters (NEAREST for bilevel and palette pictures, else BICUBIC, alpha premultiplied),
/// no EXIF orientation, alpha and colour key ignored.
///
/// grey16 kClip equals LLaMA-Factory, kScale brings 16-bit grey to 8 bits first.
Image PrepareForLlamaFactory(RawImage image, const LlamaFactoryLimits& limits = {},
                             Grey16 grey16 = Grey16::kScale,
                             PassOrder order = PassOrder::kPillow13);

}  // namespace roentgen
