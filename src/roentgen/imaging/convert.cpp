#include "roentgen/imaging/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "roentgen/imaging/byte_math.h"
#include "roentgen/imaging/finite_range.h"

namespace roentgen {
namespace {

using Rgb = std::array<uint8_t, 3>;
constexpr Rgb kWhite = {255, 255, 255};

Rgb CmykToRgb(const uint8_t* ink) {
  const int light = 255 - ink[3];
  Rgb rgb{};
  for (size_t c = 0; c < 3; ++c) {
    const int value = light - MultiplyBytes(ink[c], static_cast<unsigned>(light));
    rgb[c] = static_cast<uint8_t>(std::clamp(value, 0, 255));
  }
  return rgb;
}

size_t PixelCount(const RawImage& image) {
  return static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
}

/// Calls colour_of(pixel index) for every pixel.
template <class ColourOf>
std::vector<uint8_t> Collect(size_t pixels, const ColourOf& colour_of) {
  std::vector<uint8_t> rgb(pixels * 3);
  for (size_t i = 0; i < pixels; ++i) {
    const Rgb colour = colour_of(i);
    std::copy(colour.begin(), colour.end(), rgb.begin() + static_cast<ptrdiff_t>(i * 3));
  }
  return rgb;
}

std::vector<uint8_t> Colours(RawImage& image) {
  const size_t pixels = PixelCount(image);
  const auto channels = static_cast<size_t>(Channels(image.mode));
  const uint8_t* in = image.samples.data();
  switch (image.mode) {
    case PixelMode::kRgb:
      return std::move(image.samples);
    case PixelMode::kRgba:
      return Collect(pixels, [=](size_t i) {
        return Rgb{in[4 * i], in[4 * i + 1], in[4 * i + 2]};
      });
    case PixelMode::kCmyk:
      return Collect(pixels, [=](size_t i) { return CmykToRgb(in + 4 * i); });
    case PixelMode::kPalette:
      return Collect(pixels, [&](size_t i) {
        const PaletteEntry& entry = image.palette[in[i]];
        return Rgb{entry[0], entry[1], entry[2]};
      });
    case PixelMode::kGrey16:
      return Collect(pixels, [&](size_t i) {
        const auto grey = static_cast<uint8_t>(std::min<int>(image.grey16[i], 255));
        return Rgb{grey, grey, grey};
      });
    case PixelMode::kNumbers:
      return Collect(pixels, [&](size_t i) {
        const double value = image.numbers[i];
        const auto grey = static_cast<uint8_t>(value > 0 ? std::min(value, 255.0) : 0);  // not NaN
        return Rgb{grey, grey, grey};
      });
    case PixelMode::kBilevel:
    case PixelMode::kGrey:
    case PixelMode::kGreyAlpha:
      break;
  }
  return Collect(pixels, [=](size_t i) {
    const uint8_t grey = in[i * channels];
    return Rgb{grey, grey, grey};
  });
}

/// The alpha of every pixel, or nothing when the mode has none.
std::vector<uint8_t> Alphas(const RawImage& image) {
  const size_t pixels = PixelCount(image);
  const auto channels = static_cast<size_t>(Channels(image.mode));
  std::vector<uint8_t> alphas;
  if (image.mode == PixelMode::kGreyAlpha || image.mode == PixelMode::kRgba) {
    alphas.resize(pixels);
    for (size_t i = 0; i < pixels; ++i) alphas[i] = image.samples[(i + 1) * channels - 1];
  } else if (image.mode == PixelMode::kPalette) {
    std::array<uint8_t, 256> of_index{};
    for (size_t i = 0; i < of_index.size(); ++i) {
      const bool is_key = image.colour_key && (*image.colour_key)[0] == static_cast<int>(i);
      of_index[i] = is_key ? 0 : image.palette_has_alpha ? image.palette[i][3] : 255;
    }
    alphas.resize(pixels);
    for (size_t i = 0; i < pixels; ++i) alphas[i] = of_index[image.samples[i]];
  }
  return alphas;
}

/// Pillow's alpha_composite over opaque white: s · a + 255 · (255 − a), divided by 255 with 7 bits
/// more than a byte.
uint8_t OverWhite(unsigned sample, unsigned alpha) {
  if (alpha == 0) return 255;
  const unsigned sum = ((sample * alpha + 255 * (255 - alpha)) << 7) + (0x80 << 7);
  return static_cast<uint8_t>((((sum >> 8) + sum) >> 8) >> 7);
}

void LayOverWhite(std::vector<uint8_t>& rgb, const std::vector<uint8_t>& alphas) {
  for (size_t i = 0; i < alphas.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) rgb[3 * i + c] = OverWhite(rgb[3 * i + c], alphas[i]);
  }
}

/// The key as an RGB colour, as it is after Pillow's convert("RGB") (after_convert) or before it.
/// Only the low byte of a 16-bit key counts, a key of a 1-, 2- or 4-bit grey is not scaled up with
/// its pixels, and convert leaves a 1-bit or 16-bit image's single number, which is then read as
/// (number, 0, 0). None of it is sensible, all of it is what the reference does.
Rgb KeyColour(const RawImage& image, bool after_convert) {
  const auto& key = *image.colour_key;
  const auto low = [&](size_t i) { return static_cast<uint8_t>(key[i] & 255); };
  switch (image.mode) {
    case PixelMode::kRgb:
      return {low(0), low(1), low(2)};
    case PixelMode::kPalette: {
      const PaletteEntry& entry = image.palette[low(0)];
      return {entry[0], entry[1], entry[2]};
    }
    case PixelMode::kBilevel:
    case PixelMode::kGrey16:
      if (after_convert) return {low(0), 0, 0};
      [[fallthrough]];
    default:
      return {low(0), low(0), low(0)};
  }
}

void PaintWhite(std::vector<uint8_t>& rgb, Rgb key) {
  for (size_t i = 0; i < rgb.size(); i += 3) {
    if (std::equal(key.begin(), key.end(), rgb.begin() + static_cast<ptrdiff_t>(i))) {
      std::copy(kWhite.begin(), kWhite.end(), rgb.begin() + static_cast<ptrdiff_t>(i));
    }
  }
}

/// Whole numbers in full, others with what a reader needs.
std::string NumberText(double value) {
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  return whole ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
}

void ScaleNumbers(RawImage& image) {
  const auto [low, high] = FiniteRange(image.numbers).value_or(std::pair(0.0, 0.0));
  // Of halves: the range itself may be more than a double holds.
  const double range = high / 2 - low / 2;
  size_t not_finite = 0;
  image.samples.resize(image.numbers.size());
  for (size_t i = 0; i < image.samples.size(); ++i) {
    const double value = image.numbers[i];
    if (!std::isfinite(value)) ++not_finite;
    const double share = range == 0 ? 0 : (value / 2 - low / 2) / range;
    const double clamped = share > 0 ? std::min(share, 1.0) : 0;  // NaN is not above 0
    image.samples[i] = static_cast<uint8_t>(std::floor(clamped * 255 + 0.5));
  }
  image.provenance.notes.push_back(fmt::format("{} grey scaled from {}..{} to 8 bits",
                                               image.number_kind, NumberText(low),
                                               NumberText(high)));
  if (not_finite > 0) {
    image.provenance.notes.push_back(
        fmt::format("{} pixels are NaN or infinite: shown black, +inf white", not_finite));
  }
  image.mode = PixelMode::kGrey;
  image.numbers.clear();
}

}  // namespace

RawImage ScaleGrey16(RawImage image) {
  if (image.mode == PixelMode::kNumbers) ScaleNumbers(image);
  if (image.mode != PixelMode::kGrey16 || image.grey16.empty()) return image;
  const auto [min, max] = std::minmax_element(image.grey16.begin(), image.grey16.end());
  const uint32_t low = *min;
  const uint32_t range = *max - low;
  image.samples.resize(image.grey16.size());
  for (size_t i = 0; i < image.samples.size(); ++i) {
    const uint32_t above = image.grey16[i] - low;
    image.samples[i] = range == 0 ? 0 : static_cast<uint8_t>((above * 255 + range / 2) / range);
  }
  image.provenance.notes.push_back(
      fmt::format("16-bit grey scaled from {}..{} to 8 bits", low, low + range));
  image.mode = PixelMode::kGrey;
  image.grey16.clear();
  image.colour_key.reset();
  return image;
}

Image ConvertToRgb(RawImage image, AlphaRule alpha, Grey16 grey16) {
  if (grey16 == Grey16::kScale) image = ScaleGrey16(std::move(image));
  if (image.mode == PixelMode::kGrey16) {
    image.provenance.notes.push_back("16-bit grey clipped at 255");
  }
  if (image.mode == PixelMode::kNumbers) {
    image.provenance.notes.push_back(image.number_kind + " grey clipped to 0..255");
  }
  std::vector<uint8_t> alphas;
  if (alpha == AlphaRule::kOverWhite) alphas = Alphas(image);
  Image result;
  result.width = image.width;
  result.height = image.height;
  result.rgb = Colours(image);
  const bool paint_key = image.colour_key && alpha != AlphaRule::kIgnore && alphas.empty();
  if (paint_key) PaintWhite(result.rgb, KeyColour(image, alpha == AlphaRule::kDropAlphaPaintKey));
  LayOverWhite(result.rgb, alphas);
  result.provenance = std::move(image.provenance);
  return result;
}

}  // namespace roentgen
