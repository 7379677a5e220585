#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "roentgen/imaging/image.h"

namespace roentgen {

/// A PNG file of the picture: grey with 8 bits where red, green and blue are equal everywhere, else
/// RGB. Throws ShapeError when the bytes do not fit the size.
std::string EncodePng(const Image& image);

/// A grey PNG file with 8 or 16 bits a pixel; pixels [height, width].
///
/// software  for the chunk "Software", ASCII; empty: there is none
std::string EncodePng(std::span<const uint8_t> grey, Size size, const std::string& software = "");
std::string EncodePng(std::span<const uint16_t> grey, Size size);

}  // namespace roentgen
