#pragma once

#include <cstddef>
#include <string>

#include "roentgen/assistant/report_document.h"

namespace roentgen::app {

/// How much of a report is shown.
enum class ReportExtent {
  kBody,   ///< what was found
  kWhole,  ///< the questions, images and settings, too
};

/// A report as it is read at a terminal of so many columns, for PrintStyled: headings and topics
/// bold; marks, numbers of questions and what it was made with dim.
std::string ReportForTerminal(const ReportDocument& document, size_t columns, ReportExtent extent);

}  // namespace roentgen::app
