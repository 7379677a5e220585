#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace roentgen {

/// Of each unit the sum of its questions' scores, and how many they are. Units without a question
/// are left out; the others are in the order in which they first appear.
struct UnitSums {
  std::vector<double> sum;
  std::vector<double> count;
};

/// Throws ShapeError when the lists differ in length or are empty.
UnitSums SumByUnit(std::span<const double> scores, std::span<const uint32_t> units);

}  // namespace roentgen
