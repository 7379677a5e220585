#pragma once

#include "roentgen/phantom/phantom_image.h"

namespace roentgen {

/// A slice through the head at the level of the lateral ventricles, without contrast agent, in the
/// brain window (80/40).
PhantomImage DrawHeadSlice(const Patient& patient, Size size);

}  // namespace roentgen
