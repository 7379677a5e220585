#include "roentgen/assistant/stated.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "roentgen/evaluation/report_labels.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
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
  if (HasAny(form, {"limited", "suboptimal"}) &&
      HasAny(form, {"study", "evaluation", "assessment", "examination", "exam", "view", "views",
                    "visualization", "image", "radiograph"})) {
    return true;
  }
  for (const std::string_view act : {"观察", "评估", "评价", "显示", "判断", "检查", "观测"}) {
    if (HasAny(form, {fmt::format("{}受限", act), fmt::format("无法{}", act),
                      fmt::format("难以{}", act), fmt::format("不能{}", act)})) {
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
/// a mass whose nature cannot be determined".
std::string_view OfOpenNature(std::string_view piece) {
  const size_t nature = FindAny(piece, {"nature", "cause", "origin", "etiology", "aetiology",
                                        "significance", "性质", "良恶性", "来源", "病因", "原因"});
  if (nature == std::string_view::npos) return {};
  const std::string_view before = piece.substr(0, nature);
  return SaysOfFindings(before) && !Abstains(before) ? before : std::string_view();
}

}  // namespace

bool Abstains(std::string_view sentence) {
  const std::string form = ClauseForm(sentence);
  const bool blank =
      std::none_of(form.begin(), form.end(), [](char c) { return IsLetter(c) || (c & 0x80) != 0; });
  return CannotTell(sentence) || Refuses(sentence) || (!blank && IsNoAnswer(sentence)) ||
         IsLimited(form);
}

std::string StatedBeside(std::string_view sentence) {
  std::string stated;
  const auto take = [&](std::string_view piece) {
    if (piece.empty()) return;
    if (!stated.empty()) stated += ", ";
    stated += Strip(piece);
  };
  const std::string folded = FoldText(sentence);
  for (const std::string_view statement : Statements(folded)) {
    if (!Abstains(statement)) {
      if (SaysOfFindings(statement)) take(statement);
      continue;
    }
    for (const std::string_view piece :
         Parts(statement, {",", "、", " and ", "和", "及", "与"}, false)) {
      if (Abstains(piece)) {
        take(OfOpenNature(piece));
      } else if (StandsAlone(piece) && SaysOfFindings(piece)) {
        take(piece);
      }
    }
  }
  return stated;
}

}  // namespace roentgen
