#pragma once

#include <cstddef>
#include <optional>

#include "roentgen/language/heading_text.h"
#include "roentgen/language/report_sections.h"

namespace roentgen {

/// A name of a part of a report, and how sure it is that it names one.
struct HeadingName {
  ReportPart part = ReportPart::kUntitled;
  size_t begin = 0;  ///< in characters of the folded text
  size_t end = 0;
  bool weak = false;  ///< stands in sentences, too: 提示, 表现, 部位
  bool chinese = false;
  bool composed = false;  ///< more than its last word
  bool other_words = false;  ///< any words stand before those that are known: 高血压 of 高血压史
  /// 初步诊断: what was asked for where it stands before what is seen, and what it means behind it.
  bool preliminary = false;
  bool record = false;  ///< of a person, a date or a number: 报告医师, "Signed by"
};

/// The longest name of a part that ends at a character of a report, if one does.
std::optional<HeadingName> HeadingNameTo(const HeadingText& text, size_t end);

}  // namespace roentgen
