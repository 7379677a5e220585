#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "roentgen/evaluation/report_lexicon.h"

namespace roentgen {

enum class Finding : int8_t { kNotMentioned, kAbsent, kUncertain, kPresent };

/// What a report says of each observation, by ReportLabel.
using ReportLabels = std::array<Finding, kReportLabels>;

/// Reads an English or Chinese report after the rules of CheXpert's labeler (Irvin et al. 2019):
/// mentions, then doubt and denial within their scopes; said several times, an observation is
/// present before it is uncertain, and that before it is absent. "No new ..." is uncertain. "No
/// Finding" is present when nothing but support devices is present or uncertain. In place of a
/// parser's tree scopes are found by words and commas. Any bytes are taken.
ReportLabels LabelReport(std::string_view report);

}  // namespace roentgen
