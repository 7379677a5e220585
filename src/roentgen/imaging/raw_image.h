#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/imaging/image.h"

namespace roentgen {

/// The sample layouts files have; each is named with its mode in Pillow.
enum class PixelMode {
  kBilevel,    ///< "1": a byte a pixel, 0 or 255
  kGrey,       ///< "L"
  kGreyAlpha,  ///< "LA"
  kGrey16,     ///< "I;16": in RawImage::grey16
  kNumbers,    ///< "I" or "F": grey of any range, in RawImage::numbers
  kPalette,    ///< "P": indices into RawImage::palette
  kRgb,        ///< "RGB"
  kRgba,       ///< "RGBA", not premultiplied
  kCmyk,       ///< "CMYK", 255 is full ink
};

/// Samples a pixel.
constexpr int Channels(PixelMode mode) {
  switch (mode) {
    case PixelMode::kGreyAlpha:
      return 2;
    case PixelMode::kRgb:
      return 3;
    case PixelMode::kRgba:
    case PixelMode::kCmyk:
      return 4;
    default:
      return 1;
  }
}

using PaletteEntry = std::array<uint8_t, 4>;  ///< red, green, blue, alpha

/// A decoded picture in the mode of its file, before orientation, transparency and depth are
/// settled. LLaMA-Factory resizes pictures in this form; everything else wants an Image.
struct RawImage {
  PixelMode mode = PixelMode::kRgb;
  int width = 0;
  int height = 0;
  std::vector<uint8_t> samples;  ///< height · width · Channels(mode) bytes; empty for the next two
  std::vector<uint16_t> grey16;  ///< height · width values for kGrey16, else empty
  std::vector<double>
      numbers;              ///< height · width for kNumbers, else empty; NaN where there is none
  std::string number_kind;  ///< of kNumbers, as its file has them: "signed 16-bit", …
  bool whole_numbers = false;  ///< of kNumbers: "I" in Pillow, else "F"
  std::array<PaletteEntry, 256> palette{};
  /// Alpha in the palette means something (a PNG with several translucent entries).
  bool palette_has_alpha = false;
  /// The one transparent colour, as the file states it: a grey level or palette index in [0], or
  /// red, green, blue.
  std::optional<std::array<int, 3>> colour_key;
  int orientation = 1;    ///< EXIF, 1 to 8; what is still to be applied
  Provenance provenance;  ///< so far

  Size size() const { return {width, height}; }
};

}  // namespace roentgen
