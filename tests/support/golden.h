#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "roentgen/imaging/patches.h"
#include "roentgen/tensor/matrix.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen::test {

/// The values of an integer tensor (I64 or I32).
template <class T>
std::vector<T> Integers(const TensorView& tensor) {
  std::vector<T> values(tensor.elements());
  for (size_t i = 0; i < values.size(); ++i) {
    if (tensor.dtype == DType::kI64) {
      int64_t value;
      std::memcpy(&value, tensor.data.data() + i * sizeof(value), sizeof(value));
      values[i] = static_cast<T>(value);
    } else {
      int32_t value;
      std::memcpy(&value, tensor.data.data() + i * sizeof(value), sizeof(value));
      values[i] = static_cast<T>(value);
    }
  }
  return values;
}

/// A tensor as a matrix: its last dimension are the columns.
inline OwnedMatrix ToMatrix(const TensorView& tensor) {
  const std::vector<float> values = ToFloats(tensor);
  const size_t cols = tensor.shape.back();
  OwnedMatrix matrix(cols == 0 ? 0 : values.size() / cols, cols);
  std::copy(values.begin(), values.end(), matrix.data());
  return matrix;
}

inline WeightMatrix AsWeights(const TensorView& tensor) {
  return {tensor.dtype, tensor.data.data(), tensor.shape[0], tensor.elements() / tensor.shape[0]};
}

inline std::vector<GridThw> Grids(const TensorView& tensor) {
  const auto values = Integers<int>(tensor);
  std::vector<GridThw> grids;
  for (size_t i = 0; i + 2 < values.size(); i += 3) {
    grids.push_back({values[i], values[i + 1], values[i + 2]});
  }
  return grids;
}

/// Expects every value within the tolerance, which grows with values above 1 when relative is set.
inline void ExpectClose(const std::string& name, ConstMatrix value, const TensorView& expected,
                        double tolerance, bool relative = false) {
  const std::vector<float> reference = ToFloats(expected);
  ASSERT_EQ(value.rows * value.cols, reference.size()) << name;
  double worst = 0;
  size_t worst_at = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double is = value.Row(i / value.cols)[i % value.cols];
    const double scale = relative ? std::max(1.0, std::abs(static_cast<double>(reference[i]))) : 1;
    const double difference = std::abs(is - reference[i]) / scale;
    if (!(difference <= worst)) {  // a NaN counts
      worst = difference;
      worst_at = i;
    }
  }
  EXPECT_LE(worst, tolerance) << name << " at " << worst_at << ": expected "
                              << (reference.empty() ? 0.0f : reference[worst_at]);
}

inline ConstMatrix AsRows(std::span<const float> values, size_t cols) {
  return {values.data(), values.size() / cols, cols, cols};
}

}  // namespace roentgen::test
