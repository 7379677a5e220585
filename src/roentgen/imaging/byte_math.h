#pragma once

#include <cstdint>

namespace roentgen {

/// a · b / 255, rounded, for a and b up to 255 (MULDIV255 in Pillow).
constexpr uint8_t MultiplyBytes(unsigned a, unsigned b) {
  const unsigned product = a * b + 128;
  return static_cast<uint8_t>((product + (product >> 8)) >> 8);
}

}  // namespace roentgen
