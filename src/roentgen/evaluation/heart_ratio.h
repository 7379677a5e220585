#pragma once

#include <optional>
#include <string_view>

#include "roentgen/evaluation/report_labels.h"

namespace roentgen {

/// What a cardiothoracic ratio says of the heart: above one half it is enlarged. `behind` is what
/// follows the word in FoldText's form, in English or Chinese: "约0.56", " is 48 %", ">0.5",
/// "5.8:10", "由0.48增至0.56" (the last counts), "0.5~0.6" (the larger). Nothing where there is no
/// number, or one that tells nothing (">0.4").
std::optional<Finding> ReadHeartRatio(std::string_view behind);

}  // namespace roentgen
