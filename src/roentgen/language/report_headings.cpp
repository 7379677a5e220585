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
    bool seen = false;  // what is seen has been told
    for (size_t end = 1; end <= text_.size(); ++end) {
      std::optional<ReportHeading> heading = HeadingWithNameTo(end, seen);
      if (!heading) continue;
      // Blanks and brackets between two headings are the first one's.
      if (!headings.empty()) heading->begin = std::max(heading->begin, headings.back().end);
      headings.push_back(*heading);
      seen |= heading->part == ReportPart::kFindings;
      end = heading->end;
    }
    return headings;
  }

 private:
  std::optional<ReportHeading> HeadingWithNameTo(size_t end, bool seen) const {
    const std::optional<HeadingName> name = HeadingNameTo(text_, end);
    if (!name) return std::nullopt;
    size_t whole = name->begin;
    const BeforeHeading before = text_.WhatIsBefore(name->begin, &whole);
    const BehindHeading behind = text_.WhatIsBehind(end);
    if (!IsHeading(*name, before, behind)) return std::nullopt;
    if (before == BeforeHeading::kWord) whole = name->begin;
    const bool means = name->preliminary && (seen || name->composed);
    return ReportHeading{means ? ReportPart::kImpression : name->part, whole,
                         std::max(behind.end, end), name->record};
  }

  bool IsHeading(const HeadingName& name, BeforeHeading before, const BehindHeading& behind) const {
    if (name.record && name.weak && !name.composed) return false;  // 信号, 患者
    const char32_t open = text_.CharacterBefore(text_.BackOverBlanks(name.begin));
    if (EnclosesHeadings(open, behind.closer)) return true;
    const bool enclosed = behind.closer != 0 && HeadingText::Opens(open);
    if (name.record) return IsRecord(name, before, behind);
    if (behind.colon) return enclosed || IsHeadingWithColon(name, before);
    const bool begins = before == BeforeHeading::kNothing;
    if (behind.line_ends) return begins && !IsAnyHistory(name);
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

  /// 高血压史, which may be a statement of its own line.
  static bool IsAnyHistory(const HeadingName& name) {
    return name.part == ReportPart::kOther && name.other_words && !name.composed;
  }

  /// "报告医师：李四" or, where a line begins with it, "Signed by J. Smith"; but not
  /// "前片（日期：…）".
  bool IsRecord(const HeadingName& name, BeforeHeading before, const BehindHeading& behind) const {
    const bool begins = before == BeforeHeading::kNothing;
    if (!behind.colon) {
      if (!begins || !name.composed || name.other_words || !behind.blank) return false;
      return name.chinese || (name.weak && (!text_.cased() || text_.IsCapital(name.begin)));  // by
    }
    if (before == BeforeHeading::kBlank) {
      const bool capital = name.chinese || text_.IsCapital(name.begin);
      return capital && text_.CharacterBefore(name.begin) == ' ';
    }
    return begins || before == BeforeHeading::kSentence ||
           (before == BeforeHeading::kComma && name.chinese);
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
