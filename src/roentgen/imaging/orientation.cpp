#include "roentgen/imaging/orientation.h"

#include <cstddef>
#include <utility>

namespace roentgen {
namespace {

/// Upright pixel (x, y) is stored at step · {x, y} from the origin, in elements.
struct Walk {
  ptrdiff_t origin = 0;
  ptrdiff_t step_x = 0;
  ptrdiff_t step_y = 0;
};

Walk StoredWalk(int orientation, ptrdiff_t width, ptrdiff_t height, ptrdiff_t channels) {
  const bool mirror_x =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool mirror_y =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Walk walk;
  walk.step_x = mirror_x ? -channels : channels;
  walk.step_y = mirror_y ? -channels * width : channels * width;
  walk.origin = (mirror_x ? width - 1 : 0) * channels;
  walk.origin += (mirror_y ? height - 1 : 0) * width * channels;
  if (orientation >= 5) std::swap(walk.step_x, walk.step_y);
  return walk;
}

template <class T>
std::vector<T> Reorder(const std::vector<T>& stored, const Walk& walk, Size upright, int channels) {
  std::vector<T> samples(stored.size());
  T* out = samples.data();
  for (int y = 0; y < upright.height; ++y) {
    const T* in = stored.data() + walk.origin + y * walk.step_y;
    for (int x = 0; x < upright.width; ++x) {
      const T* pixel = in + x * walk.step_x;
      for (int c = 0; c < channels; ++c) *out++ = pixel[c];
    }
  }
  return samples;
}

}  // namespace

void ApplyOrientation(RawImage& image) {
  const int orientation = std::exchange(image.orientation, 1);
  if (orientation <= 1 || orientation > 8) return;
  image.provenance.orientation = orientation;
  const int channels = Channels(image.mode);
  const Walk walk = StoredWalk(orientation, image.width, image.height, channels);
  if (orientation >= 5) std::swap(image.width, image.height);
  if (image.mode == PixelMode::kGrey16) {
    image.grey16 = Reorder(image.grey16, walk, image.size(), channels);
  } else if (image.mode == PixelMode::kNumbers) {
    image.numbers = Reorder(image.numbers, walk, image.size(), channels);
  } else {
    image.samples = Reorder(image.samples, walk, image.size(), channels);
  }
}

}  // namespace roentgen
