#pragma once

#include <vector>

#include "roentgen/phantom/camera.h"
#include "roentgen/phantom/solids.h"

namespace roentgen {

/// A bent tube: bones, vessels, airways. It adds to what the rays met without it.
struct Tube {
  struct Point {
    Vector3 at;
    double radius;  ///< cm
  };
  std::vector<Point> points;
  double attenuation = 0;  ///< more than its surroundings, 1/cm; below 0 for air
  /// How much of the tube a hollow takes, 0 none to 1: a bone is dense at its rim.
  double hollow = 0;
};

/// Adds the tubes' line integrals: the way of a ray through a straight piece is the chord of its
/// circle, over the sine of the angle at which they meet. A tube counts once where its pieces
/// overlap.
void AddTube(const Tube& tube, const Camera& camera, Plane& attenuation);

/// A soft ball: its density falls off as a Gaussian. Many of them make a cloud.
struct SoftBall {
  Vector3 centre;
  double deviation = 0;    ///< cm
  double attenuation = 0;  ///< added in its middle, 1/cm
};

/// Adds ball integrals, only where there is lung for them to be in: in full from 4 cm on.
void AddSoftBall(const SoftBall& ball, const Camera& camera, const Plane& lung, Plane& attenuation);

}  // namespace roentgen
