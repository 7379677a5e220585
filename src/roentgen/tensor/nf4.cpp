#include "roentgen/tensor/nf4.h"

#include <algorithm>
#include <cmath>

namespace roentgen {
namespace {

constexpr float kLeastScale = 1e-38f;  // a block of zeros is divided by it

size_t Blocks(size_t size, size_t block) {
  return (size + block - 1) / block;
}

float LargestMagnitude(ConstVector values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

/// The block'th run of `width` values; the last one may be short.
ConstVector Block(ConstVector values, size_t block, size_t width) {
  const size_t begin = block * width;
  return values.subspan(begin, std::min(width, values.size() - begin));
}

/// How many midpoints between neighbouring table entries are below x.
uint8_t Nf4Code(float x) {
  static const std::array<float, 15> kMidpoints = [] {
    std::array<float, 15> midpoints{};
    for (size_t i = 0; i < midpoints.size(); ++i) {
      midpoints[i] = (Nf4Table()[i] + Nf4Table()[i + 1]) / 2.0f;
    }
    return midpoints;
  }();
  return static_cast<uint8_t>(std::lower_bound(kMidpoints.begin(), kMidpoints.end(), x) -
                              kMidpoints.begin());
}

/// The index of the entry of the dynamic map that is nearest to x, the lower one of two.
uint8_t DynamicCode(float x) {
  const std::array<float, 256>& map = DynamicMap();
  const auto above = std::lower_bound(map.begin(), map.end(), x);
  if (above == map.begin()) return 0;
  if (above == map.end()) return 255;
  const bool lower = std::abs(x - above[-1]) <= std::abs(x - above[0]);
  return static_cast<uint8_t>(above - map.begin() - (lower ? 1 : 0));
}

/// torch.linspace(0.1, 1, count)[i] in f32, which counts from the nearer end with one rounding.
float LinearStep(size_t i, size_t count) {
  const double step = (1.0f - 0.1f) / static_cast<float>(count - 1);
  const double value = i < count / 2 ? static_cast<double>(0.1f) + step * static_cast<double>(i)
                                     : 1.0 - step * static_cast<double>(count - 1 - i);
  return static_cast<float>(value);
}

/// The two values of every byte of codes: one look-up for both.
const std::array<std::array<float, 2>, 256>& Nf4Pairs() {
  static const std::array<std::array<float, 2>, 256> kPairs = [] {
    std::array<std::array<float, 2>, 256> pairs{};
    for (size_t byte = 0; byte < pairs.size(); ++byte) {
      pairs[byte] = {Nf4Table()[byte >> 4], Nf4Table()[byte & 15u]};
    }
    return pairs;
  }();
  return kPairs;
}

/// Table value · scale_of(block) for values [begin, begin + out.size()).
template <class ScaleOf>
void DequantizeBlocks(const Nf4Values& values, size_t begin, Vector out, const ScaleOf& scale_of) {
  const auto& pairs = Nf4Pairs();
  const uint8_t* const packed = values.packed.data();
  for (size_t i = 0; i < out.size();) {
    const size_t at = begin + i;
    const size_t end = std::min(out.size(), i + kNf4Block - at % kNf4Block);
    const float scale = scale_of(at / kNf4Block);
    if (at % 2 == 1) out[i++] = pairs[packed[at / 2]][1] * scale;
    for (; i + 2 <= end; i += 2) {
      const std::array<float, 2>& pair = pairs[packed[(begin + i) / 2]];
      out[i] = pair[0] * scale;
      out[i + 1] = pair[1] * scale;
    }
    if (i < end) {
      out[i] = pairs[packed[(begin + i) / 2]][0] * scale;
      ++i;
    }
  }
}

float ScaleAt(const QuantizedScales& scales, size_t i) {
  return DynamicMap()[scales.codes[i]] * scales.absmax[i / kNf4ScaleBlock] + scales.offset;
}

}  // namespace

const std::array<float, 16>& Nf4Table() {
  static constexpr std::array<float, 16> kTable = {-1.0f,
                                                   -0.6961928009986877f,
                                                   -0.5250730514526367f,
                                                   -0.39491748809814453f,
                                                   -0.28444138169288635f,
                                                   -0.18477343022823334f,
                                                   -0.09105003625154495f,
                                                   0.0f,
                                                   0.07958029955625534f,
                                                   0.16093020141124725f,
                                                   0.24611230194568634f,
                                                   0.33791524171829224f,
                                                   0.44070982933044434f,
                                                   0.5626170039176941f,
                                                   0.7229568362236023f,
                                                   1.0f};
  return kTable;
}

/// For each decade i of seven, 2^i midpoints of equal steps from 0.1 to 1, times 10^(i − 6), with
/// both signs; 0 and 1 (Dettmers 2016, "8-Bit Approximations for Parallelism in Deep Learning").
const std::array<float, 256>& DynamicMap() {
  static const std::array<float, 256> kMap = [] {
    constexpr std::array<float, 7> kDecades = {1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1.0f};
    std::array<float, 256> map{};
    map[0] = 0;
    map[1] = 1;
    size_t filled = 2;
    for (size_t decade = 0; decade < kDecades.size(); ++decade) {
      const size_t count = (size_t{1} << decade) + 1;
      for (size_t i = 0; i + 1 < count; ++i) {
        const float middle =
            (LinearStep(i, count) + LinearStep(i + 1, count)) / 2.0f * kDecades[decade];
        map[filled++] = middle;
        map[filled++] = -middle;
      }
    }
    std::sort(map.begin(), map.end());
    return map;
  }();
  return kMap;
}

Nf4Values QuantizeNf4(ConstVector values) {
  Nf4Values quantized;
  quantized.size = values.size();
  quantized.packed.resize(Blocks(values.size(), 2));
  quantized.absmax.resize(Blocks(values.size(), kNf4Block));
  for (size_t block = 0; block < quantized.absmax.size(); ++block) {
    const ConstVector run = Block(values, block, kNf4Block);
    quantized.absmax[block] = LargestMagnitude(run);
    const float factor = 1.0f / std::max(quantized.absmax[block], kLeastScale);
    for (size_t i = 0; i < run.size(); ++i) {
      const size_t at = block * kNf4Block + i;
      const uint8_t code = Nf4Code(run[i] * factor);
      quantized.packed[at / 2] |= static_cast<uint8_t>(at % 2 == 0 ? code << 4 : code);
    }
  }
  return quantized;
}

void DequantizeNf4(const Nf4Values& values, size_t begin, Vector out) {
  DequantizeBlocks(values, begin, out, [&](size_t block) { return values.absmax[block]; });
}

QuantizedScales QuantizeScales(ConstVector scales) {
  QuantizedScales quantized;
  quantized.codes.reserve(scales.size());
  double sum = 0;
  for (const float scale : scales) sum += scale;
  if (!scales.empty())
    quantized.offset = static_cast<float>(sum / static_cast<double>(scales.size()));
  std::vector<float> centred;
  for (const float scale : scales) centred.push_back(scale - quantized.offset);
  for (size_t block = 0; block < Blocks(scales.size(), kNf4ScaleBlock); ++block) {
    const ConstVector run = Block(centred, block, kNf4ScaleBlock);
    quantized.absmax.push_back(LargestMagnitude(run));
    const float factor = 1.0f / std::max(quantized.absmax.back(), kLeastScale);
    for (const float value : run) quantized.codes.push_back(DynamicCode(value * factor));
  }
  return quantized;
}

std::vector<float> DequantizeScales(const QuantizedScales& scales) {
  std::vector<float> values;
  values.reserve(scales.codes.size());
  for (size_t i = 0; i < scales.codes.size(); ++i) values.push_back(ScaleAt(scales, i));
  return values;
}

void DequantizeNf4(const Nf4Values& values, const QuantizedScales& scales, size_t begin,
                   Vector out) {
  DequantizeBlocks(values, begin, out, [&](size_t block) { return ScaleAt(scales, block); });
}

}  // namespace roentgen
