#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {
namespace {

constexpr double kMaxAspect = 200;

void CheckAspect(Size size) {
  const auto [shorter, longer] = std::minmax(size.width, size.height);
  if (shorter < 1) {
    throw Error(fmt::format("a picture of {} × {} pixels has no content", size.width, size.height));
  }
  if (static_cast<double>(longer) / shorter > kMaxAspect) {
    throw Error(fmt::format("a picture of {} × {} pixels: one side is more than {} times the other",
                            size.width, size.height, kMaxAspect),
                "Crop it to the part that matters.");
  }
}

}  // namespace

Size SmartResize(Size size, int factor, int64_t min_pixels, int64_t max_pixels) {
  CheckAspect(size);
  const double h = size.height;
  const double w = size.width;
  const double f = factor;
  // nearbyint rounds halves to even, as Python's round.
  double new_h = std::nearbyint(h / f) * f;
  double new_w = std::nearbyint(w / f) * f;
  if (new_h * new_w > static_cast<double>(max_pixels)) {
    const double beta = std::sqrt(h * w / static_cast<double>(max_pixels));
    new_h = std::max(f, std::floor(h / beta / f) * f);
    new_w = std::max(f, std::floor(w / beta / f) * f);
  } else if (new_h * new_w < static_cast<double>(min_pixels)) {
    const double beta = std::sqrt(static_cast<double>(min_pixels) / (h * w));
    new_h = std::ceil(h * beta / f) * f;
    new_w = std::ceil(w * beta / f) * f;
  }
  return {static_cast<int>(new_w), static_cast<int>(new_h)};
}

}  // namespace roentgen
