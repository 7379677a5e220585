#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace roentgen {

/// Y, Cb, Cr of full range (ITU-R BT.601, as in JFIF and in DICOM's PS3.3, C.7.6.3.1.2), the three
/// of a pixel side by side, to red, green, blue in place.
inline void YcbcrToRgb(std::vector<uint8_t>& samples) {
  const auto to_byte = [](double value) {
    return static_cast<uint8_t>(std::floor(std::clamp(value, 0.0, 255.0) + 0.5));
  };
  for (size_t i = 0; i + 2 < samples.size(); i += 3) {
    const double y = samples[i];
    const double blue = samples[i + 1] - 128.0;
    const double red = samples[i + 2] - 128.0;
    samples[i] = to_byte(y + 1.402 * red);
    samples[i + 1] = to_byte(y - 0.344136 * blue - 0.714136 * red);
    samples[i + 2] = to_byte(y + 1.772 * blue);
  }
}

}  // namespace roentgen
