#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "roentgen/base/random.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen::test {

/// Runs the check once per instruction set that this processor has and the kernels are compiled
/// for, so that the AVX2 code is tested on a machine with AVX-512 too.
inline void ForEachInstructionSet(const std::function<void()>& check) {
  const std::vector<std::string> names = InstructionSets();
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    UseInstructionSet(name);
    check();
  }
  UseInstructionSet(names.front());
}

inline float RandomFloat(Random& random) {
  return static_cast<float>(2 * random.NextUniform() - 1);
}

inline std::vector<float> RandomFloats(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = RandomFloat(random);
  return values;
}

inline OwnedMatrix RandomMatrix(size_t rows, size_t cols, uint64_t seed) {
  OwnedMatrix matrix(rows, cols);
  const std::vector<float> values = RandomFloats(rows * cols, seed);
  std::copy(values.begin(), values.end(), matrix.data());
  return matrix;
}

/// Bound for a sum of `terms` products of values in [−1, 1] in float: a partial sum is √terms large
/// and each of `terms` steps rounds it by at most 2⁻²⁴ of itself, in random directions; eight times
/// that.
inline double DotTolerance(size_t terms) {
  return 8 * 0x1p-24 * static_cast<double>(terms);
}

}  // namespace roentgen::test
