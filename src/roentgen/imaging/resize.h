#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "roentgen/imaging/image.h"

namespace roentgen {

/// The size Qwen2-VL's processor resizes a picture to: sides that are multiples of factor, close to
/// the given ones, with min_pixels to max_pixels in all (a side is at least factor, so an extreme
/// shape may have more). smart_resize in Transformers' qwen2_vl image processor.
///
/// Throws Error when a side is below 1 or one is more than 200 times the other.
Size SmartResize(Size size, int factor, int64_t min_pixels, int64_t max_pixels);

/// Each of the two passes of a resize rounds to whole numbers, so their order shows in the result.
enum class PassOrder {
  /// The vertical pass goes first when it saves more than twice as many rows as the horizontal one
  /// would columns: h > h' and h − h' > 2 (w − w').
  kPillow13,
  /// Always horizontal, then vertical: Pillow up to 12, whose runs are published.
  kPillow12,
};

/// Pillow's BICUBIC with antialiasing, exactly: the filter with a = −0.5 stretched by the
/// reduction, in 22-bit fixed point.
///
/// pixels [from.height, from.width, channels], 1 to 4 channels; returns the same for `to`.
/// Throws ShapeError when a side is not positive or the number of samples does not fit.
std::vector<uint8_t> ResizeBicubic(std::span<const uint8_t> pixels, Size from, int channels,
                                   Size to, PassOrder order = PassOrder::kPillow13);

/// The same for 16-bit grey, where Pillow sums in double.
std::vector<uint16_t> ResizeBicubic(std::span<const uint16_t> pixels, Size from, Size to,
                                    PassOrder order = PassOrder::kPillow13);

/// The same for grey of any range, Pillow's modes "I" (whole) and "F": sums in double, the result
/// of each pass rounded to a whole number or to a float.
std::vector<double> ResizeBicubic(std::span<const double> numbers, bool whole, Size from, Size to,
                                  PassOrder order = PassOrder::kPillow13);

/// Pillow's NEAREST for one channel: the pixel under the centre of the new one.
std::vector<uint8_t> ResizeNearest(std::span<const uint8_t> pixels, Size from, Size to);

/// An RGB picture resized; its provenance stays.
Image ResizeBicubic(const Image& image, Size to, PassOrder order = PassOrder::kPillow13);

}  // namespace roentgen
