#include "roentgen/phantom/planes.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace roentgen {
namespace {

/// Each value becomes the mean of the 2·reach + 1 around it in its row.
void BoxAlongRows(const Plane& from, int reach, Plane& to) {
  const int width = from.size.width;
  for (int y = 0; y < from.size.height; ++y) {
    const double* row = from.Row(y);
    const auto at = [&](int x) { return row[std::clamp(x, 0, width - 1)]; };
    double sum = 0;
    for (int x = -reach; x <= reach; ++x) sum += at(x);
    for (int x = 0; x < width; ++x) {
      to.Row(y)[x] = sum / (2 * reach + 1);
      sum += at(x + reach + 1) - at(x - reach);
    }
  }
}

/// The same in its column.
void BoxAlongColumns(const Plane& from, int reach, Plane& to) {
  const int height = from.size.height;
  const auto width = static_cast<size_t>(from.size.width);
  const auto row = [&](int y) { return from.Row(std::clamp(y, 0, height - 1)); };
  std::vector<double> sums(width);
  for (int y = -reach; y <= reach; ++y) {
    for (size_t x = 0; x < width; ++x) sums[x] += row(y)[x];
  }
  for (int y = 0; y < height; ++y) {
    const double* enters = row(y + reach + 1);
    const double* leaves = row(y - reach);
    double* out = to.Row(y);
    for (size_t x = 0; x < width; ++x) {
      out[x] = sums[x] / (2 * reach + 1);
      sums[x] += enters[x] - leaves[x];
    }
  }
}

/// Three boxes in each direction: a deviation of √(reach·(reach + 1)) pixels.
Plane BlurByBoxes(const Plane& plane, int reach) {
  Plane result = plane;
  if (reach == 0) return result;
  Plane other(plane.size);
  for (int pass = 0; pass < 3; ++pass) {
    BoxAlongRows(result, reach, other);
    BoxAlongColumns(other, reach, result);
  }
  return result;
}

double Smooth(double t) {
  return t * t * (3 - 2 * t);
}

}  // namespace

void Blur(Plane& plane, double deviation_pixels) {
  if (deviation_pixels < 0.3) return;
  // The variance of a box of 2r + 1 pixels is r(r + 1)/3.
  const double wanted = deviation_pixels * deviation_pixels;
  const auto variance = [](int reach) { return static_cast<double>(reach) * (reach + 1); };
  int reach = 0;
  while (variance(reach + 1) <= wanted) ++reach;
  Plane narrow = BlurByBoxes(plane, reach);
  constexpr int kFine = 4;
  if (reach < kFine) {  // between two whole reaches both are mixed
    const Plane wide = BlurByBoxes(plane, reach + 1);
    const double share = (wanted - variance(reach)) / (variance(reach + 1) - variance(reach));
    for (size_t i = 0; i < plane.values.size(); ++i) {
      narrow.values[i] += share * (wide.values[i] - narrow.values[i]);
    }
  }
  plane = std::move(narrow);
}

void AddWhiteNoise(Plane& plane, const Plane& deviation, PhantomRandom random) {
  for (size_t i = 0; i < plane.values.size(); ++i) {
    plane.values[i] += deviation.values[i] * random.Normal();
  }
}

double SmoothField::Corner(int64_t x, int64_t y) const {
  const uint64_t bits = SplitMix64(SplitMix64(static_cast<uint64_t>(x) * kSplitMixGamma + seed_) +
                                   static_cast<uint64_t>(y) * kSplitMixGamma);
  return static_cast<double>(bits >> 11) * 0x1p-52 - 1;
}

double SmoothField::OnColumn(int64_t column, double y) const {
  const double top = std::floor(y / detail_);
  const auto row = static_cast<int64_t>(top);
  const double above = Corner(column, row);
  return above + Smooth(y / detail_ - top) * (Corner(column, row + 1) - above);
}

double SmoothField::At(double x, double y) const {
  const double left = std::floor(x / detail_);
  const auto column = static_cast<int64_t>(left);
  const double from = OnColumn(column, y);
  return from + Smooth(x / detail_ - left) * (OnColumn(column + 1, y) - from);
}

void SmoothField::Row(double y, double step, std::vector<double>& values) const {
  int64_t column = -1;
  double from = 0;
  double to = OnColumn(0, y);
  for (size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(i) * step / detail_;
    while (static_cast<double>(column + 1) <= x) {
      from = to;
      to = OnColumn(++column + 1, y);
    }
    values[i] = from + Smooth(x - static_cast<double>(column)) * (to - from);
  }
}

double Quantile(std::vector<double> values, double share) {
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<size_t>(place)];
}

}  // namespace roentgen
