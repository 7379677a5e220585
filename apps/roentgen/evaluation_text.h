#pragma once

#include <string>
#include <vector>

#include "roentgen/evaluation/evaluate.h"

namespace roentgen::app {

/// Prints the tables of an evaluation.
///
/// breakdown  the fields that groups were asked for
void PrintEvaluation(const Evaluation& evaluation, const std::vector<std::string>& breakdown);

}  // namespace roentgen::app
