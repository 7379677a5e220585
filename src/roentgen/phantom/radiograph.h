#pragma once

#include "roentgen/phantom/phantom_image.h"
#include "roentgen/phantom/thorax.h"

namespace roentgen {

/// Exposes the scene and develops the picture. The seed draws exposure, collimation and noise.
PhantomImage TakeRadiograph(const ThoraxScene& scene, uint64_t seed);

}  // namespace roentgen
