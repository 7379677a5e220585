#pragma once

#include <cstddef>
#include <vector>

#include "roentgen/language/heading_text.h"
#include "roentgen/language/report_sections.h"

namespace roentgen {

/// A heading of a report, in characters of the folded text.
struct ReportHeading {
  ReportPart part = ReportPart::kUntitled;
  size_t begin = 0;     ///< of its number or bracket
  size_t end = 0;       ///< of its colon or bracket
  bool record = false;  ///< HeadingName::record
};

/// In order; none begins before the one before it ends.
std::vector<ReportHeading> FindReportHeadings(const HeadingText& report);

}  // namespace roentgen
