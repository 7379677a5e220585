#include "roentgen/language/report_sections.h"

#include <algorithm>
#include <optional>
#include <span>

#include "roentgen/language/folded_text.h"
#include "roentgen/text/simplified.h"

namespace roentgen {
namespace {

using Word = std::u32string_view;

/// The last word of a heading's name. Weak ones stand in sentences and name parts of findings, too
/// (提示, 表现, 部位), so that they are believed only where a heading is likely.
struct NameEnd {
  Word word;
  ReportPart part;
  bool weak = false;
};
constexpr NameEnd kNameEnds[] = {
    {U"所见", ReportPart::kFindings},
    {U"描述", ReportPart::kFindings, true},
    {U"表现", ReportPart::kFindings, true},
    {U"发现", ReportPart::kFindings, true},
    {U"征象", ReportPart::kFindings},
    {U"finding", ReportPart::kFindings},
    {U"findings", ReportPart::kFindings},
    {U"description", ReportPart::kFindings},
    {U"印象", ReportPart::kImpression},
    {U"提示", ReportPart::kImpression, true},
    {U"诊断", ReportPart::kImpression},
    {U"结论", ReportPart::kImpression},
    {U"意见", ReportPart::kImpression},
    {U"小结", ReportPart::kImpression},
    {U"impression", ReportPart::kImpression},
    {U"impressions", ReportPart::kImpression},
    {U"conclusion", ReportPart::kImpression},
    {U"conclusions", ReportPart::kImpression},
    {U"diagnosis", ReportPart::kImpression},
    {U"diagnoses", ReportPart::kImpression},
    {U"opinion", ReportPart::kImpression},
    {U"interpretation", ReportPart::kImpression},
    {U"病史", ReportPart::kOther},
    {U"主诉", ReportPart::kOther},
    {U"资料", ReportPart::kOther, true},
    {U"症状", ReportPart::kOther, true},
    {U"方法", ReportPart::kOther, true},
    {U"技术", ReportPart::kOther, true},
    {U"部位", ReportPart::kOther, true},
    {U"项目", ReportPart::kOther, true},
    {U"目的", ReportPart::kOther, true},
    {U"indication", ReportPart::kOther},
    {U"indications", ReportPart::kOther},
    {U"history", ReportPart::kOther},
    {U"information", ReportPart::kOther},
    {U"technique", ReportPart::kOther},
    {U"procedure", ReportPart::kOther},
    {U"comparison", ReportPart::kOther},
    {U"reason for exam", ReportPart::kOther},
    {U"reason for examination", ReportPart::kOther},
    {U"reason for study", ReportPart::kOther},
    {U"examination", ReportPart::kOther},
    {U"exam", ReportPart::kOther},
};

// What stands before the last word: how the patient was examined, before which the region may stand
// ("胸部CT所见"), and what else is said of a part.
constexpr Word kExaminations[] = {
    U"影像",    U"放射",       U"检查",  U"超声",       U"超声波", U"超音波", U"彩超",
    U"b超",     U"超声心动图", U"ct",    U"cta",        U"mr",     U"mri",    U"mra",
    U"mrcp",    U"磁共振",     U"核磁",  U"核磁共振",   U"x线",    U"x光",    U"x射线",
    U"x-ray",   U"xray",       U"x ray", U"cxr",        U"dr",     U"cr",     U"片",
    U"平扫",    U"增强",       U"扫描",  U"造影",       U"钼靶",   U"断层",   U"摄影",
    U"pet",     U"ultrasound", U"us",    U"radiograph", U"scan",   U"film",   U"sonogram",
    U"imaging", U"examination"};
constexpr Word kQualifiers[] = {
    U"图像",      U"诊断",  U"报告",        U"初步",       U"主要",         U"综合",
    U"结论",      U"提示",  U"印象",        U"radiologic", U"radiological", U"radiographic",
    U"radiology", U"image", U"sonographic", U"report",     U"final",        U"overall",
    U"main",      U"key",   U"preliminary", U"diagnostic", U"chest",        U"study"};
// These make another part of it: what others think, not what this examination shows.
constexpr Word kForeign[] = {U"临床",       U"病理",         U"鉴别",         U"术前",
                             U"术后",       U"入院",         U"出院",         U"门诊",
                             U"既往",       U"原",           U"clinical",     U"differential",
                             U"pathologic", U"pathological", U"preoperative", U"medical",
                             U"past",       U"admission",    U"referring"};
// Behind the last word: "印象与建议", "所见如下".
constexpr Word kTails[] = {U"建议", U"如下", U"recommendation", U"recommendations", U"plan"};
constexpr Word kJoiners[] = {U"与", U"及", U"和", U"、", U"/", U"&", U"and"};

constexpr Word kSentenceMarks = U".。!?;:|";
constexpr Word kCommas = U",，、";
constexpr size_t kMostWordsBefore = 8;  // the last one of a name
constexpr size_t kLongestRegion = 24;
constexpr size_t kLongestChineseRegion = 8;
constexpr size_t kLongestRemark = 24;  // "Findings (PA and lateral):"

bool Holds(Word set, char32_t c) {
  return c != 0 && set.find(c) != set.npos;
}

bool IsLetter(char32_t c) {
  return c >= 'a' && c <= 'z';
}

bool IsDigit(char32_t c) {
  return c >= '0' && c <= '9';
}

/// Brackets, and quotes and Markdown's marks, which enclose as they do.
bool Opens(char32_t c) {
  return Holds(U"[【〖〔「『《<({“\"'*_#", c);
}
bool Closes(char32_t c) {
  return Holds(U"]】〗〕」』》>)}”\"'*_#", c);
}

/// Encloses nothing but headings, wherever it stands.
bool EnclosesHeadings(char32_t open, char32_t close) {
  constexpr Word kOpen = U"[【〖〔*";
  constexpr Word kClose = U"]】〗〕*";
  return Holds(kOpen, open) && kOpen.find(open) == kClose.find(close);
}

/// A heading, in characters of the folded text. `begin` is that of its number or bracket.
struct Heading {
  ReportPart part;
  size_t begin;
  size_t end;
};

class HeadingFinder {
 public:
  explicit HeadingFinder(std::string_view report)
      : text_(report), cased_(std::any_of(report.begin(), report.end(), [](char c) {
          return c >= 'A' && c <= 'Z';
        })) {}

  std::vector<Heading> Find() const {
    std::vector<Heading> headings;
    for (size_t end = 1; end <= text_.size(); ++end) {
      std::optional<Heading> heading = HeadingWithNameTo(end);
      if (!heading) continue;
      // Blanks and brackets between two headings are the first one's.
      if (!headings.empty()) heading->begin = std::max(heading->begin, headings.back().end);
      headings.push_back(*heading);
      end = heading->end;
    }
    return headings;
  }

  const FoldedText& text() const { return text_; }

 private:
  /// A name of a part of a report, and how sure it is that it names one.
  struct Name {
    ReportPart part = ReportPart::kUntitled;
    size_t begin = 0;
    size_t end = 0;
    bool weak = false;  ///< NameEnd::weak
    bool chinese = false;
    bool composed = false;  ///< more than its last word
  };

  /// What stands before a name.
  enum class Before { kNothing, kSentence, kBlank, kComma, kWord };

  char32_t At(size_t at) const { return text_[at]; }
  char32_t CharacterBefore(size_t at) const { return at == 0 ? U'\n' : text_[at - 1]; }

  size_t BackOverBlanks(size_t at) const {
    while (CharacterBefore(at) == ' ') --at;
    return at;
  }

  size_t OverBlanks(size_t at) const {
    while (At(at) == ' ') ++at;
    return at;
  }

  // Names.

  /// Where a word that ends at `end` begins. Chinese may have blanks in it: "印　象".
  std::optional<size_t> BeginOf(Word word, size_t end) const {
    size_t at = end;
    for (size_t i = word.size(); i > 0; --i) {
      const bool spaced = i < word.size() && IsIdeograph(word[i]) && IsIdeograph(word[i - 1]);
      if (spaced) at = BackOverBlanks(at);
      if (at == 0 || At(at - 1) != word[i - 1]) return std::nullopt;
      --at;
    }
    const bool inside_word = (IsLetter(word.front()) && IsLetter(CharacterBefore(at))) ||
                             (IsLetter(word.back()) && IsLetter(At(end)));
    return inside_word ? std::nullopt : std::optional(at);
  }

  /// Where the longest of the words that end at `end` begins.
  std::optional<size_t> LongestBefore(std::span<const Word> words, size_t end) const {
    std::optional<size_t> begin;
    for (const Word word : words) {
      if (const auto at = BeginOf(word, end); at && (!begin || *at < *begin)) begin = at;
    }
    return begin;
  }

  /// Without 与建议, 如下 or "and recommendations" at its end.
  size_t WithoutTail(size_t end) const {
    const std::optional<size_t> tail = LongestBefore(kTails, end);
    if (!tail) return end;
    const size_t joined = BackOverBlanks(*tail);
    return BackOverBlanks(LongestBefore(kJoiners, joined).value_or(joined));
  }

  std::optional<Name> NameTo(size_t end) const {
    const size_t last = WithoutTail(end);
    for (const NameEnd& each : kNameEnds) {
      const std::optional<size_t> begin = BeginOf(each.word, last);
      if (!begin) continue;
      Name name{each.part, *begin, end, each.weak, IsIdeograph(each.word.front()), false};
      AddWordsBefore(name);
      return name;
    }
    return std::nullopt;
  }

  /// Takes the words before the last one into a name.
  void AddWordsBefore(Name& name) const {
    bool region = false;
    for (size_t words = 0; words < kMostWordsBefore; ++words) {
      size_t end = BackOverBlanks(name.begin);
      // "PET/CT", 印象及诊断
      while (Holds(U"/-+、及与和", CharacterBefore(end))) end = BackOverBlanks(end - 1);
      if (name.chinese && CharacterBefore(end) == U'学') --end;  // 影像学
      const std::optional<size_t> foreign = LongestBefore(kForeign, end);
      const std::optional<size_t> examination = LongestBefore(kExaminations, end);
      const std::optional<size_t> qualifier = LongestBefore(kQualifiers, end);
      if (!foreign && !examination && !qualifier) break;
      if (foreign) name.part = ReportPart::kOther;
      name.begin =
          foreign ? *foreign : std::min(examination.value_or(end), qualifier.value_or(end));
      name.composed = true;
      region = examination == name.begin;
    }
    // 所见 alone is a noun, whosever it is: 心电图所见, 放射科所见.
    const bool noun = !name.composed && At(name.begin) == U'所';
    if (region || noun) AddRegion(name);
  }

  /// "胸部正位" of "胸部正位片所见", "Left knee" of "Left knee MRI findings", where nothing else
  /// stands before it.
  void AddRegion(Name& name) const {
    size_t begin = name.begin;
    const auto goes_on = [&](char32_t c) {
      return name.chinese ? IsIdeograph(c) : IsLetter(c) || c == ' ';
    };
    const size_t longest = name.chinese ? kLongestChineseRegion : kLongestRegion;
    while (goes_on(CharacterBefore(begin)) && name.begin - begin <= longest) --begin;
    if (name.begin - begin > longest) return;
    begin = OverBlanks(begin);
    const Before before = WhatIsBefore(begin, nullptr);
    const bool behind_heading = CharacterBefore(BackOverBlanks(begin)) == ':';
    if (before == Before::kNothing || (before == Before::kSentence && !behind_heading)) {
      name.begin = begin;
    }
  }

  // What is around a name.

  /// What stands before it, its brackets and its number; these begin at *whole.
  Before WhatIsBefore(size_t at, size_t* whole) const {
    const size_t name = at;
    at = BackOverBlanks(at);
    while (at > 0 && Opens(At(at - 1))) at = BackOverBlanks(at - 1);
    at = BackOverNumber(at);
    while (at > 0 && Opens(At(at - 1))) at = BackOverBlanks(at - 1);
    size_t line = at;  // where only bullets stand before
    while (line > 0 && IsBullet(At(line - 1))) --line;
    const bool begins_line = CharacterBefore(line) == '\n';
    if (whole != nullptr) *whole = begins_line ? line : at;
    if (begins_line) return Before::kNothing;
    const char32_t before = CharacterBefore(BackOverBlanks(at));
    if (Holds(kSentenceMarks, before) || Closes(before)) return Before::kSentence;
    if (Holds(kCommas, before)) return Before::kComma;
    return at < name || CharacterBefore(name) == ' ' ? Before::kBlank : Before::kWord;
  }

  /// Blanks and marks before a line's first word.
  static bool IsBullet(char32_t c) {
    return c == ' ' || (c != '\n' && !IsLetter(c) && !IsDigit(c) && !IsIdeograph(c) &&
                        !Holds(kSentenceMarks, c) && !Holds(kCommas, c) && !Closes(c));
  }

  /// "1.", "一、", "(二)", "II." before a name.
  size_t BackOverNumber(size_t end) const {
    size_t at = BackOverBlanks(end);
    const bool marked = at > 0 && Holds(U".、)", At(at - 1));
    const bool bracket = marked && At(at - 1) == ')';
    if (marked) at = BackOverBlanks(at - 1);
    const size_t number = at;
    while (at > 0 && IsDigit(At(at - 1))) --at;
    const bool digits = at < number;
    while (!digits && marked && at > 0 && number - at < 4 &&
           Holds(U"一二三四五六七八九十ivx", At(at - 1))) {
      --at;
    }
    if (at == number || IsLetter(CharacterBefore(at))) return end;
    if (bracket && CharacterBefore(at) == '(') --at;
    at = BackOverBlanks(at);
    // Of "grade 2. Impression" the number ends a sentence.
    const char32_t before = CharacterBefore(at);
    const bool stop = marked && CharacterBefore(BackOverBlanks(end)) == '.';
    return stop && (IsLetter(before) || IsIdeograph(before)) ? end : at;
  }

  /// What stands behind a name.
  struct Behind {
    size_t end = 0;  ///< of colons and brackets
    bool colon = false;
    bool semicolon = false;  ///< a colon that was typed without Shift
    bool line_ends = false;
    bool gap = false;  ///< a blank that parts more than words, or a dash
    bool blank = false;
    char32_t closer = 0;  ///< behind the name, but for blanks
  };

  Behind WhatIsBehind(size_t name_end) const {
    Behind behind;
    size_t at = OverRemark(name_end);
    if (Closes(At(OverBlanks(at)))) behind.closer = At(OverBlanks(at));
    for (;; ++at) {
      at = OverBlanks(at);
      const bool colon = At(at) == ':' || (At(at) == '.' && At(at + 1) == '.');
      behind.colon |= colon;
      if (!colon && !Closes(At(at)) && !(behind.colon && At(at) == '.')) break;
    }
    behind.end = at;
    behind.line_ends = at == text_.size() || At(at) == '\n';
    behind.semicolon = At(at) == ';';
    if (behind.semicolon || At(at) == '-') {
      behind.gap = At(at) == '-';
      behind.end = at + 1;
      while (At(behind.end) == '-') ++behind.end;
    }
    behind.blank = At(name_end) == ' ';
    behind.gap |= behind.blank && (At(name_end + 1) == ' ' || text_.WrittenByte(name_end) != ' ');
    return behind;
  }

  /// "(PA and lateral)" behind a name, where a colon follows.
  size_t OverRemark(size_t end) const {
    const size_t open = OverBlanks(end);
    if (At(open) != '(') return end;
    for (size_t at = open; at < open + kLongestRemark && At(at) != '\n'; ++at) {
      if (At(at) == ')') return At(OverBlanks(at + 1)) == ':' ? at + 1 : end;
    }
    return end;
  }

  // Decisions.

  std::optional<Heading> HeadingWithNameTo(size_t end) const {
    const std::optional<Name> name = NameTo(end);
    if (!name) return std::nullopt;
    size_t whole = name->begin;
    const Before before = WhatIsBefore(name->begin, &whole);
    const Behind behind = WhatIsBehind(end);
    if (!IsHeading(*name, before, behind)) return std::nullopt;
    if (before == Before::kWord) whole = name->begin;
    return Heading{name->part, whole, std::max(behind.end, end)};
  }

  bool IsHeading(const Name& name, Before before, const Behind& behind) const {
    const char32_t open = CharacterBefore(BackOverBlanks(name.begin));
    if (EnclosesHeadings(open, behind.closer)) return true;
    const bool enclosed = behind.closer != 0 && Opens(open);
    if (behind.colon) return enclosed || IsHeadingWithColon(name, before);
    const bool begins = before == Before::kNothing;
    if (behind.line_ends) return begins;
    const bool name_alone = name.composed && !name.weak;
    if (behind.semicolon) return name_alone && name.chinese && begins;
    if (name.part == ReportPart::kOther) return false;
    const bool apart = begins || before == Before::kSentence || before == Before::kBlank;
    if (name.chinese && name_alone && apart && behind.blank && !IsSpaced(name)) return true;
    if (!begins) return false;
    if (enclosed) return true;
    if (!name.chinese) {
      return behind.gap ? At(behind.end - 1) == '-' && behind.blank : IsInCapitals(name);
    }
    return behind.gap;
  }

  bool IsHeadingWithColon(const Name& name, Before before) const {
    if (name.part == ReportPart::kOther && name.weak && !name.composed) return false;
    switch (before) {
      case Before::kNothing:
      case Before::kSentence:
        return true;
      case Before::kBlank:
        return name.chinese || !cased_ || IsCapital(name.begin);
      case Before::kComma:
        return name.chinese && (name.composed || !name.weak);
      case Before::kWord:
        return name.chinese && name.composed && !name.weak;
    }
    return false;
  }

  /// All Chinese words of a spaced text have blanks behind them.
  bool IsSpaced(const Name& name) const {
    return text_.view().substr(name.begin, name.end - name.begin).find(U' ') !=
           std::u32string_view::npos;
  }

  bool IsCapital(size_t at) const {
    return IsLetter(At(at)) && text_.WrittenByte(at) != static_cast<char>(At(at));
  }

  /// "FINDINGS The lungs": its words are in capitals, and what follows is not.
  bool IsInCapitals(const Name& name) const {
    for (size_t at = name.begin; at < name.end; ++at) {
      if (IsLetter(At(at)) && !IsCapital(at)) return false;
    }
    const size_t next = OverBlanks(name.end);
    return IsCapital(next) && IsLetter(At(next + 1)) && !IsCapital(next + 1);
  }

  const FoldedText text_;
  const bool cased_;
};

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
    const bool small =
        IsLetter(text[next]) && text.WrittenByte(next) == static_cast<char>(text[next]);
    if (!small) return at;
  }
  return end;
}

}  // namespace

std::vector<ReportSection> SplitReport(std::string_view report) {
  const HeadingFinder finder(report);
  const FoldedText& text = finder.text();
  const std::vector<Heading> headings = finder.Find();
  std::vector<ReportSection> sections;
  const auto add_untitled = [&](size_t begin, size_t end) {
    const ReportSection untitled = SectionOf(text, ReportPart::kUntitled, begin, begin, end);
    if (!untitled.text.empty()) sections.push_back(untitled);
  };
  add_untitled(0, headings.empty() ? text.size() : headings[0].begin);
  for (size_t i = 0; i < headings.size(); ++i) {
    const Heading& heading = headings[i];
    const size_t end = i + 1 < headings.size() ? headings[i + 1].begin : text.size();
    // "Indication: cough" is a line; what is seen may follow without a heading.
    const bool one_line = heading.part == ReportPart::kOther;
    const size_t text_end = one_line ? EndOfFirstLine(text, heading.end, end) : end;
    sections.push_back(SectionOf(text, heading.part, heading.begin, heading.end, text_end));
    add_untitled(text_end, end);
  }
  return sections;
}

bool HasReportHeadings(std::string_view report) {
  const std::vector<Heading> headings = HeadingFinder(report).Find();
  const auto has = [&](ReportPart part) {
    return std::any_of(headings.begin(), headings.end(),
                       [&](const Heading& heading) { return heading.part == part; });
  };
  return has(ReportPart::kFindings) && has(ReportPart::kImpression);
}

}  // namespace roentgen
