#pragma once

#include <cstdint>
#include <span>

#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// Row i of out becomes row ids[i] of the table, widened to f32.
/// table [vocabulary, width]; out [ids.size(), width].
/// Throws ShapeError when an id lies outside the table or out has another shape.
void LookUpRows(const WeightMatrix& table, std::span<const int32_t> ids, Matrix out);

}  // namespace roentgen
