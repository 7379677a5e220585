#include "roentgen/phantom/solids.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace roentgen {
namespace {

constexpr size_t kMaxSolids = 64;

/// A vector in the frame where the ellipsoid is the unit ball.
Vector3 ToBall(const Ellipsoid& ellipsoid, Vector3 v) {
  return {Dot(v, ellipsoid.axis_x) / ellipsoid.radii.x,
          Dot(v, ellipsoid.axis_y) / ellipsoid.radii.y,
          Dot(v, ellipsoid.axis_z) / ellipsoid.radii.z};
}

/// A ray's way through a solid: positions between focal spot (0) and detector (1); empty when end
/// is not above begin.
struct Interval {
  double begin = 0;
  double end = 1;
};

/// An ellipsoid as the rays of a row of pixels see it: what is the same for all of them is computed
/// once. |p + t·q|² = 1 with the ray's source p and direction q in the ball's frame.
class EllipsoidRays {
 public:
  EllipsoidRays(const Ellipsoid& ellipsoid, const Camera& camera, int row)
      : source_(ToBall(ellipsoid, camera.source - ellipsoid.centre)),
        first_(ToBall(ellipsoid, camera.Pixel(0, row) - camera.source)),
        step_(ToBall(ellipsoid, camera.column_step)),
        constant_(Dot(source_, source_) - 1) {}

  void Clip(double column, Interval& interval) const {
    const Vector3 q = first_ + column * step_;
    const double a = Dot(q, q);
    const double b = Dot(source_, q);
    const double discriminant = b * b - a * constant_;
    if (discriminant <= 0) {
      interval.end = interval.begin;
      return;
    }
    const double root = std::sqrt(discriminant);
    interval.begin = std::max(interval.begin, (-b - root) / a);
    interval.end = std::min(interval.end, (-b + root) / a);
  }

  /// The columns whose rays meet the ellipsoid: where the discriminant, a square polynomial in the
  /// column, is above 0.
  void ClipColumns(int& first, int& last) const {
    const double bb = Dot(source_, step_);
    const double b0 = Dot(source_, first_);
    const double a2 = bb * bb - constant_ * Dot(step_, step_);
    const double a1 = b0 * bb - constant_ * Dot(first_, step_);
    const double a0 = b0 * b0 - constant_ * Dot(first_, first_);
    if (a2 >= 0) return;  // the focal spot is inside: every ray meets it
    const double discriminant = a1 * a1 - a2 * a0;
    if (discriminant <= 0) {
      last = first - 1;
      return;
    }
    const double root = std::sqrt(discriminant);
    first = std::max(first, static_cast<int>(std::ceil(std::max((-a1 + root) / a2, -1e6))));
    last = std::min(last, static_cast<int>(std::floor(std::min((-a1 - root) / a2, 1e6))));
  }

 private:
  Vector3 source_;
  Vector3 first_;
  Vector3 step_;
  double constant_;
};

/// All solids as the rays of one row see them.
class SolidRow {
 public:
  SolidRow(std::span<const Solid> solids, const Camera& camera, int row) : solids_(solids) {
    for (size_t i = 0; i < solids.size(); ++i) {
      Crossing crossing{i, 0, camera.size.width - 1, {}};
      for (const Ellipsoid& part : solids[i].parts) {
        crossing.rays.emplace_back(part, camera, row);
        crossing.rays.back().ClipColumns(crossing.first, crossing.last);
      }
      if (crossing.first <= crossing.last) crossings_.push_back(std::move(crossing));
    }
  }

  /// Lengths in units of the ray from focal spot to detector.
  PathLengths Integrate(int column) {
    Collect(column);
    std::sort(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(count_),
              [](const Event& a, const Event& b) { return a.position < b.position; });
    PathLengths sum;
    uint64_t inside = 0;
    for (size_t i = 0; i < count_; ++i) {
      if (inside != 0) {
        const auto last = static_cast<size_t>(63 - std::countl_zero(inside));
        const double length = events_[i].position - events_[i - 1].position;
        sum.attenuation += length * solids_[last].material.attenuation;
        if (solids_[last].material.lung) sum.lung += length;
      }
      inside ^= uint64_t{1} << events_[i].solid;
    }
    return sum;
  }

 private:
  struct Crossing {
    size_t solid;
    int first;
    int last;
    std::vector<EllipsoidRays> rays;
  };
  struct Event {
    double position;
    size_t solid;
  };

  void Collect(int column) {
    count_ = 0;
    for (const Crossing& crossing : crossings_) {
      if (column < crossing.first || column > crossing.last) continue;
      Interval interval;
      for (const EllipsoidRays& rays : crossing.rays) rays.Clip(column, interval);
      if (interval.end <= interval.begin) continue;
      events_[count_++] = {interval.begin, crossing.solid};
      events_[count_++] = {interval.end, crossing.solid};
    }
  }

  std::span<const Solid> solids_;
  std::vector<Crossing> crossings_;
  std::array<Event, 2 * kMaxSolids> events_;
  size_t count_ = 0;
};

}  // namespace

bool Ellipsoid::Contains(Vector3 point) const {
  const Vector3 in_ball = ToBall(*this, point - centre);
  return Dot(in_ball, in_ball) <= 1;
}

bool Solid::Contains(Vector3 point) const {
  return std::all_of(parts.begin(), parts.end(),
                     [&](const Ellipsoid& part) { return part.Contains(point); });
}

Ellipsoid TurnedEllipsoid(Vector3 centre, Vector3 radii, Vector3 direction) {
  Ellipsoid turned{centre, radii};
  turned.axis_z = Direction(direction);
  const Vector3 aside = std::abs(turned.axis_z.x) < 0.9 ? Vector3{1, 0, 0} : Vector3{0, 1, 0};
  turned.axis_x = Direction(aside - Dot(aside, turned.axis_z) * turned.axis_z);
  turned.axis_y = Cross(turned.axis_z, turned.axis_x);
  return turned;
}

void IntegrateSolids(std::span<const Solid> solids, const Camera& camera, Plane& attenuation,
                     Plane& lung) {
  for (int row = 0; row < camera.size.height; ++row) {
    SolidRow rays(solids.first(std::min(solids.size(), kMaxSolids)), camera, row);
    for (int column = 0; column < camera.size.width; ++column) {
      const double length = Length(camera.Pixel(column, row) - camera.source);
      const PathLengths path = rays.Integrate(column);
      attenuation.Row(row)[column] = length * path.attenuation;
      lung.Row(row)[column] = length * path.lung;
    }
  }
}

PathLengths IntegrateRay(std::span<const Solid> solids, const Camera& camera, Vector3 through) {
  const PicturePoint at = camera.Project(through);
  Camera one = camera;
  one.first_pixel = camera.Pixel(at.column, at.row);
  one.size = {1, 1};
  PathLengths path =
      SolidRow(solids.first(std::min(solids.size(), kMaxSolids)), one, 0).Integrate(0);
  const double length = Length(one.first_pixel - one.source);
  return {length * path.attenuation, length * path.lung};
}

}  // namespace roentgen
