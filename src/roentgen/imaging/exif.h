#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace roentgen {

/// The orientation (1 to 8) that an EXIF block states in its first directory, with or without the
/// leading "Exif\0\0", in numbers of any type; 1 when it states something else, as Pillow reads it;
/// 0 when it states nothing or is damaged. Never throws: a picture is not refused for its metadata.
int ExifOrientation(std::span<const uint8_t> exif);

/// The same from an XMP packet: the digit after tiff:Orientation=" or tiff:Orientation>.
int XmpOrientation(std::string_view xmp);

/// What Pillow's exif_transpose goes by: EXIF first, XMP when EXIF has no such tag, else 1.
int ChooseOrientation(std::span<const uint8_t> exif, std::string_view xmp);

}  // namespace roentgen
