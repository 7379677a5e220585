#pragma once

#include "roentgen/base/json.h"
#include "roentgen/evaluation/evaluate.h"
#include "roentgen/evaluation/image_use.h"

namespace roentgen {

/// Everything an evaluation found, for `--json` and for pages that compare runs. Keys are in the
/// order of the report; scores keep their published unit, which is named beside them.
nlohmann::ordered_json ToJson(const Evaluation& evaluation);
nlohmann::ordered_json ToJson(const ImageUse& use);
nlohmann::ordered_json ToJson(const YesNoTable& table);
nlohmann::ordered_json ToJson(const Calibration& calibration);

}  // namespace roentgen
