#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "roentgen/evaluation/proportion.h"

namespace roentgen {

/// The mean of scores of questions that were drawn in units (sampling_units.h).
struct UnitMean {
  size_t questions = 0;
  size_t units = 0;
  double mean = 0;
  double standard_error = 0;       ///< allows for what questions of a unit have in common
  double effective_questions = 0;  ///< so many independent questions would tell as much; 0: unknown
  std::optional<Bounds> interval;  ///< 95 %; none where nothing shows the spread
};

/// The mean with the interval that Wilson's formula (1927) gives for n_eff = p(1 − p) / SE²
/// independent questions, with Student's t for units − 1 degrees of freedom in place of 1.96
/// (Korn & Graubard 1998; Dean & Pagano 2015). SE is the standard error of a mean of clusters, the
/// ratio estimator's: SE² = m/(m − 1) · Σ (S_u − n_u p)² / N² over the m units with sums S_u of n_u
/// scores. Where all units agree, SE is 0 and n_eff is m.
///
/// scores   at least one
/// units    the unit of each, any numbers
/// largest  of the scores' range from 0; infinity where there is none: then the interval is
///          mean ± t · SE, not below 0, and none where SE is 0
/// Throws ShapeError when the lists differ in length or are empty.
UnitMean EstimateMean(std::span<const double> scores, std::span<const uint32_t> units,
                      double largest = 1);

}  // namespace roentgen
