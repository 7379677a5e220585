#pragma once

#include "roentgen/imaging/raw_image.h"

namespace roentgen {

/// How grey of more than 8 bits (kGrey16, kNumbers) becomes 8-bit.
enum class Grey16 {
  kScale,  ///< its own smallest..largest value to 0..255, said so in the provenance
  kClip,   ///< to 0..255, as in Pillow: most of a radiograph turns white, most of a CT black
};

/// What happens to transparency; each is how one program reads a picture.
enum class AlphaRule {
  /// Alpha is dropped, one transparent colour (GIF, or PNG's tRNS) is painted white: Transformers 5
  /// for a path or URL.
  kDropAlphaPaintKey,
  /// Everything is laid over white: Transformers 5 for an opened PIL image.
  kOverWhite,
  /// Both are ignored: Transformers 4 for an opened PIL image, and LLaMA-Factory.
  kIgnore,
};

/// kGrey16 and kNumbers as 8-bit grey by their own range: round(255 · (v − min) / (max − min)), 0
/// everywhere when all values are equal. Numbers that are not finite do not count for the range:
/// NaN and −inf become 0, +inf becomes 255. Other images are returned as they are. Adds notes on
/// what was done.
RawImage ScaleGrey16(RawImage image);

/// The picture as RGB; CMYK by Pillow's plain formula. The orientation must have been applied.
/// A colour key of a 16-bit image is ignored with kScale.
Image ConvertToRgb(RawImage image, AlphaRule alpha, Grey16 grey16);

}  // namespace roentgen
