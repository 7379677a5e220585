#pragma once

#include <string>
#include <vector>

namespace roentgen {

/// Splits fields like "PRES, POS" into their labels, without blanks around them and repetitions;
/// also at ';', '/' and '、', and at these and ',' in full width.
///
/// One label stays one: what stands in brackets (大小(长/宽)), opposites (是/否/不确定, "Yes /
/// No"), a number (1,000; 2,5 mm), an enumeration in prose ("chest, abdomen and pelvis"), and Latin
/// words and digits with a slash right between them (PET/CT, N/A, L4/5) or behind a letter ("w/
/// contrast"). So does a label with what only qualifies it behind a comma ("Lung, right", "CT,
/// contrast-enhanced"; QualitiesOf), but two of a kind are two ("T1, T2"), and words of which one
/// shares a part of the other (良/恶性, 头/颈, 左、右肺).
std::vector<std::string> SplitLabels(const std::vector<std::string>& fields);

}  // namespace roentgen
