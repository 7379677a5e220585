#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace roentgen {

/// What a split needs to know of a row.
struct SplitRow {
  uint32_t image_group = 0;  ///< rows with the same number must stay together
  uint32_t stratum = 0;      ///< rows with the same number are to be spread evenly
};

/// Deals the rows into parts of the given shares so that no image group is in two parts, and each
/// stratum is spread as evenly over the parts as the groups allow.
///
/// shares  one per part, each above 0; they need not sum to 1
/// returns for every row the index of its part
///
/// Groups are dealt whole, in an order drawn from the seed, the largest first, each to the part
/// that lacks its strata most: iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011) on
/// groups. The same seed and rows give the same parts on every machine. Throws Error when there are
/// fewer groups than parts.
std::vector<uint32_t> SplitByGroup(std::span<const SplitRow> rows, std::span<const double> shares,
                                   uint64_t seed);

}  // namespace roentgen
