#pragma once

#include <cstdint>
#include <span>

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// Row i of out becomes row ids[i] of the table, widened to f32.
/// table [vocabulary, width]; out [ids.size(), width].
/// Throws ShapeError when an id lies outside the table or out has another shape.
void LookUpRows(const WeightMatrix& table, std::span<const int32_t> ids, Matrix out);

/// Row ids[i] of grad_table += row i of grad_out: the gradient of LookUpRows' table.
/// grad_out [ids.size(), width]; grad_table [vocabulary, width] f32. Throws as LookUpRows.
void LookUpRowsBackward(ConstMatrix grad_out, std::span<const int32_t> ids, Matrix grad_table,
                        ThreadPool& pool);

}  // namespace roentgen
