#include "roentgen/data/split_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/data/sample.h"
#include "roentgen/data/split_units.h"

namespace roentgen {
namespace {

/// The first part that none of the units falls into; as many as there are parts where all get some.
size_t FirstEmpty(const std::set<SplitUnit>& units, std::span<const double> shares, uint64_t seed) {
  std::vector<bool> filled(shares.size());
  for (const SplitUnit& unit : units) filled[PartOfUnit(unit, shares, seed)] = true;
  return static_cast<size_t>(std::find(filled.begin(), filled.end(), false) - filled.begin());
}

[[noreturn]] void ThrowEmpty(const std::string& part, const std::set<SplitUnit>& units,
                             std::span<const double> shares, uint64_t seed) {
  constexpr uint64_t kTried = 1000;
  std::string hint = "Rows that share a patient or an image stay together. Ask for fewer parts.";
  for (uint64_t other = seed + 1; other <= seed + kTried; ++other) {
    if (FirstEmpty(units, shares, other) < shares.size()) continue;
    hint = fmt::format("Seed {} gives every part some, or ask for a larger share.", other);
    break;
  }
  throw Error(fmt::format("of {} patients, images or questions that stay together none falls into "
                          "the part \"{}\"",
                          units.size(), part),
              hint);
}

}  // namespace

std::vector<PlannedPart> PlannedParts(const SplitPlan& plan) {
  std::vector<PlannedPart> parts;
  if (plan.kind == SplitPlan::Kind::kFolds) {
    for (int i = 1; i <= plan.folds; ++i) parts.push_back({fmt::format("fold-{}", i), 1});
    return parts;
  }
  parts.push_back({std::string(kTest), plan.test_share});
  if (plan.validation_share > 0) {
    parts.push_back({std::string(kValidation), plan.validation_share});
  }
  parts.push_back({std::string(kTrain), 1 - plan.test_share - plan.validation_share});
  return parts;
}

std::vector<uint32_t> DrawParts(std::span<const SplitUnit> unit_of_row,
                                std::span<const PlannedPart> parts, uint64_t seed) {
  std::vector<double> shares;
  for (const PlannedPart& part : parts) shares.push_back(part.share);
  const std::set<SplitUnit> units(unit_of_row.begin(), unit_of_row.end());
  const size_t empty = FirstEmpty(units, shares, seed);
  if (empty < parts.size()) ThrowEmpty(parts[empty].name, units, shares, seed);
  std::vector<uint32_t> drawn;
  drawn.reserve(unit_of_row.size());
  for (const SplitUnit& unit : unit_of_row) drawn.push_back(PartOfUnit(unit, shares, seed));
  return drawn;
}

}  // namespace roentgen
