#include "roentgen/phantom/phantom_image.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"
#include "roentgen/phantom/abdomen_slice.h"
#include "roentgen/phantom/head_slice.h"
#include "roentgen/phantom/radiograph.h"
#include "roentgen/phantom/thorax.h"

namespace roentgen {

std::vector<uint8_t> PhantomImage::EightBits() const {
  std::vector<uint8_t> eight;
  eight.reserve(pixels.size());
  for (const uint16_t value : pixels) eight.push_back(static_cast<uint8_t>((value + 128) / 257));
  return eight;
}

PhantomImage DrawPhantom(const Patient& patient, int side) {
  constexpr int kSmallest = 64;
  constexpr int kLargest = 2048;
  if (side < kSmallest || side > kLargest) {
    throw Error(fmt::format("a phantom of {0}×{0} pixels: sides of {1} to {2} can be drawn", side,
                            kSmallest, kLargest));
  }
  const Size size{side, side};
  switch (patient.study) {
    case Study::kHead:
      return DrawHeadSlice(patient, size);
    case Study::kAbdomen:
      return DrawAbdomenSlice(patient, size);
    default:
      return TakeRadiograph(BuildThorax(patient, size), patient.seed);
  }
}

}  // namespace roentgen
