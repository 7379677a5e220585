#include "roentgen/qwen2vl/finite_weights.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>
#include <vector>

#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace {

size_t CountIn(const float* values, size_t count) {
  return static_cast<size_t>(
      std::count_if(values, values + count, [](float value) { return !std::isfinite(value); }));
}

size_t CountIn(const WeightMatrix& matrix, ThreadPool& pool) {
  std::atomic<size_t> count = 0;
  pool.ForEach(matrix.rows, [&](size_t row, int /*worker*/) {
    constexpr size_t kPiece = 4096;
    float values[kPiece];
    for (size_t begin = 0; begin < matrix.cols; begin += kPiece) {
      const size_t size = std::min(kPiece, matrix.cols - begin);
      WidenRow(matrix, row, begin, {values, size});
      count += CountIn(values, size);
    }
  });
  return count;
}

size_t CountIn(const LoraDelta& delta) {
  size_t count = 0;
  for (const auto& matrix : {delta.a, delta.b, delta.magnitude}) {
    if (matrix) count += CountIn(matrix->data(), matrix->rows() * matrix->cols());
  }
  return count;
}

}  // namespace

std::optional<NotFinite> FindNotFinite(const ModelWeights& weights, ThreadPool& pool) {
  std::optional<NotFinite> found;
  const auto tell = [&](std::string name, size_t values) {
    if (values > 0 && !found) found = {std::move(name), values};
  };
  VisitParameters(
      weights,
      [&](const std::string& name, const WeightMatrix& matrix) {
        if (!found) tell(name, CountIn(matrix, pool));
      },
      [&](const std::string& name, const std::vector<float>& vector) {
        tell(name, CountIn(vector.data(), vector.size()));
      });
  VisitLinears(weights, [&](const std::string& name, const Linear& linear) {
    for (const LoraDelta& delta : linear.lora) tell(name + ".lora", CountIn(delta));
  });
  return found;
}

}  // namespace roentgen
