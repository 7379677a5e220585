#include "roentgen/language/report_headings.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "roentgen/language/heading_name.h"

namespace roentgen {
namespace {

/// Encloses nothing but headings, wherever it stands.
bool EnclosesHeadings(char32_t open, char32_t close) {
  constexpr std::u32string_view kOpen = U"[【〖〔*";
  constexpr std::u32string_view kClose = U"]】〗〕*";
  return HeadingText::Holds(kOpen, open) && kOpen.find(open) == kClose.find(close);
}

class HeadingFinder {
 public:
  explicit HeadingFinder(const HeadingText& text) : text_(text) {}

  std::vector<ReportHeading> Find() const {
    std::vector<ReportHeading> headings;
    for (size_t end = 1; end <= text_.size(); ++end) {
      std::optional<ReportHeading> heading = HeadingWithNameTo(end);
      if (!heading) continue;
      // Blanks and brackets between two headings are the first one's.
      if (!headings.empty()) heading->begin = std::max(heading->begin, headings.back().end);
      headings.push_back(*heading);
      end = heading->end;
    }
    return headings;
  }

 private:
  std::optional<ReportHeading> HeadingWithNameTo(size_t end) const {
    const std::optional<HeadingName> name = HeadingNameTo(text_, end);
    if (!name) return std::nullopt;
    size_t whole = name->begin;
    const BeforeHeading before = text_.WhatIsBefore(name->begin, &whole);
    const BehindHeading behind = text_.WhatIsBehind(end);
    if (!IsHeading(*name, before, behind)) return std::nullopt;
    if (before == BeforeHeading::kWord) whole = name->begin;
    return ReportHeading{name->part, whole, std::max(behind.end, end)};
  }

  bool IsHeading(const HeadingName& name, BeforeHeading before, const BehindHeading& behind) const {
    const char32_t open = text_.CharacterBefore(text_.BackOverBlanks(name.begin));
    if (EnclosesHeadings(open, behind.closer)) return true;
    const bool enclosed = behind.closer != 0 && HeadingText::Opens(open);
    if (behind.colon) return enclosed || IsHeadingWithColon(name, before);
    const bool begins = before == BeforeHeading::kNothing;
    if (behind.line_ends) return begins;
    const bool name_alone = name.composed && !name.weak;
    if (behind.semicolon) return name_alone && name.chinese && begins;
    if (name.part == ReportPart::kOther) return false;
    const bool apart =
        begins || before == BeforeHeading::kSentence || before == BeforeHeading::kBlank;
    if (name.chinese && name_alone && apart && behind.blank && !IsSpaced(name)) return true;
    if (!begins) return false;
    if (enclosed) return true;
    if (!name.chinese) {
      return behind.gap ? text_.At(behind.end - 1) == '-' && behind.blank : IsInCapitals(name);
    }
    return behind.gap;
  }

  bool IsHeadingWithColon(const HeadingName& name, BeforeHeading before) const {
    if (name.part == ReportPart::kOther && name.weak && !name.composed) return false;
    switch (before) {
      case BeforeHeading::kNothing:
      case BeforeHeading::kSentence:
        return true;
      case BeforeHeading::kBlank:
        return name.chinese || !text_.cased() || text_.IsCapital(name.begin);
      case BeforeHeading::kComma:
        return name.chinese && (name.composed || !name.weak);
      case BeforeHeading::kWord:
        return name.chinese && name.composed && !name.weak;
    }
    return false;
  }

  /// All Chinese words of a spaced text have blanks behind them.
  bool IsSpaced(const HeadingName& name) const {
    return text_.text().view().substr(name.begin, name.end - name.begin).find(U' ') !=
           std::u32string_view::npos;
  }

  /// "FINDINGS The lungs": its words are in capitals, and what follows is not.
  bool IsInCapitals(const HeadingName& name) const {
    for (size_t at = name.begin; at < name.end; ++at) {
      if (HeadingText::IsLetter(text_.At(at)) && !text_.IsCapital(at)) return false;
    }
    const size_t next = text_.OverBlanks(name.end);
    return text_.IsCapital(next) && HeadingText::IsLetter(text_.At(next + 1)) &&
           !text_.IsCapital(next + 1);
  }

  const HeadingText& text_;
};

}  // namespace

std::vector<ReportHeading> FindReportHeadings(const HeadingText& report) {
  return HeadingFinder(report).Find();
}

}  // namespace roentgen
