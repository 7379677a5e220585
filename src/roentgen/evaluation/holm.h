#pragma once

#include <span>
#include <vector>

namespace roentgen {

/// The p values of tests that are made together, adjusted so that the chance of any false verdict
/// stays below the level that they are compared with (Holm 1979), in the order given.
std::vector<double> HolmAdjusted(std::span<const double> p);

}  // namespace roentgen
