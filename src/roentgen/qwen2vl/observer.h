#pragma once

#include <functional>
#include <string>

#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// Shown intermediate values as a forward pass makes them, under the names of the reference outputs
/// ("vision.block.3", "layer.0", "final_norm"): for comparing with another implementation. Empty:
/// nobody looks.
using Observer = std::function<void(const std::string& name, ConstMatrix value)>;

inline void Show(const Observer& observer, const std::string& name, ConstMatrix value) {
  if (observer) observer(name, value);
}

}  // namespace roentgen
