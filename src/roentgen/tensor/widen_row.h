#pragma once

#include <cstddef>

#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// out = columns [begin, begin + out.size()) of a row of the weights, whatever their type, in f32.
void WidenRow(const WeightMatrix& weight, size_t row, size_t begin, Vector out);

}  // namespace roentgen
