#pragma once

#include <cstdint>
#include <vector>

#include "roentgen/phantom/portable_math.h"
#include "roentgen/phantom/solids.h"

namespace roentgen {

/// Blurs by nearly a Gaussian: three boxes, one after the other, in each direction. At the edges
/// the outermost values go on. Below 0.3 pixels nothing is done.
void Blur(Plane& plane, double deviation_pixels);

/// Adds noise of a deviation of its own for every pixel.
void AddWhiteNoise(Plane& plane, const Plane& deviation, PhantomRandom random);

/// A smooth random field with mean 0 and values within ±1. Places that lie further apart than
/// `detail` do not depend on each other; whatever the pixel size, a place has its value.
class SmoothField {
 public:
  SmoothField(uint64_t seed, double detail) : seed_(seed), detail_(detail) {}
  double At(double x, double y) const;
  /// The values at (0, y), (step, y), (2·step, y), …
  void Row(double y, double step, std::vector<double>& values) const;

 private:
  double Corner(int64_t x, int64_t y) const;
  /// Between the corners of a column, above and below y.
  double OnColumn(int64_t column, double y) const;

  uint64_t seed_;
  double detail_;
};

/// The value that the share of the values lies below; share in [0, 1].
double Quantile(std::vector<double> values, double share);

}  // namespace roentgen
