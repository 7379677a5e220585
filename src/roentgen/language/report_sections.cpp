#include "roentgen/language/report_sections.h"

#include <algorithm>

#include "roentgen/language/folded_text.h"
#include "roentgen/language/heading_text.h"
#include "roentgen/language/report_headings.h"
#include "roentgen/text/simplified.h"

namespace roentgen {
namespace {

constexpr size_t kShortestLastName =
    4;  // letters; shorter words before a full stop may be cut short

ReportSection SectionOf(const FoldedText& text, ReportPart part, size_t begin, size_t name_end,
                        size_t end) {
  const auto stripped = [&](size_t first, size_t last) {
    const auto blank = [&](size_t at) { return text[at] == ' ' || text[at] == '\n'; };
    while (first < last && blank(first)) ++first;
    while (first < last && blank(last - 1)) --last;
    return text.Written(first, last);
  };
  return {part, stripped(begin, name_end), stripped(name_end, end)};
}

/// Where the first line of a part ends, or the last that it goes on to in a small letter.
size_t EndOfFirstLine(const FoldedText& text, size_t begin, size_t end) {
  while (begin < end && (text[begin] == ' ' || text[begin] == '\n')) ++begin;
  for (size_t at = begin; at < end; ++at) {
    if (text[at] != '\n') continue;
    size_t next = at + 1;
    while (text[next] == ' ') ++next;
    const bool small = HeadingText::IsLetter(text[next]) &&
                       text.WrittenByte(next) == static_cast<char>(text[next]);
    if (!small) return at;
  }
  return end;
}

/// The full stop of "Age: 45. Clear lungs.", but not of "Dr. Smith" and "J. Smith".
bool EndsValue(const FoldedText& text, size_t stop, size_t begin) {
  size_t word = stop;
  while (word > begin && HeadingText::IsLetter(text[word - 1])) --word;
  const bool number = stop > begin && HeadingText::IsDigit(text[stop - 1]);
  return text[stop + 1] == ' ' && (number || stop - word >= kShortestLastName);
}

/// Where the name, date or number of a record ends. Statements may follow in its line.
size_t EndOfRecord(const FoldedText& text, size_t begin, size_t end) {
  for (size_t at = begin; at < end; ++at) {
    const char32_t c = text[at];
    if (c == '\n' || (c == '.' && EndsValue(text, at, begin))) return at + 1;
    const bool chinese = IsIdeograph(text[at + 1]);
    if (HeadingText::Holds(U"。;", c) || (chinese && HeadingText::Holds(U".,)", c))) return at + 1;
  }
  return end;
}

/// Where a heading's text ends that is not read.
size_t EndOfOther(const FoldedText& text, const ReportHeading& heading, size_t end) {
  return heading.record ? EndOfRecord(text, heading.end, end)
                        : EndOfFirstLine(text, heading.end, end);
}

}  // namespace

std::vector<ReportSection> SplitReport(std::string_view report) {
  const HeadingText folded(report);
  const FoldedText& text = folded.text();
  const std::vector<ReportHeading> headings = FindReportHeadings(folded);
  std::vector<ReportSection> sections;
  const auto add_untitled = [&](size_t begin, size_t end) {
    const ReportSection untitled = SectionOf(text, ReportPart::kUntitled, begin, begin, end);
    if (!untitled.text.empty()) sections.push_back(untitled);
  };
  add_untitled(0, headings.empty() ? text.size() : headings[0].begin);
  for (size_t i = 0; i < headings.size(); ++i) {
    const ReportHeading& heading = headings[i];
    const size_t end = i + 1 < headings.size() ? headings[i + 1].begin : text.size();
    // "Indication: cough" is a line; what is seen may follow without a heading.
    const bool one_line = heading.part == ReportPart::kOther;
    const size_t text_end = one_line ? EndOfOther(text, heading, end) : end;
    sections.push_back(SectionOf(text, heading.part, heading.begin, heading.end, text_end));
    add_untitled(text_end, end);
  }
  return sections;
}

bool HasReportHeadings(std::string_view report) {
  const std::vector<ReportHeading> headings = FindReportHeadings(HeadingText(report));
  const auto has = [&](ReportPart part) {
    return std::any_of(headings.begin(), headings.end(),
                       [&](const ReportHeading& heading) { return heading.part == part; });
  };
  return has(ReportPart::kFindings) && has(ReportPart::kImpression);
}

}  // namespace roentgen
