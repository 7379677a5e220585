#include "roentgen/language/heading_name.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "roentgen/text/simplified.h"

namespace roentgen {
namespace {

using Word = std::u32string_view;

/// How surely the last word of a name makes one.
enum class Sureness {
  kSure,
  kNoun,  ///< with any other words before it, too, where these begin a line or a sentence
  kWeak,  ///< it stands in sentences and in names of parts of findings, too: 提示, 表现, 部位
};
using enum Sureness;

/// The last word of a heading's name.
struct NameEnd {
  Word word;
  ReportPart part;
  Sureness sureness = kSure;
};
constexpr NameEnd kNameEnds[] = {
    {U"所见", ReportPart::kFindings, kNoun},
    {U"描述", ReportPart::kFindings, kWeak},
    {U"表现", ReportPart::kFindings, kWeak},
    {U"发现", ReportPart::kFindings, kWeak},
    {U"征象", ReportPart::kFindings},
    {U"finding", ReportPart::kFindings},
    {U"findings", ReportPart::kFindings},
    {U"description", ReportPart::kFindings},
    {U"印象", ReportPart::kImpression},
    {U"提示", ReportPart::kImpression, kWeak},
    {U"初步诊断", ReportPart::kOther},
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
    {U"病史", ReportPart::kOther, kNoun},
    {U"史", ReportPart::kOther, kNoun},
    {U"主诉", ReportPart::kOther},
    {U"资料", ReportPart::kOther, kWeak},
    {U"症状", ReportPart::kOther},
    {U"体征", ReportPart::kOther},
    {U"适应症", ReportPart::kOther},
    {U"适应证", ReportPart::kOther},
    {U"原因", ReportPart::kOther, kWeak},
    {U"摘要", ReportPart::kOther, kWeak},
    {U"要求", ReportPart::kOther, kWeak},
    {U"信息", ReportPart::kOther, kWeak},
    {U"方法", ReportPart::kOther, kWeak},
    {U"技术", ReportPart::kOther, kWeak},
    {U"部位", ReportPart::kOther, kWeak},
    {U"项目", ReportPart::kOther, kWeak},
    {U"目的", ReportPart::kOther, kWeak},
    {U"indication", ReportPart::kOther},
    {U"indications", ReportPart::kOther},
    {U"history", ReportPart::kOther, kNoun},
    {U"history of present illness", ReportPart::kOther},
    {U"complaint", ReportPart::kOther, kNoun},
    {U"complaints", ReportPart::kOther, kNoun},
    {U"symptoms", ReportPart::kOther},
    {U"question", ReportPart::kOther},
    {U"details", ReportPart::kOther, kWeak},
    {U"data", ReportPart::kOther, kWeak},
    {U"reason", ReportPart::kOther, kWeak},
    {U"visit", ReportPart::kOther, kWeak},
    {U"referral", ReportPart::kOther, kWeak},
    {U"study", ReportPart::kOther},
    {U"information", ReportPart::kOther},
    {U"technique", ReportPart::kOther},
    {U"procedure", ReportPart::kOther},
    {U"comparison", ReportPart::kOther},
    {U"examination", ReportPart::kOther},
    {U"exam", ReportPart::kOther},
};

// Of lines that name people, dates and numbers.
constexpr NameEnd kRecordEnds[] = {
    {U"医师", ReportPart::kOther, kNoun},
    {U"医生", ReportPart::kOther, kNoun},
    {U"技师", ReportPart::kOther, kNoun},
    {U"签名", ReportPart::kOther, kNoun},
    {U"签字", ReportPart::kOther, kNoun},
    {U"日期", ReportPart::kOther, kNoun},
    {U"姓名", ReportPart::kOther, kNoun},
    {U"性别", ReportPart::kOther, kNoun},
    {U"年龄", ReportPart::kOther, kNoun},
    {U"科室", ReportPart::kOther, kNoun},
    {U"编号", ReportPart::kOther, kNoun},
    {U"号", ReportPart::kOther, kWeak},
    {U"时间", ReportPart::kOther, kWeak},
    {U"单位", ReportPart::kOther, kWeak},
    {U"设备", ReportPart::kOther, kWeak},
    {U"者", ReportPart::kOther, kWeak},
    {U"人", ReportPart::kOther, kWeak},
    {U"审核", ReportPart::kOther},
    {U"radiologist", ReportPart::kOther, kNoun},
    {U"physician", ReportPart::kOther, kNoun},
    {U"doctor", ReportPart::kOther, kNoun},
    {U"attending", ReportPart::kOther, kNoun},
    {U"technologist", ReportPart::kOther, kNoun},
    {U"signed", ReportPart::kOther, kNoun},
    {U"signature", ReportPart::kOther, kNoun},
    {U"by", ReportPart::kOther, kWeak},
    {U"date", ReportPart::kOther, kNoun},
    {U"date of birth", ReportPart::kOther},
    {U"dob", ReportPart::kOther},
    {U"name", ReportPart::kOther, kNoun},
    {U"patient", ReportPart::kOther},
    {U"age", ReportPart::kOther},
    {U"sex", ReportPart::kOther},
    {U"gender", ReportPart::kOther},
    {U"mrn", ReportPart::kOther},
    {U"accession", ReportPart::kOther},
    {U"accession number", ReportPart::kOther},
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
    U"图像",      U"诊断",  U"报告",        U"初步",        U"主要",           U"综合",
    U"结论",      U"提示",  U"印象",        U"radiologic",  U"radiological",   U"radiographic",
    U"radiology", U"image", U"sonographic", U"report",      U"final",          U"overall",
    U"main",      U"key",   U"preliminary", U"diagnostic",  U"chest",          U"study",
    U"审核",      U"登记",  U"病历",        U"床",          U"electronically", U"dictated",
    U"signed",    U"read",  U"reported",    U"interpreted", U"transcribed",    U"verified",
    U"approved"};
// These make another part of it: what others think, not what this examination shows.
constexpr Word kForeign[] = {
    U"临床",    U"病理",     U"鉴别",         U"术前",       U"术后",           U"入院",
    U"出院",    U"门诊",     U"既往",         U"原",         U"申请",           U"送检",
    U"住院",    U"病情",     U"手术",         U"reason for", U"reason for the", U"reason for this",
    U"date of", U"clinical", U"differential", U"pathologic", U"pathological",   U"preoperative",
    U"medical", U"past",     U"admission",    U"referring"};
// Behind the last word: "印象与建议", "所见如下".
constexpr Word kTails[] = {U"建议", U"如下", U"recommendation", U"recommendations", U"plan"};
constexpr Word kJoiners[] = {U"与", U"及", U"和", U"、", U"/", U"&", U"and"};

constexpr size_t kMostWordsBefore = 8;  // the last one of a name
constexpr size_t kLongestRegion = 24;
constexpr size_t kLongestChineseRegion = 8;

class NameReader {
 public:
  explicit NameReader(const HeadingText& text) : text_(text) {}

  std::optional<HeadingName> To(size_t end) const {
    if (const auto name = NameOf(kNameEnds, end, false)) return name;
    return NameOf(kRecordEnds, end, true);
  }

 private:
  /// Where a word that ends at `end` begins. Chinese may have blanks in it: "印　象".
  std::optional<size_t> BeginOf(Word word, size_t end) const {
    size_t at = end;
    for (size_t i = word.size(); i > 0; --i) {
      const bool spaced = i < word.size() && IsIdeograph(word[i]) && IsIdeograph(word[i - 1]);
      if (spaced) at = text_.BackOverBlanks(at);
      if (at == 0 || text_.At(at - 1) != word[i - 1]) return std::nullopt;
      --at;
    }
    const bool inside_word =
        (HeadingText::IsLetter(word.front()) && HeadingText::IsLetter(text_.CharacterBefore(at))) ||
        (HeadingText::IsLetter(word.back()) && HeadingText::IsLetter(text_.At(end)));
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
    const size_t joined = text_.BackOverBlanks(*tail);
    return text_.BackOverBlanks(LongestBefore(kJoiners, joined).value_or(joined));
  }

  std::optional<HeadingName> NameOf(std::span<const NameEnd> ends, size_t end, bool record) const {
    const size_t last = WithoutTail(end);
    for (const NameEnd& each : ends) {
      const std::optional<size_t> begin = BeginOf(each.word, last);
      if (!begin) continue;
      HeadingName name;
      name.part = each.part;
      name.begin = *begin;
      name.end = end;
      name.record = record;
      name.preliminary = each.word.starts_with(U"初步");
      name.weak = each.sureness == kWeak;
      name.chinese = IsIdeograph(each.word.front());
      AddWordsBefore(name, each.sureness == kNoun);
      return name;
    }
    return std::nullopt;
  }

  /// Takes the words before the last one into a name.
  void AddWordsBefore(HeadingName& name, bool noun) const {
    bool region = false;
    for (size_t words = 0; words < kMostWordsBefore; ++words) {
      size_t end = text_.BackOverBlanks(name.begin);
      // "PET/CT", 印象及诊断
      while (HeadingText::Holds(U"/-+、及与和", text_.CharacterBefore(end)))
        end = text_.BackOverBlanks(end - 1);
      if (name.chinese && text_.CharacterBefore(end) == U'学') --end;  // 影像学
      const std::optional<size_t> foreign = LongestBefore(kForeign, end);
      const std::optional<size_t> examination = LongestBefore(kExaminations, end);
      const std::optional<size_t> qualifier = LongestBefore(kQualifiers, end);
      if (!foreign && !examination && !qualifier) break;
      if (foreign) {
        name.part = ReportPart::kOther;
        name.preliminary = false;
      }
      name.begin =
          foreign ? *foreign : std::min(examination.value_or(end), qualifier.value_or(end));
      name.composed = true;
      region = examination == name.begin;
    }
    // 所见 is a noun, whosever it is: 心电图所见, 放射科所见.
    const bool any = noun && (!name.composed || name.part == ReportPart::kOther);
    if (region || any || name.record) AddRegion(name);
  }

  /// "胸部正位" of "胸部正位片所见", "Left knee" of "Left knee MRI findings", where nothing else
  /// stands before it.
  void AddRegion(HeadingName& name) const {
    size_t begin = name.begin;
    const auto goes_on = [&](char32_t c) {
      return name.chinese ? IsIdeograph(c) : HeadingText::IsLetter(c) || c == ' ';
    };
    const size_t longest = name.chinese ? kLongestChineseRegion : kLongestRegion;
    while (goes_on(text_.CharacterBefore(begin)) && name.begin - begin <= longest) --begin;
    if (name.begin - begin > longest) return;
    begin = text_.OverBlanks(begin);
    const BeforeHeading before = text_.WhatIsBefore(begin, nullptr);
    const bool behind_heading = text_.CharacterBefore(text_.BackOverBlanks(begin)) == ':';
    if (before == BeforeHeading::kNothing ||
        (before == BeforeHeading::kSentence && !behind_heading)) {
      name.other_words |= begin < name.begin;
      name.begin = begin;
    }
  }

  const HeadingText& text_;
};

}  // namespace

std::optional<HeadingName> HeadingNameTo(const HeadingText& text, size_t end) {
  return NameReader(text).To(end);
}

}  // namespace roentgen
