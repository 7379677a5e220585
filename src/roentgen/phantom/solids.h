#pragma once

#include <optional>
#include <span>
#include <vector>

#include "roentgen/phantom/camera.h"

namespace roentgen {

/// An ellipsoid, turned by an orthonormal frame.
struct Ellipsoid {
  Vector3 centre;
  Vector3 radii;  ///< cm, along the axes below
  Vector3 axis_x{1, 0, 0};
  Vector3 axis_y{0, 1, 0};
  Vector3 axis_z{0, 0, 1};

  bool Contains(Vector3 point) const;
};

/// An ellipsoid whose z axis points along `direction` and whose x axis lies as near as it can to
/// the patient's.
Ellipsoid TurnedEllipsoid(Vector3 centre, Vector3 radii, Vector3 direction);

/// What a solid is made of: its attenuation in 1/cm, and whether it is aerated lung, whose length
/// on a ray is kept apart.
struct Material {
  double attenuation = 0;
  bool lung = false;
};

/// The intersection of ellipsoids (convex, so every ray has one way through it), of one material.
struct Solid {
  std::vector<Ellipsoid> parts;
  Material material;

  bool Contains(Vector3 point) const;
};

/// One number for each pixel, rows from the top.
struct Plane {
  explicit Plane(Size of) : size(of), values(static_cast<size_t>(of.width * of.height)) {}
  Size size;
  std::vector<double> values;

  double* Row(int row) { return values.data() + static_cast<size_t>(row) * size.width; }
  const double* Row(int row) const { return values.data() + static_cast<size_t>(row) * size.width; }
};

/// What a ray meets on its way.
struct PathLengths {
  double attenuation = 0;  ///< ∫ μ dl
  double lung = 0;         ///< cm of aerated lung
};

/// The line integrals of a body whose parts lie in each other: at every point the last solid of the
/// list that contains it counts, so that a heart displaces lung. At most 64 solids. Exact along
/// every ray.
void IntegrateSolids(std::span<const Solid> solids, const Camera& camera, Plane& attenuation,
                     Plane& lung);

/// The same for the ray through one point.
PathLengths IntegrateRay(std::span<const Solid> solids, const Camera& camera, Vector3 through);

}  // namespace roentgen
