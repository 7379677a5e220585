#pragma once

#include <cstddef>
#include <cstdint>

#include "roentgen/imaging/tiff_layout.h"

namespace roentgen {

/// Sample number `index` of a decoded row in the machine's byte order, as a number: unsigned of
/// 32 or 64 bits, signed of 8 to 64, IEEE 754 floats of 16 to 64. A double holds all of them, but
/// for the last bits of a 64-bit whole number.
double TiffNumber(const TiffLayout& layout, const uint8_t* row, size_t index);

}  // namespace roentgen
