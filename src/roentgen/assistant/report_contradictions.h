#pragma once

#include "roentgen/assistant/report.h"

namespace roentgen {

/// Fills SentenceMarks::contradicts, by what sentences say to be there or not (language/said.h,
/// evaluation/report_labels.h), in English and Chinese:
///
/// - something is there in one and not in the other, on the same side or where one names no side:
///   右侧胸腔积液 and 未见胸腔积液; also what is known by its name alone: "No bowel obstruction"
///   and "Small bowel obstruction" (named_findings.h);
/// - something is there where another says that all is normal: "The lungs are clear",
///   "Consolidation in the right lung"; 未见异常 of the whole examination, or of its topic;
/// - the impression has it on a side where the findings do not; the same is said of the other side:
///   气管右移 and 气管左移.
///
/// What is left open, what is said of the rest (余未见异常) and denials of some kind or degree of
/// it ("no large effusion") contradict nothing.
void MarkContradictions(RadiologyReport& report);

}  // namespace roentgen
