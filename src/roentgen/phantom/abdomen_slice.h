#pragma once

#include "roentgen/phantom/phantom_image.h"

namespace roentgen {

/// A slice through the upper abdomen, in half of the patients with contrast agent in the portal
/// phase, in the soft tissue window (400/40).
PhantomImage DrawAbdomenSlice(const Patient& patient, Size size);

}  // namespace roentgen
