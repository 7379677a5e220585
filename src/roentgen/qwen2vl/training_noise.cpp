#include "roentgen/qwen2vl/training_noise.h"

#include "roentgen/kernels/row_blocks.h"

namespace roentgen {

void Dropout(ConstMatrix x, float rate, uint64_t key, Matrix y, ThreadPool& pool) {
  const float kept = 1.0f / (1.0f - rate);
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    const float* const from = x.Row(row);
    float* const to = y.Row(row);
    for (size_t c = 0; c < x.cols; ++c) {
      const bool drop = PassRandom::Uniform(key, row * x.cols + c) < rate;
      to[c] = drop ? 0.0f : from[c] * kept;
    }
  });
}

void AddNoise(Matrix x, float magnitude, uint64_t key, uint64_t first_index, ThreadPool& pool) {
  ForRows(pool, x.rows, x.cols, [&](size_t row) {
    for (size_t c = 0; c < x.cols; ++c) {
      const float u = PassRandom::Uniform(key, first_index + row * x.cols + c);
      x.Row(row)[c] += (2 * u - 1) * magnitude;
    }
  });
}

}  // namespace roentgen
