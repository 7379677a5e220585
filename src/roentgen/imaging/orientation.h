#pragma once

#include "roentgen/imaging/raw_image.h"

namespace roentgen {

/// Turns and mirrors the samples so that the picture stands upright, as its orientation says
/// (EXIF 2.3, tag 0x0112), and moves that to the
/// provenance. Orientations 5 to 8 swap width and height.
void ApplyOrientation(RawImage& image);

}  // namespace roentgen
