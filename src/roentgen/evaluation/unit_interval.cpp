#include "roentgen/evaluation/unit_interval.h"

#include <algorithm>
#include <cmath>

#include "roentgen/evaluation/student_t.h"
#include "roentgen/evaluation/unit_sums.h"

namespace roentgen {
UnitMean EstimateMean(std::span<const double> scores, std::span<const uint32_t> units,
                      double largest) {
  const UnitSums sums = SumByUnit(scores, units);
  UnitMean result;
  result.questions = scores.size();
  result.units = sums.count.size();
  const auto n = static_cast<double>(result.questions);
  const auto m = static_cast<double>(result.units);
  for (const double sum : sums.sum) result.mean += sum;
  result.mean /= n;
  if (result.units < 2) return result;

  double squares = 0;
  for (size_t u = 0; u < result.units; ++u) {
    const double error = sums.sum[u] - sums.count[u] * result.mean;
    squares += error * error;
  }
  result.standard_error = std::sqrt(m / (m - 1) * squares) / n;
  double variance = 0;
  for (const double score : scores) variance += (score - result.mean) * (score - result.mean) / n;
  const double least = std::sqrt(variance / (kMostEffective * n));
  const double t = StudentT975(result.units - 1);
  if (std::isinf(largest)) {
    if (result.standard_error == 0) return result;  // no bound tells how far others may be
    const double half = t * std::max(result.standard_error, least);
    result.interval = {std::max(0.0, result.mean - half), result.mean + half};
    return result;
  }
  const double share = std::clamp(result.mean / largest, 0.0, 1.0);
  const double error = std::max(result.standard_error, least) / largest;
  constexpr double kRounding = 1e-12;  // of sums that should be equal
  const bool alike = result.standard_error / largest < kRounding;
  result.effective_questions = alike ? m : share * (1 - share) / (error * error);
  const Bounds bounds = WilsonBounds(share, result.effective_questions, t);
  result.interval = {largest * bounds.lower, largest * bounds.upper};
  return result;
}

}  // namespace roentgen
