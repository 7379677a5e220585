#include "roentgen/imaging/encoded_image.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"

namespace roentgen {

void EncodedImage::Fail(const std::string& format, const std::string& reason) const {
  throw Error(fmt::format("{}: not a readable {} picture: {}", name, format, reason), damage_hint);
}

void EncodedImage::FailUnsupported(const std::string& format, const std::string& kind) const {
  throw Error(fmt::format("{}: this kind of {} is not read: {}", name, format, kind),
              "Nothing is wrong with the file. Open it in the program that it comes from, or in an "
              "image editor, and save it as PNG, or as TIFF of 8 or 16 bits, grey or RGB.");
}

void EncodedImage::CheckSize(const std::string& format, int64_t width, int64_t height) const {
  if (width <= 0 || height <= 0) Fail(format, fmt::format("its size is {} × {}", width, height));
  if (width > max_pixels / height) {
    throw Error(fmt::format("{}: {} × {} pixels, more than the {} accepted", name, width, height,
                            max_pixels),
                "Make a smaller copy of the picture; the model sees far fewer pixels anyway.");
  }
}

RawImage MakeRawImage(const std::string& format, PixelMode mode, int width, int height) {
  RawImage image;
  image.provenance.format = format;
  image.provenance.stored = {width, height};
  image.mode = mode;
  image.width = width;
  image.height = height;
  const size_t pixels = static_cast<size_t>(width) * static_cast<size_t>(height);
  if (mode == PixelMode::kGrey16) {
    image.grey16.resize(pixels);
  } else if (mode == PixelMode::kNumbers) {
    image.numbers.resize(pixels);
  } else {
    image.samples.resize(pixels * static_cast<size_t>(Channels(mode)));
  }
  if (mode == PixelMode::kPalette) image.palette.fill({0, 0, 0, 255});
  return image;
}

bool IsGreyRamp(const std::array<PaletteEntry, 256>& palette, int count) {
  for (int i = 0; i < count; ++i) {
    const auto& [red, green, blue, alpha] = palette[static_cast<size_t>(i)];
    if (red != i || green != i || blue != i) return false;
  }
  return true;
}

}  // namespace roentgen
