#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace roentgen {

/// A share in percent with one decimal: "37.9", never "-0.0".
std::string PercentText(double share);

/// A difference of shares in percent points: "+3.2", "-1.5", "0.0".
std::string PercentPointsText(double difference);

/// A bound of such a difference: where it is near 0 but not there, "> 0.0" or "< 0.0".
std::string PercentPointsBound(double bound);

/// "0.012"; "< 0.001" below that.
std::string PValueText(double p);

/// "12,345 questions", "1 question": a count with what is counted, named in the plural.
std::string CountText(size_t count, std::string_view plural);

}  // namespace roentgen
