#pragma once

#include <string>
#include <vector>

namespace roentgen {

/// Splits "PRES, POS" into its labels, without blanks around them and repetitions; also at ';', '/'
/// and '、', and at these and ',' in full width.
std::vector<std::string> SplitLabels(const std::vector<std::string>& labels);

}  // namespace roentgen
