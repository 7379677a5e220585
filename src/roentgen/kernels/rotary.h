#pragma once

#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// The inverse frequencies of rotary embeddings, theta^(−2j/dim) for j < dim / 2 (Su et al. 2021),
/// rounded to f32 as in Transformers.
std::vector<float> InverseFrequencies(double theta, size_t dim);

/// Cosines and sines of a sequence's rotary angles: two matrices [tokens, head_dim / 2].
struct RotaryTable {
  OwnedMatrix cos;
  OwnedMatrix sin;
};

/// Rotates every head of every row in place: the pair (x[j], x[j + head_dim/2]) by the angle j of
/// the row. x [tokens, heads · head_dim]; the table has its rows and head_dim / 2 columns. Throws
/// ShapeError when the sizes do not go together. rotate_half in Transformers.
void ApplyRotary(Matrix x, const RotaryTable& table, ThreadPool& pool);

/// The gradient of ApplyRotary's output becomes that of its input, in place: the inverse rotation.
void ApplyRotaryBackward(Matrix grad, const RotaryTable& table, ThreadPool& pool);

}  // namespace roentgen
