#pragma once

#include <string>

#include "roentgen/data/phantom_terms.h"

namespace roentgen {

/// A report in two parts, "Findings:" and "Impression:", or "影像表现：" and "诊断意见：". The
/// first goes through the organs that the study shows, whether anything is wrong with them or not.
std::string PhantomReport(const Patient& patient, Language language);

}  // namespace roentgen
