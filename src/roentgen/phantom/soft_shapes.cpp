#include "roentgen/phantom/soft_shapes.h"

#include <algorithm>
#include <cmath>

#include "roentgen/phantom/portable_math.h"

namespace roentgen {
namespace {

constexpr double kFullLung = 4;    // cm
constexpr double kSteepest = 0.3;  // sine; a tube seen end on is not endless
constexpr double kRootOfTwoPi = 2.506628274631;

struct PixelBox {
  int first_column;
  int last_column;
  int first_row;
  int last_row;
};

/// The pixels within `reach` of the points, inside the picture.
PixelBox Around(PicturePoint a, PicturePoint b, double reach, Size size) {
  const auto down = [](double x) { return static_cast<int>(std::floor(std::clamp(x, -1e6, 1e6))); };
  return {std::max(0, down(std::min(a.column, b.column) - reach)),
          std::min(size.width - 1, down(std::max(a.column, b.column) + reach) + 1),
          std::max(0, down(std::min(a.row, b.row) - reach)),
          std::min(size.height - 1, down(std::max(a.row, b.row) + reach) + 1)};
}

/// A straight piece of a tube in the picture.
struct Piece {
  PicturePoint from;
  PicturePoint to;
  double from_radius;  // pixels
  double to_radius;
  double pixels_per_cm;
  double slant;  // sine of the angle between tube and rays

  /// The chord at a pixel, in cm, of the tube and of its hollow.
  double Chord(double column, double row, double hollow) const {
    const double dx = to.column - from.column;
    const double dy = to.row - from.row;
    const double squared = std::max(dx * dx + dy * dy, 1e-9);
    const double along =
        std::clamp(((column - from.column) * dx + (row - from.row) * dy) / squared, 0.0, 1.0);
    const double radius = from_radius + along * (to_radius - from_radius);
    const double x = column - from.column - along * dx;
    const double y = row - from.row - along * dy;
    const double distance2 = x * x + y * y;
    if (distance2 >= radius * radius) return 0;
    const double inner2 = hollow * hollow * radius * radius;
    double chord = std::sqrt(radius * radius - distance2);
    if (distance2 < inner2) chord -= hollow * std::sqrt(inner2 - distance2);
    return 2 * chord / (pixels_per_cm * slant);
  }
};

}  // namespace

void AddTube(const Tube& tube, const Camera& camera, Plane& attenuation) {
  std::vector<Piece> pieces;
  PixelBox all{camera.size.width, -1, camera.size.height, -1};
  std::vector<PixelBox> boxes;
  for (size_t i = 0; i + 1 < tube.points.size(); ++i) {
    const Tube::Point& a = tube.points[i];
    const Tube::Point& b = tube.points[i + 1];
    const Vector3 middle = 0.5 * (a.at + b.at);
    const double scale = camera.PixelsPerCm(middle);
    const double cosine = Dot(Direction(b.at - a.at), Direction(middle - camera.source));
    const double sine = std::sqrt(std::max(0.0, 1 - cosine * cosine));
    pieces.push_back({camera.Project(a.at), camera.Project(b.at), scale * a.radius,
                      scale * b.radius, scale, std::max(sine, kSteepest)});
    const double reach = scale * std::max(a.radius, b.radius);
    boxes.push_back(Around(pieces.back().from, pieces.back().to, reach, camera.size));
    all = {std::min(all.first_column, boxes.back().first_column),
           std::max(all.last_column, boxes.back().last_column),
           std::min(all.first_row, boxes.back().first_row),
           std::max(all.last_row, boxes.back().last_row)};
  }
  if (all.last_column < all.first_column || all.last_row < all.first_row) return;
  const int width = all.last_column - all.first_column + 1;
  std::vector<double> chords(static_cast<size_t>(width * (all.last_row - all.first_row + 1)));
  const auto chord_at = [&](int column, int row) -> double& {
    return chords[static_cast<size_t>((row - all.first_row) * width + column - all.first_column)];
  };
  for (size_t i = 0; i < pieces.size(); ++i) {
    for (int row = boxes[i].first_row; row <= boxes[i].last_row; ++row) {
      for (int column = boxes[i].first_column; column <= boxes[i].last_column; ++column) {
        double& chord = chord_at(column, row);
        chord = std::max(chord, pieces[i].Chord(column, row, tube.hollow));
      }
    }
  }
  for (int row = all.first_row; row <= all.last_row; ++row) {
    for (int column = all.first_column; column <= all.last_column; ++column) {
      attenuation.Row(row)[column] += tube.attenuation * chord_at(column, row);
    }
  }
}

void AddSoftBall(const SoftBall& ball, const Camera& camera, const Plane& lung,
                 Plane& attenuation) {
  const PicturePoint middle = camera.Project(ball.centre);
  const double deviation = ball.deviation * camera.PixelsPerCm(ball.centre);
  const PixelBox box = Around(middle, middle, 3.5 * deviation, camera.size);
  const double peak = ball.attenuation * ball.deviation * kRootOfTwoPi;
  for (int row = box.first_row; row <= box.last_row; ++row) {
    for (int column = box.first_column; column <= box.last_column; ++column) {
      const double x = (column - middle.column) / deviation;
      const double y = (row - middle.row) / deviation;
      const double share = std::min(1.0, lung.Row(row)[column] / kFullLung);
      attenuation.Row(row)[column] += peak * share * PortableExp(-0.5 * (x * x + y * y));
    }
  }
}

}  // namespace roentgen
