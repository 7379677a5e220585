#pragma once

#include "roentgen/evaluation/report_intervals.h"
#include "roentgen/evaluation/report_quality.h"

namespace roentgen::app {

/// The table of `roentgen eval` on reports; nothing when no question asks for one.
void PrintReportScores(const ReportSummary& reports, const ReportIntervals& intervals);

}  // namespace roentgen::app
