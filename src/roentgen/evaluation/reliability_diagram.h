#pragma once

#include <string>

#include "roentgen/evaluation/calibration.h"

namespace roentgen {

/// Accuracy over confidence, a point for each bin, as an <svg> element: on the diagonal they are
/// equal. The axis begins at 50 %, at 0 where an answer's confidence is less. The bars around the
/// diagonal are where a perfectly calibrated model's points would lie in 95 % of cases (Bröcker &
/// Smith 2007); hovering tells the numbers. Empty where no question has a probability.
std::string ReliabilityDiagram(const Calibration& calibration);

/// "expected error 8.3 % (a perfectly calibrated model: 4.1 %, up to 6.3 %) over 251 questions",
/// and what of the yes/no questions is wrong for want of yes or no, or has no probability.
std::string Describe(const Calibration& calibration);

}  // namespace roentgen
