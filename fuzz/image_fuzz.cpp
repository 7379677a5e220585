// Bytes as a picture file, all the way to patches, and as EXIF and XMP.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "roentgen/base/error.h"
#include "roentgen/imaging/exif.h"
#include "roentgen/imaging/llamafactory.h"
#include "roentgen/imaging/load.h"
#include "roentgen/imaging/patches.h"

namespace {

// Larger pictures take longer and show nothing new.
constexpr int64_t kMaxPixels = 1 << 12;

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsOrientation(int orientation) {
  return orientation >= 1 && orientation <= 8;
}

void TryPicture(std::span<const uint8_t> bytes, roentgen::AlphaRule alpha) {
  roentgen::LoadOptions options;
  options.max_pixels = kMaxPixels;
  options.alpha = alpha;
  roentgen::PreprocessorConfig config;
  config.max_pixels = 3136;
  try {
    const roentgen::Image image = roentgen::DecodeImage(bytes, "fuzz", options);
    Require(image.rgb.size() == static_cast<size_t>(image.width) * image.height * 3);
    const roentgen::Patches patches = roentgen::MakePatches(image, config);
    Require(patches.values.size() ==
            static_cast<size_t>(patches.grid.h) * patches.grid.w * config.PatchValues());
  } catch (const roentgen::Error&) {
  }
}

void TryLlamaFactory(std::span<const uint8_t> bytes) {
  try {
    roentgen::PrepareForLlamaFactory(roentgen::DecodeRawImage(bytes, "fuzz", kMaxPixels),
                                     {.image_max_pixels = 4096, .image_min_pixels = 1024});
  } catch (const roentgen::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  Require(IsOrientation(
      roentgen::ChooseOrientation(bytes, {reinterpret_cast<const char*>(data), size})));
  TryPicture(bytes, roentgen::AlphaRule::kDropAlphaPaintKey);
  TryPicture(bytes, roentgen::AlphaRule::kOverWhite);
  TryLlamaFactory(bytes);
  return 0;
}
