#pragma once

#include "roentgen/evaluation/report_quality.h"

namespace roentgen::app {

/// The table of `roentgen eval` on reports; nothing when no question asks for one.
void PrintReportScores(const ReportSummary& reports);

}  // namespace roentgen::app
