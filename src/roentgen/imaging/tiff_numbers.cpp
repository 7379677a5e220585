#include "roentgen/imaging/tiff_numbers.h"

#include <tiff.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace roentgen {
namespace {

template <class T>
T Read(const uint8_t* row, size_t index) {
  T value;
  std::memcpy(&value, row + index * sizeof(T), sizeof(T));
  return value;
}

/// IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction.
double FromHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  double magnitude = 0;
  if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else {
    magnitude = std::ldexp(1024 + fraction, exponent - 25);
  }
  return (bits >> 15) != 0 ? -magnitude : magnitude;
}

double Float(int bits, const uint8_t* row, size_t index) {
  if (bits == 16) return FromHalf(Read<uint16_t>(row, index));
  return bits == 32 ? static_cast<double>(Read<float>(row, index)) : Read<double>(row, index);
}

double Signed(int bits, const uint8_t* row, size_t index) {
  switch (bits) {
    case 8:
      return Read<int8_t>(row, index);
    case 16:
      return Read<int16_t>(row, index);
    case 32:
      return Read<int32_t>(row, index);
    default:
      return static_cast<double>(Read<int64_t>(row, index));
  }
}

}  // namespace

double TiffNumber(const TiffLayout& layout, const uint8_t* row, size_t index) {
  if (layout.sample_format == SAMPLEFORMAT_IEEEFP) return Float(layout.bits, row, index);
  if (layout.sample_format == SAMPLEFORMAT_INT) return Signed(layout.bits, row, index);
  return layout.bits == 32 ? static_cast<double>(Read<uint32_t>(row, index))
                           : static_cast<double>(Read<uint64_t>(row, index));
}

}  // namespace roentgen
