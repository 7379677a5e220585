#pragma once

#include <string>
#include <vector>

namespace roentgen {

/// What a code stream says of its own colours.
struct StreamColours {
  bool is_jpeg = false;          ///< ITU-T T.81, whose colours are YCbCr unless somebody says else
  bool has_rgb_ids = false;      ///< its components are called R, G and B
  bool has_jfif = false;         ///< a JFIF segment: colours are YCbCr
  bool has_adobe_rgb = false;    ///< Adobe's segment: no transform
  bool has_adobe_ycbcr = false;  ///< Adobe's segment: YCbCr
};

enum class ColourSpace { kRgb, kYbrFull };

/// The one rule for the colours of three samples a pixel, whatever the codec: what the stream says
/// against the header's Photometric Interpretation.
///
/// 1. Components R, G, B are RGB. A JFIF segment means YCbCr where the header does not say YBR.
///    Both as pydicom 3 (_conform_jpg_colorspace), dcm4che and Weasis do.
/// 2. Else RGB, YBR_FULL and YBR_FULL_422 are what they say; YBR_RCT and YBR_ICT are JPEG 2000's
///    own, undone by its decoder, and RGB in what was decompressed from it.
/// 3. Anything else in the header is not understood: the stream's JFIF or Adobe segment decides,
/// and
///    without one Error is thrown, but for MONOCHROME1 and MONOCHROME2, which pydicom takes for
///    RGB.
///
/// Where RGB or YBR is not what the header says, a note says so.
ColourSpace ChooseColours(const std::string& photometric, const StreamColours& stream,
                          std::vector<std::string>& notes);

}  // namespace roentgen
