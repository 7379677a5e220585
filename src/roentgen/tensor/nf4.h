#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// Values that share a scale, and scales that share theirs: bitsandbytes' defaults.
inline constexpr size_t kNf4Block = 64;
inline constexpr size_t kNf4ScaleBlock = 256;

/// The 16 values of NormalFloat 4 (Dettmers et al. 2023, "QLoRA", appendix E), ascending.
const std::array<float, 16>& Nf4Table();
/// The 256 values of the 8-bit dynamic map that scales are quantised with, ascending.
const std::array<float, 256>& DynamicMap();

/// Values as 4-bit codes with one scale, the largest magnitude, for each run of kNf4Block of them
/// in row-major order; blocks go on over the ends of rows.
struct Nf4Values {
  size_t size = 0;
  std::vector<uint8_t> packed;  ///< the first of two codes in the upper half
  std::vector<float> absmax;    ///< [⌈size / 64⌉]
};

/// As bitsandbytes: x = w · (1 / absmax); a tie between two codes takes the lower one.
Nf4Values QuantizeNf4(ConstVector values);

/// values [begin, begin + out.size()) of the quantised ones: Nf4Table[code] · absmax.
void DequantizeNf4(const Nf4Values& values, size_t begin, Vector out);

/// Scales of scales ("double quantisation"): 8-bit codes of absmax − offset in blocks of 256.
struct QuantizedScales {
  std::vector<uint8_t> codes;
  std::vector<float> absmax;
  float offset = 0;  ///< the mean of the scales
};

QuantizedScales QuantizeScales(ConstVector scales);

/// DynamicMap[code] · absmax + offset.
std::vector<float> DequantizeScales(const QuantizedScales& scales);

/// DequantizeNf4 with these scales for values.absmax, which is not read.
void DequantizeNf4(const Nf4Values& values, const QuantizedScales& scales, size_t begin,
                   Vector out);

}  // namespace roentgen
