#include "roentgen/evaluation/unit_sums.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"

namespace roentgen {

UnitSums SumByUnit(std::span<const double> scores, std::span<const uint32_t> units) {
  if (scores.empty() || scores.size() != units.size()) {
    throw ShapeError(fmt::format("{} scores of {} questions", scores.size(), units.size()));
  }
  constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> place(*std::max_element(units.begin(), units.end()) + size_t{1}, kNone);
  UnitSums sums;
  for (size_t i = 0; i < scores.size(); ++i) {
    uint32_t& unit = place[units[i]];
    if (unit == kNone) {
      unit = static_cast<uint32_t>(sums.sum.size());
      sums.sum.push_back(0);
      sums.count.push_back(0);
    }
    sums.sum[unit] += scores[i];
    sums.count[unit] += 1;
  }
  return sums;
}

}  // namespace roentgen
