#pragma once

#include <string>
#include <string_view>

#include "roentgen/data/phantom_terms.h"

namespace roentgen {

/// A report in two parts, "Findings:" and "Impression:", or "影像表现：" and "诊断意见：". The
/// first goes through the organs that the study shows, whether anything is wrong with them or not.
std::string PhantomReport(const Patient& patient, Language language);

/// What the report says about one step of the protocol (ReportStep::key) for the patient's study,
/// without a heading.
std::string PhantomReportPart(const Patient& patient, Language language, std::string_view key);

}  // namespace roentgen
