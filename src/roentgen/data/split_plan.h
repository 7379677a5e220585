#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "roentgen/data/split_units.h"

namespace roentgen {

/// Which rows go into which part.
struct SplitPlan {
  enum class Kind {
    kOfficial,  ///< the source's own parts
    kByUnit,    ///< shares of the units (SplitUnits): no patient and no image in two parts
    kFolds,     ///< fold-1 … fold-N, each unit in one of them
  };
  Kind kind = Kind::kOfficial;
  double test_share = 0.2;
  double validation_share = 0;
  int folds = 5;
  uint64_t seed = 0;
};

/// A part's name and the share of the units that it gets.
struct PlannedPart {
  std::string name;
  double share;
};

/// The parts of a plan that is not kOfficial.
std::vector<PlannedPart> PlannedParts(const SplitPlan& plan);

/// The part, in `parts`, of each row's unit, drawn by a hash of the unit and the seed. Throws Error
/// when a part gets no row: of few units not every seed gives every part some.
std::vector<uint32_t> DrawParts(std::span<const SplitUnit> unit_of_row,
                                std::span<const PlannedPart> parts, uint64_t seed);

}  // namespace roentgen
