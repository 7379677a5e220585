#pragma once

#include "roentgen/imaging/image.h"
#include "roentgen/phantom/vector3.h"

namespace roentgen {

/// A point of the picture, in pixels from the middle of its top left one.
struct PicturePoint {
  double column = 0;
  double row = 0;
};

/// An X-ray tube and a flat detector: every pixel is a ray from the focal spot. Rays diverge, so
/// that what is far from the detector is larger in the picture, as the heart is from front to back.
struct Camera {
  Vector3 source;
  Vector3 first_pixel;  ///< middle of the top left one
  Vector3 column_step;  ///< from a pixel to its right neighbour; at right angles to row_step
  Vector3 row_step;
  Size size;

  Vector3 Pixel(double column, double row) const {
    return first_pixel + column * column_step + row * row_step;
  }
  /// Where the shadow of a point falls, and how much larger than the thing it is, in pixels a
  /// centimetre.
  PicturePoint Project(Vector3 point) const;
  double PixelsPerCm(Vector3 point) const;

  /// From behind to the front (the chest at the detector), or from the front to the back, or from
  /// the right to the left; the patient's left on the right of the picture, in the last one his
  /// front.
  ///
  /// field        side of what the picture shows, at the detector, cm
  /// distance     from the focal spot to the detector, cm
  /// to_detector  from the patient's middle to the detector, cm
  enum class Beam { kToFront, kToBack, kToLeft };
  static Camera Make(Beam beam, double field, double distance, double to_detector, Size size);

 private:
  /// How far along its ray from the focal spot (0) to the detector's plane (1) a point lies.
  double Depth(Vector3 point) const;
};

}  // namespace roentgen
