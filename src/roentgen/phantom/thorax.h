#pragma once

#include <vector>

#include "roentgen/phantom/patient.h"
#include "roentgen/phantom/soft_shapes.h"
#include "roentgen/phantom/solids.h"

namespace roentgen {

/// A place of a finding, for the box around it: a ball.
struct Extent {
  Vector3 centre;
  double radius = 0;
};

/// A chest in front of an X-ray tube: everything that its radiograph shows.
struct ThoraxScene {
  Camera camera;
  std::vector<Solid> solids;
  std::vector<Tube> tubes;
  std::vector<SoftBall> balls;
  std::vector<std::vector<Extent>> findings;  ///< of each of the patient's findings
  /// Widest heart shadow over widest inner chest: above 0.5 the heart counts as enlarged.
  double cardiothoracic_ratio = 0;
};

/// The anatomy follows from the patient's seed, findings change only what they must. Sizes are
/// those of an adult (lungs of 24 to 28 cm across, a heart of 0.41 to 0.47 of that, or of 0.57 to
/// 0.66 when enlarged); attenuation is that of tissues at 60 to 70 keV (NIST XCOM).
ThoraxScene BuildThorax(const Patient& patient, Size size);

}  // namespace roentgen
