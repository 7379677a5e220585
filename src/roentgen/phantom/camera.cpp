#include "roentgen/phantom/camera.h"

#include <algorithm>

namespace roentgen {

double Camera::Depth(Vector3 point) const {
  const Vector3 normal = Cross(column_step, row_step);
  return Dot(point - source, normal) / Dot(first_pixel - source, normal);
}

PicturePoint Camera::Project(Vector3 point) const {
  const Vector3 shadow = source + 1 / Depth(point) * (point - source);
  const Vector3 offset = shadow - first_pixel;
  return {Dot(offset, column_step) / Dot(column_step, column_step),
          Dot(offset, row_step) / Dot(row_step, row_step)};
}

double Camera::PixelsPerCm(Vector3 point) const {
  return 1 / (Depth(point) * Length(column_step));
}

Camera Camera::Make(Beam beam, double field, double distance, double to_detector, Size size) {
  Vector3 forward{0, 1, 0};
  Vector3 right{1, 0, 0};
  if (beam == Beam::kToBack) forward = {0, -1, 0};
  if (beam == Beam::kToLeft) {
    forward = {1, 0, 0};
    right = {0, 1, 0};
  }
  const double pitch = field / std::max(size.width, size.height);
  Camera camera;
  camera.size = size;
  camera.source = (to_detector - distance) * forward;
  camera.column_step = pitch * right;
  camera.row_step = {0, 0, -pitch};
  camera.first_pixel = to_detector * forward - (size.width - 1) / 2.0 * camera.column_step -
                       (size.height - 1) / 2.0 * camera.row_step;
  return camera;
}

}  // namespace roentgen
