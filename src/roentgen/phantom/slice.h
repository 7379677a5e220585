#pragma once

#include <cstdint>
#include <optional>

#include "roentgen/phantom/phantom_image.h"
#include "roentgen/phantom/planes.h"

namespace roentgen {

/// A point in a slice, cm: x to the patient's left (on the right of the picture), y to the front.
struct SlicePoint {
  double x = 0;
  double y = 0;
};

/// An ellipse, turned, whose rim may wave as those of organs do.
struct Outline {
  SlicePoint centre;
  double radius_x = 0;  ///< cm
  double radius_y = 0;
  double angle = 0;   ///< radians, counter-clockwise in the picture
  double waves = 0;   ///< how far the rim moves, in parts of the radius
  double detail = 1;  ///< size of the waves: 1 some lobes, 0.1 many
  uint64_t seed = 0;
};

/// Which CT numbers become black and white.
struct CtWindow {
  double level = 0;
  double width = 1;
};

/// A slice of CT numbers (Hounsfield units) that is painted from the outside in: every shape covers
/// what was there, with an edge as soft as a pixel.
class Slice {
 public:
  /// field: side of the square picture, cm.
  Slice(Size size, double field);

  void Fill(const Outline& outline, double ct_number);
  /// The part of the outline inside another one.
  void FillInside(const Outline& clip, const Outline& outline, double ct_number);
  /// The part of it above a height, as air lies in a stomach.
  void FillAbove(double y, const Outline& outline, double ct_number);
  void Line(SlicePoint from, SlicePoint to, double width, double ct_number);

  /// What is painted from now on is pushed sideways by up to so many cm in the middle of an ellipse
  /// with these radii, not at all at its rim.
  void PushSideways(double shift, double radius_x, double radius_y);

  PixelRectangle BoxAround(SlicePoint centre, double radius) const;

  /// Blur and noise of the reconstruction, then the window.
  ///
  /// blur   deviation, cm
  /// noise  deviation, Hounsfield units
  PhantomImage Develop(CtWindow window, double blur, double noise, uint64_t seed) const;

 private:
  /// depth(point): how far inside the shape it lies, cm; the shape lies within reach of the centre.
  template <class Depth>
  void Paint(SlicePoint centre, double reach, const Depth& depth, double ct_number);
  SlicePoint At(int column, int row) const;
  SlicePoint Pushed(SlicePoint point) const;

  Plane ct_numbers_;
  double pitch_;
  double shift_ = 0;
  double push_x_ = 1;
  double push_y_ = 1;
};

}  // namespace roentgen
