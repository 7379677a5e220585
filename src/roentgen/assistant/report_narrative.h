#pragma once

#include <string>

#include "roentgen/assistant/report_document.h"

namespace roentgen {

/// The whole document as FHIR's Narrative.div: XHTML of paragraphs, lists and tables, without
/// links, styles or anything active.
std::string NarrativeDiv(const ReportDocument& document);

/// A part as plain text: a line for each paragraph, with marks in brackets and the number of the
/// question behind it: "Heart: It is normal. (said more than once) [3]".
std::string PlainText(const ReportDocument& document, const ReportDocument::Part& part);

}  // namespace roentgen
