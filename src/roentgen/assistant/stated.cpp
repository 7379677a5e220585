#include "roentgen/assistant/stated.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "roentgen/evaluation/report_labels.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/clause_reading.h"
#include "roentgen/language/clauses.h"
#include "roentgen/language/refusal.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using Texts = std::initializer_list<std::string_view>;

bool HasIdeograph(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (IsIdeograph(step.code_point)) return true;
    at += step.length;
  }
  return false;
}

bool IsLetter(char c) {
  return c >= 'a' && c <= 'z';
}

/// Where the first of the words stands in a folded text: those in English as whole words.
size_t FindAny(std::string_view text, Texts words) {
  size_t first = std::string_view::npos;
  for (const std::string_view word : words) {
    for (size_t at = text.find(word); at < first; at = text.find(word, at + 1)) {
      const size_t end = at + word.size();
      const bool inside = IsLetter(word[0]) && ((at > 0 && IsLetter(text[at - 1])) ||
                                                (end < text.size() && IsLetter(text[end])));
      if (!inside) first = at;
    }
  }
  return first;
}

bool HasAny(std::string_view text, Texts words) {
  return FindAny(text, words) != std::string_view::npos;
}

/// What keeps something from being seen: "Angles obscured", 心影观察受限, but not 弥散受限.
bool IsLimited(std::string_view form) {
  if (HasAny(form, {"nondiagnostic", "non diagnostic", "obscured", "unassessable", "遮挡"}))
    return true;
  const bool hard = HasAny(form, {"difficult"}) && !HasAny(form, {"difficult to"});
  if ((hard || HasAny(form, {"limited", "suboptimal"})) &&
      HasAny(form, {"study", "evaluation", "assessment", "interpretation", "examination", "exam",
                    "view", "views", "visualization", "image", "radiograph"})) {
    return true;
  }
  for (const std::string_view act :
       {"观察", "评估", "评价", "显示", "判断", "检查", "观测", "诊断"}) {
    if (HasAny(form,
               {fmt::format("{}受限", act), fmt::format("无法{}", act), fmt::format("难以{}", act),
                fmt::format("不能{}", act), fmt::format("{}困难", act)})) {
      return true;
    }
  }
  return false;
}

/// The parts of a text; each of the marks is left out, or begins the part behind it.
std::vector<std::string_view> Parts(std::string_view text, Texts marks, bool keep_mark) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    size_t length = 0;
    for (const std::string_view mark : marks) {
      if (text.substr(at).starts_with(mark)) length = std::max(length, mark.size());
    }
    if (length > 0 && at > begin) parts.push_back(text.substr(begin, at - begin));
    if (length > 0) begin = at + (keep_mark ? 0 : length);
    at += std::max<size_t>(length, 1);
  }
  if (begin < text.size()) parts.push_back(text.substr(begin));
  return parts;
}

/// What stands for itself, whatever is said of the others: a comma in Chinese, contrasts, causes
/// and conclusions.
std::vector<std::string_view> Statements(std::string_view folded) {
  std::vector<std::string_view> statements;
  for (const std::string_view part : Parts(folded, {"；", ";", "，"}, false)) {
    const auto pieces = HasIdeograph(part)
                            ? Parts(part, {",", "但", "而", "考虑", "提示"}, true)
                            : Parts(part,
                                    {" but ", " however", " although ", " though ", " due to ",
                                     " because ", " by ", " suggest", " consistent with "},
                                    true);
    statements.insert(statements.end(), pieces.begin(), pieces.end());
  }
  return statements;
}

/// What an image does not reach: "out of the field of view", 超出视野范围.
bool IsOutOfView(std::string_view form) {
  const bool english = form.find("field of view") != std::string_view::npos &&
                       HasAny(form, {"out", "outside", "beyond", "not"});
  for (const std::string_view view : {"视野", "扫描范围", "成像范围"}) {
    for (const std::string_view outside : {"外", "之外", "以外"}) {
      if (HasAny(form, {fmt::format("{}{}", view, outside)})) return true;
    }
    if (HasAny(form, {view}) && HasAny(form, {"超出", "不在", "未在"})) return true;
  }
  return english;
}

/// Whether a text names parts of the body and nothing besides: "left lung", 双侧肺野, but not
/// 脂肪肝 or 肿大脾脏.
bool NamesOnlyParts(std::string_view content) {
  if ((content[0] & 0x80) != 0) {
    return NamesStructure(content) &&
           !HasAny(content, {"影像", "脂肪", "副脾", "多囊", "马蹄", "肿",   "增大",
                             "扩大", "肥大", "变小", "缩",   "异位", "游走", "断",
                             "裂",   "异常", "硬化", "积",   "坏",   "靴",   "孤立"});
  }
  static const Texts kOfParts = {"left",   "right",   "both",         "bilateral", "upper",
                                 "middle", "lower",   "base",         "bases",     "apex",
                                 "apices", "field",   "fields",       "zone",      "zones",
                                 "angle",  "angles",  "costophrenic", "lobe",      "lobes",
                                 "border", "borders", "of",           "cardiac",   "silhouette"};
  bool named = false;
  for (const std::string_view word : Parts(content, {" "}, false)) {
    const bool of_part = std::find(kOfParts.begin(), kOfParts.end(), word) != kOfParts.end();
    if (!of_part && !NamesStructure(word)) return false;
    named |= NamesStructure(word) || word == "angle" || word == "angles" || word == "silhouette";
  }
  return named;
}

/// Whether a part of the body is not seen, or nothing is: "The lungs are not visualized", "The
/// image does not show the heart", 看不到肺, 未见显示. That no finding is seen denies the finding.
bool IsUnseen(const Clause& clause) {
  using enum CueKind;
  bool denied = false;
  bool seen = false;
  bool shown = false;
  bool parts = false;
  for (const ClauseWord& word : clause.words) {
    const bool shows = HasAny(word.text, {"显示", "拍", "扫及", "扫到", "visualized", "visualised",
                                          "shown", "included", "imaged", "captured"});
    shown |= shows;
    seen |= shows || word.Is(kPresence) || DeniesSight(word);
    if (word.cue == nullptr) {
      const bool part = NamesOnlyParts(word.text);
      if (!part && !shows) return false;
      parts |= part;
    }
    if (roentgen::HasAny(word, {kNoDenial, kNormal, kDoubt, kRest, kQuestion})) return false;
    denied |= roentgen::HasAny(word, {kDenial, kAbsence});
  }
  return denied && ((seen && parts) || (shown && !parts));
}

/// Whether one of the statements says that a part of the body is not seen.
bool HidesPart(std::string_view form) {
  const std::vector<std::string_view> statements = Statements(form);
  return std::any_of(statements.begin(), statements.end(), [](std::string_view statement) {
    const std::vector<Clause> clauses = SplitClauses(statement);
    return std::any_of(clauses.begin(), clauses.end(), IsUnseen);
  });
}

/// Whether a text is a word that leaves all open and nothing besides.
bool LeavesAllOpen(std::string_view form) {
  const std::vector<std::string_view> words = Parts(form, {" ", ".", "!"}, false);
  static const Texts kOpen = {"undetermined", "indeterminate", "equivocal", "questionable",
                              "doubtful"};
  return words.size() == 1 && std::find(kOpen.begin(), kOpen.end(), words[0]) != kOpen.end();
}

bool HasCue(std::string_view form, std::initializer_list<CueKind> kinds) {
  for (const Clause& clause : SplitClauses(form)) {
    for (const ClauseWord& word : clause.words) {
      if (std::any_of(kinds.begin(), kinds.end(), [&](CueKind kind) { return word.Is(kind); })) {
        return true;
      }
    }
  }
  return false;
}

/// Whether it says something of a finding or a structure. What is asked or advised says nothing,
/// nor what the image is like.
bool SaysOfFindings(std::string_view text) {
  const std::string form = ClauseForm(text);
  if (HasCue(form, {CueKind::kQuestion, CueKind::kAdvice}) ||
      HasAny(form, {"recommend", "recommended", "advised", "if"}) ||
      (HasCue(form, {CueKind::kSource}) && !HasCue(form, {CueKind::kPresence}))) {
    return false;
  }
  const ReportReading read = ReadReport(text);
  return read.other || std::any_of(read.labels.begin(), read.labels.end(), [](Finding finding) {
           return finding != Finding::kNotMentioned;
         });
}

/// Whether it can stand without the rest of an enumeration: "large right pneumothorax", but not
/// "pneumothorax" of "pneumothorax and effusion cannot be assessed".
bool StandsAlone(std::string_view text) {
  using enum CueKind;
  return HasCue(ClauseForm(text), {kPresence, kNormal, kAbsence, kReport, kDoubt}) ||
         HasAny(text, {"is", "are", "right", "left", "bilateral", "large", "small", "moderate",
                       "mild", "severe", "massive", "tension", "左", "右", "双", "大量", "少量"});
}

/// Of a piece that abstains only on what a finding is, the finding: "There is a mass" of "There is
/// a mass whose nature cannot be determined" and "There is a mass of unknown origin", 结节 of
/// 性质待定的结节.
std::string_view OfOpenNature(std::string_view piece) {
  const auto is_stated = [](std::string_view text) {
    return SaysOfFindings(text) && !Abstains(text);
  };
  const size_t nature =
      FindAny(piece, {"nature", "cause", "origin", "etiology", "aetiology", "significance", "性质",
                      "良恶性", "来源", "病因", "原因", "意义"});
  const size_t open = FindAny(
      piece, {"of uncertain", "of unknown", "of unclear", "of undetermined", "of indeterminate"});
  if (std::min(nature, open) == std::string_view::npos) return {};
  const std::string_view before = piece.substr(0, std::min(nature, open));
  if (is_stated(before)) return before;
  for (const std::string_view link : {" with ", ","}) {
    const std::string_view linked = before.substr(0, before.rfind(link));
    if (is_stated(linked)) return linked;
  }
  const size_t of = piece.find("的", std::min(nature, open));
  if (of == std::string_view::npos) return {};
  const std::string_view behind = piece.substr(of + std::string_view("的").size());
  return is_stated(behind) ? behind : std::string_view();
}

/// What keeps something from being seen, in Chinese: 积液 of 心影被积液遮挡.
std::string_view CauseOf(std::string_view piece) {
  constexpr std::string_view kBy = "被";
  const size_t by = piece.find(kBy);
  if (by == std::string_view::npos) return {};
  const std::string_view behind = piece.substr(by + kBy.size());
  const size_t hides = FindAny(behind, {"遮", "掩", "挡", "覆盖", "重叠", "影响"});
  const std::string_view cause = behind.substr(0, hides);
  return hides != std::string_view::npos && SaysOfFindings(cause) ? cause : std::string_view();
}

/// What a message of an error calls a finding: 左侧气胸 of 错误：左侧气胸.
std::string_view BehindError(std::string_view piece) {
  const size_t colon = std::min(piece.find(':'), piece.find("："));
  if (colon == std::string_view::npos || !IsNoAnswer(piece)) return {};
  const std::string_view behind = piece.substr(colon + (piece[colon] == ':' ? 1 : 3));
  return !Abstains(behind) && SaysOfFindings(behind) ? behind : std::string_view();
}

}  // namespace

bool Abstains(std::string_view sentence) {
  const std::string form = ClauseForm(sentence);
  const bool blank =
      std::none_of(form.begin(), form.end(), [](char c) { return IsLetter(c) || (c & 0x80) != 0; });
  return CannotTell(sentence) || Refuses(sentence) || (!blank && IsNoAnswer(sentence)) ||
         IsLimited(form) || IsOutOfView(form) || LeavesAllOpen(form) || HidesPart(form);
}

std::string StatedBeside(std::string_view sentence) {
  std::string stated;
  const auto take = [&](std::string_view piece) {
    if (piece.empty()) return;
    if (!stated.empty()) stated += ", ";
    stated += Strip(piece);
  };
  const std::string folded = WithoutContractions(FoldText(sentence));
  for (const std::string_view statement : Statements(folded)) {
    if (!Abstains(statement)) {
      if (SaysOfFindings(statement)) take(statement);
      continue;
    }
    for (const auto& reads : {OfOpenNature, CauseOf, BehindError}) take(reads(statement));
    for (const std::string_view piece :
         Parts(statement, {",", "、", " and ", "和", "及", "与"}, false)) {
      if (Abstains(piece)) {
        if (piece.size() < statement.size()) take(OfOpenNature(piece));
      } else if (StandsAlone(piece) && SaysOfFindings(piece)) {
        take(piece);
      }
    }
  }
  return stated;
}

}  // namespace roentgen
