#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace roentgen {

/// What a part of a radiology report is about.
enum class ReportPart : uint8_t {
  kUntitled,    ///< before the first heading, and behind the line of kOther
  kFindings,    ///< what is seen: Findings, 影像所见, 超声描述
  kImpression,  ///< what it means: Impression, 诊断意见, 超声提示
  kOther,       ///< what the examination was asked for and how, when and by whom it was made:
                ///< Indication, 临床诊断, 报告医师
};

/// A part of a report. Both texts are pieces of the report, without blanks around them.
struct ReportSection {
  ReportPart part = ReportPart::kUntitled;
  std::string_view heading;  ///< with its number, brackets and colon; empty: untitled
  std::string_view text;
};

/// Takes a report apart at its headings, in English and Chinese, simplified or traditional. Names
/// are composed: a region and a modality (胸部CT, 超声, MRI), or 影像, 检查 and the like, then
/// what the part is (所见, 表现, 印象, 诊断意见, findings, impression). A heading has a colon or
/// brackets, or a line of its own, or begins a line and has a wide blank or a dash behind it.
/// Words of running text are none: "findings are stable", 超声提示胆囊结石.
///
/// A part of kOther is one line, since what is seen may follow without a heading; that of a person,
/// a date or a number ends with its value. Parts lie in order and do not overlap.
///
/// Untitled sections are left out where they are empty.
std::vector<ReportSection> SplitReport(std::string_view report);

/// Whether a report has a heading for what is seen and one for what it means.
bool HasReportHeadings(std::string_view report);

}  // namespace roentgen
