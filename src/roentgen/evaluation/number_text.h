#pragma once

#include <string>

namespace roentgen {

/// A share in percent with one decimal: "37.9", never "-0.0".
std::string PercentText(double share);

/// A difference of shares in percent points: "+3.2", "-1.5", "0.0".
std::string PercentPointsText(double difference);

/// "0.012"; "< 0.001" below that.
std::string PValueText(double p);

}  // namespace roentgen
