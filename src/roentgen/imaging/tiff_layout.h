#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "roentgen/imaging/raw_image.h"

namespace roentgen {

/// What a TIFF's tags say about its samples (TIFF 6.0, section 8).
struct TiffLayout {
  int width = 0;
  int height = 0;
  int bits = 1;                         ///< a sample
  int samples = 1;                      ///< a pixel, extra ones included
  int extras = 0;                       ///< of these, as ExtraSamples declares them
  uint16_t first_extra = 0;             ///< kind of the first of them
  std::optional<uint16_t> photometric;  ///< what the samples mean; none: nothing is said
  uint16_t compression = 1;             ///< 1: none
  uint16_t sample_format = 1;           ///< 1: unsigned, 2: signed, 3: floating-point
  bool separate = false;                ///< one plane a sample

  /// Samples a pixel that carry its grey or colour.
  int colours() const { return samples - extras; }
  bool first_extra_is_alpha() const;
  bool white_is_zero() const;
};

/// What the samples mean, as the file says or as libtiff and Pillow suppose where it does not:
/// three samples are RGB, one is grey with white as 0. Nothing when there is nothing to suppose.
std::optional<uint16_t> TiffPhotometric(const TiffLayout& layout);

/// The mode in which such a picture is decoded; nothing for kinds that are not supported.
std::optional<PixelMode> TiffPixelMode(const TiffLayout& layout);

/// The samples in words: "CIELab colour, 3 samples a pixel, 8-bit whole numbers".
std::string DescribeTiffSamples(const TiffLayout& layout);

/// One sample in words, for instance "signed 16-bit".
std::string DescribeTiffNumbers(const TiffLayout& layout);

/// The compression in words; its number where it has no name here.
std::string DescribeTiffCompression(uint16_t compression);

}  // namespace roentgen
