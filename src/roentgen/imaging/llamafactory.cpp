#include "roentgen/imaging/llamafactory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/imaging/byte_math.h"
#include "roentgen/imaging/named_errors.h"

namespace roentgen {
namespace {

constexpr int kMinSide = 28;
constexpr int kMaxAspect = 200;
constexpr int kReducedAspect = 180;

int64_t Area(Size size) {
  return static_cast<int64_t>(size.width) * size.height;
}

/// Scales both sides so that the area comes to `pixels`; int() truncates.
Size ScaleToArea(Size size, int64_t pixels) {
  const double factor = std::sqrt(static_cast<double>(pixels) / static_cast<double>(Area(size)));
  const Size scaled = {static_cast<int>(size.width * factor),
                       static_cast<int>(size.height * factor)};
  if (scaled.width < 1 || scaled.height < 1) {
    throw Error(fmt::format("a picture of {} × {} pixels vanishes at {} pixels in all", size.width,
                            size.height, pixels),
                "Crop it to the part that matters.");
  }
  return scaled;
}

void Premultiply(std::vector<uint8_t>& samples, size_t channels) {
  for (size_t i = 0; i < samples.size(); i += channels) {
    const unsigned alpha = samples[i + channels - 1];
    for (size_t c = 0; c + 1 < channels; ++c) {
      samples[i + c] = MultiplyBytes(samples[i + c], alpha);
    }
  }
}

void Unpremultiply(std::vector<uint8_t>& samples, size_t channels) {
  for (size_t i = 0; i < samples.size(); i += channels) {
    const unsigned alpha = samples[i + channels - 1];
    if (alpha == 0 || alpha == 255) continue;
    for (size_t c = 0; c + 1 < channels; ++c) {
      samples[i + c] = static_cast<uint8_t>(std::min(255u, 255u * samples[i + c] / alpha));
    }
  }
}

/// Image.resize(size) of Pillow.
void ResizeInOwnMode(RawImage& image, Size to, PassOrder order) {
  const Size from = image.size();
  if (from == to) return;
  const int channels = Channels(image.mode);
  const auto bicubic = [&] {
    image.samples =
        ResizeBicubic(std::span<const uint8_t>(image.samples), from, channels, to, order);
  };
  switch (image.mode) {
    case PixelMode::kBilevel:
    case PixelMode::kPalette:
      image.samples = ResizeNearest(image.samples, from, to);
      break;
    case PixelMode::kGrey16:
      image.grey16 = ResizeBicubic(std::span<const uint16_t>(image.grey16), from, to, order);
      break;
    case PixelMode::kNumbers:
      image.numbers = ResizeBicubic(image.numbers, image.whole_numbers, from, to, order);
      break;
    case PixelMode::kGreyAlpha:
    case PixelMode::kRgba:
      Premultiply(image.samples, static_cast<size_t>(channels));
      bicubic();
      Unpremultiply(image.samples, static_cast<size_t>(channels));
      break;
    default:
      bicubic();
  }
  image.width = to.width;
  image.height = to.height;
}

}  // namespace

LlamaFactoryResizes PlanLlamaFactoryResizes(Size size, const LlamaFactoryLimits& limits) {
  if (size.width < 1 || size.height < 1) {
    throw Error(fmt::format("a picture of {} × {} pixels has no content", size.width, size.height));
  }
  LlamaFactoryResizes plan;
  const auto resize = [&size](std::vector<Size>& steps, Size to) { steps.push_back(size = to); };
  if (Area(size) > limits.image_max_pixels) {
    resize(plan.own_mode, ScaleToArea(size, limits.image_max_pixels));
  }
  if (Area(size) < limits.image_min_pixels) {
    resize(plan.own_mode, ScaleToArea(size, limits.image_min_pixels));
  }
  if (std::min(size.width, size.height) < kMinSide) {
    resize(plan.rgb, {std::max(size.width, kMinSide), std::max(size.height, kMinSide)});
  }
  const auto aspect = [](int a, int b) { return static_cast<double>(a) / b; };
  if (aspect(size.width, size.height) > kMaxAspect) {
    resize(plan.rgb, {size.height * kReducedAspect, size.height});
  }
  if (aspect(size.height, size.width) > kMaxAspect) {
    resize(plan.rgb, {size.width, size.width * kReducedAspect});
  }
  return plan;
}

Image PrepareForLlamaFactory(RawImage image, const LlamaFactoryLimits& limits, Grey16 grey16,
                             PassOrder order) {
  const LlamaFactoryResizes plan = NamingErrors(
      image.provenance.source, [&] { return PlanLlamaFactoryResizes(image.size(), limits); });
  if (grey16 == Grey16::kScale) image = ScaleGrey16(std::move(image));
  for (const Size& size : plan.own_mode) ResizeInOwnMode(image, size, order);
  Image result = ConvertToRgb(std::move(image), AlphaRule::kIgnore, grey16);
  for (const Size& size : plan.rgb) result = ResizeBicubic(result, size, order);
  return result;
}

}  // namespace roentgen
