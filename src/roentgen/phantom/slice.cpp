#include "roentgen/phantom/slice.h"

#include <algorithm>
#include <cmath>

namespace roentgen {
namespace {

constexpr double kAir = -1000;

/// How far inside the outline a point lies, cm; below 0 outside.
class OutlineDepth {
 public:
  explicit OutlineDepth(const Outline& outline)
      : outline_(outline),
        cosine_(PortableCos(outline.angle)),
        sine_(PortableSin(outline.angle)),
        smaller_(std::min(outline.radius_x, outline.radius_y)),
        field_(outline.seed, outline.detail) {}

  double At(SlicePoint point) const {
    const double x = point.x - outline_.centre.x;
    const double y = point.y - outline_.centre.y;
    const double u = (x * cosine_ + y * sine_) / outline_.radius_x;
    const double v = (y * cosine_ - x * sine_) / outline_.radius_y;
    const double r = std::sqrt(u * u + v * v);
    const bool near_rim = std::abs(r - 1) < outline_.waves + 0.1;
    const double wave = near_rim ? outline_.waves * field_.At(2 * u / r, 2 * v / r) : 0;
    return (1 + wave - r) * smaller_;
  }

  double Reach() const {
    return std::max(outline_.radius_x, outline_.radius_y) * (1 + outline_.waves);
  }

 private:
  const Outline& outline_;
  double cosine_;
  double sine_;
  double smaller_;
  SmoothField field_;
};

}  // namespace

Slice::Slice(Size size, double field)
    : ct_numbers_(size), pitch_(field / std::max(size.width, size.height)) {
  std::fill(ct_numbers_.values.begin(), ct_numbers_.values.end(), kAir);
}

SlicePoint Slice::At(int column, int row) const {
  return {(column - (ct_numbers_.size.width - 1) / 2.0) * pitch_,
          ((ct_numbers_.size.height - 1) / 2.0 - row) * pitch_};
}

SlicePoint Slice::Pushed(SlicePoint point) const {
  const double u = point.x / push_x_;
  const double v = point.y / push_y_;
  const double inside = std::max(0.0, 1 - u * u) * std::max(0.0, 1 - v * v);
  return {point.x - shift_ * inside, point.y};
}

void Slice::PushSideways(double shift, double radius_x, double radius_y) {
  shift_ = shift;
  push_x_ = radius_x;
  push_y_ = radius_y;
}

template <class Depth>
void Slice::Paint(SlicePoint centre, double reach, const Depth& depth, double ct_number) {
  reach += std::abs(shift_) + 2 * pitch_;
  const auto column = [&](double x) {
    return static_cast<int>(std::floor(x / pitch_ + (ct_numbers_.size.width - 1) / 2.0));
  };
  const auto row = [&](double y) {
    return static_cast<int>(std::floor((ct_numbers_.size.height - 1) / 2.0 - y / pitch_));
  };
  const int first_column = std::max(0, column(centre.x - reach));
  const int last_column = std::min(ct_numbers_.size.width - 1, column(centre.x + reach) + 1);
  const int first_row = std::max(0, row(centre.y + reach));
  const int last_row = std::min(ct_numbers_.size.height - 1, row(centre.y - reach) + 1);
  for (int y = first_row; y <= last_row; ++y) {
    for (int x = first_column; x <= last_column; ++x) {
      const double covered = std::clamp(0.5 + depth(Pushed(At(x, y))) / pitch_, 0.0, 1.0);
      double& value = ct_numbers_.Row(y)[x];
      value += covered * (ct_number - value);
    }
  }
}

void Slice::Fill(const Outline& outline, double ct_number) {
  const OutlineDepth depth(outline);
  Paint(
      outline.centre, depth.Reach(), [&](SlicePoint at) { return depth.At(at); }, ct_number);
}

void Slice::FillInside(const Outline& clip, const Outline& outline, double ct_number) {
  const OutlineDepth depth(outline);
  const OutlineDepth clip_depth(clip);
  Paint(
      outline.centre, depth.Reach(),
      [&](SlicePoint at) { return std::min(depth.At(at), clip_depth.At(at)); }, ct_number);
}

void Slice::FillAbove(double y, const Outline& outline, double ct_number) {
  const OutlineDepth depth(outline);
  Paint(
      outline.centre, depth.Reach(),
      [&](SlicePoint at) { return std::min(depth.At(at), at.y - y); }, ct_number);
}

void Slice::Line(SlicePoint from, SlicePoint to, double width, double ct_number) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double squared = std::max(dx * dx + dy * dy, 1e-9);
  const auto depth = [&](SlicePoint at) {
    const double along =
        std::clamp(((at.x - from.x) * dx + (at.y - from.y) * dy) / squared, 0.0, 1.0);
    const double x = at.x - from.x - along * dx;
    const double y = at.y - from.y - along * dy;
    return width / 2 - std::sqrt(x * x + y * y);
  };
  Paint({(from.x + to.x) / 2, (from.y + to.y) / 2}, std::sqrt(squared) / 2 + width, depth,
        ct_number);
}

PixelRectangle Slice::BoxAround(SlicePoint centre, double radius) const {
  const double column = centre.x / pitch_ + (ct_numbers_.size.width - 1) / 2.0 + 0.5;
  const double row = (ct_numbers_.size.height - 1) / 2.0 - centre.y / pitch_ + 0.5;
  const double reach = radius / pitch_;
  const double width = ct_numbers_.size.width;
  const double height = ct_numbers_.size.height;
  return {std::clamp(column - reach, 0.0, width), std::clamp(row - reach, 0.0, height),
          std::clamp(column + reach, 0.0, width), std::clamp(row + reach, 0.0, height)};
}

PhantomImage Slice::Develop(CtWindow window, double blur, double noise, uint64_t seed) const {
  Plane picture = ct_numbers_;
  Blur(picture, blur / pitch_);
  // A reconstruction lets neither slow nor the fastest noise through.
  Plane grain(picture.size);
  Plane unit(picture.size);
  std::fill(unit.values.begin(), unit.values.end(), 1.0);
  AddWhiteNoise(grain, unit, PhantomRandom(seed, 1));
  Blur(grain, 0.8);
  Plane slow = grain;
  Blur(slow, 2.5);
  constexpr double kDeviationLeft = 0.68;  // of white noise of 1
  PhantomImage image;
  image.size = picture.size;
  for (size_t i = 0; i < picture.values.size(); ++i) {
    const double value =
        picture.values[i] + noise / kDeviationLeft * (grain.values[i] - slow.values[i]);
    const double shown = std::clamp((value - window.level) / window.width + 0.5, 0.0, 1.0);
    image.pixels.push_back(static_cast<uint16_t>(std::lround(shown * 65535)));
  }
  return image;
}

}  // namespace roentgen
