#include "roentgen/language/agreement.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/language/answer.h"
#include "roentgen/language/answer_meaning.h"
#include "roentgen/language/answer_tokens.h"
#include "roentgen/language/answer_writing.h"
#include "roentgen/language/clauses.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/language/word_edges.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum CueKind;
using Texts = std::span<const std::string_view>;

/// Takes the longest of the words away that the text begins with, and the blanks behind it.
/// Something must follow. Whether there was one.
bool TakeBeginning(Texts words, std::string_view& text) {
  std::string_view longest;
  for (const std::string_view word : words) {
    if (word.size() > longest.size() && word.size() < text.size() && text.starts_with(word) &&
        IsBoundary(text, word.size())) {
      longest = word;
    }
  }
  text.remove_prefix(longest.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  return !longest.empty();
}

/// The same at the end of the text.
bool TakeEnd(Texts words, std::string_view& text) {
  std::string_view longest;
  for (const std::string_view word : words) {
    if (word.size() > longest.size() && word.size() < text.size() && text.ends_with(word) &&
        IsBoundary(text, text.size() - word.size())) {
      longest = word;
    }
  }
  text.remove_suffix(longest.size());
  while (text.ends_with(' ')) text.remove_suffix(1);
  return !longest.empty();
}

// ---- Yes and no ---------------------------------------------------------------------------------

/// Words that repeat the question's: "yes, it is", "no, they do not".
bool IsEcho(std::string_view content) {
  static constexpr auto kEchoes = std::to_array<std::string_view>(
      {"it",   "is",    "are",   "was", "were",  "they", "there", "this",
       "that", "these", "those", "he",  "she",   "does", "do",    "did",
       "has",  "have",  "had",   "can", "could", "be",   "been",  "will"});
  while (!content.empty()) {
    const size_t end = std::min(content.find(' '), content.size());
    if (!IsOneOf(content.substr(0, end), kEchoes)) return false;
    content.remove_prefix(std::min(end + 1, content.size()));
  }
  return true;
}

bool SaysASide(const ClauseWord& word) {
  if (IsEcho(word.text)) return true;
  return word.cue != nullptr &&
         (word.Is(kYes) || word.Is(kYesAlone) || word.Is(kNo) || word.Is(kNoAlone) ||
          word.Is(kAbsence) || word.Is(kPresence) || word.Is(kModal) || word.Is(kDenial) ||
          word.Is(kParticle)) &&
         !word.Is(kNoDenial) && !word.Is(kJudge) && !word.Is(kDoubt);
}

/// Whether an answer says only yes or only no, in as many words as it likes.
std::optional<bool> BareSide(std::string_view answer) {
  if (const auto side = YesOrNo(answer)) return side;
  const std::string form = ClauseForm(answer);
  const std::vector<Clause> clauses = SplitClauses(form);
  for (const Clause& clause : clauses) {
    if (clause.asks) return std::nullopt;
  }
  static constexpr auto kYesWords = std::to_array<std::string_view>({"present", "y"});
  static constexpr auto kNoWords =
      std::to_array<std::string_view>({"absent", "none", "negative", "n"});
  if (IsOneOf(form, kYesWords)) return true;
  if (IsOneOf(form, kNoWords)) return false;
  for (const Clause& clause : clauses) {
    if (!std::all_of(clause.words.begin(), clause.words.end(), SaysASide)) return std::nullopt;
  }
  return SideTaken(answer);
}

/// The side of an answer that says it first and then more: "Yes, on the left."
std::optional<bool> LeadingSide(std::string_view folded) {
  size_t end = folded.find_first_of(",.;:\n");
  for (const std::string_view mark : {"。", "、"}) end = std::min(end, folded.find(mark));
  if (end == std::string_view::npos) return std::nullopt;
  const auto side = BareSide(folded.substr(0, end));
  return side && SideTaken(folded) == side ? side : std::nullopt;
}

// ---- Sets ---------------------------------------------------------------------------------------

/// Whether a slash stands between Chinese characters or whole words: liver/spleen, but not PET/CT,
/// L4/5 or N/A.
bool PartsWords(std::string_view text, size_t slash) {
  constexpr size_t kShortest = 4;
  const auto letters = [&](size_t from, size_t step) {
    size_t count = 0;
    for (size_t at = from; at < text.size() && IsLatin(text[at]); at += step) ++count;
    return count;
  };
  if (slash == 0 || slash + 1 == text.size()) return false;
  const bool latin =
      letters(slash - 1, size_t{0} - 1) >= kShortest && letters(slash + 1, 1) >= kShortest;
  return latin || ((text[slash - 1] & 0x80) != 0 && StartsWithIdeograph(text.substr(slash + 1)));
}

/// The length of what joins or parts the members of a set at this place of a folded text: "," "and"
/// 、 和; 0 for none.
size_t SeparatorAt(std::string_view text, size_t at) {
  const auto digit = [&](size_t i) { return i < text.size() && IsDigit(text[i]); };
  switch (text[at]) {
    case ',': {
      const bool groups = at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) &&
                          digit(at + 3) && !digit(at + 4);
      return groups ? 0 : 1;
    }
    case ';':
    case '\n':
    case '&':
      return 1;
    case '.':
      return at + 1 == text.size() || text[at + 1] == ' ' ? 1 : 0;
    case '/':
      return PartsWords(text, at) ? 1 : 0;
    default:
      break;
  }
  for (const std::string_view mark : {"、", "。", "以及", "和", "与", "及"}) {
    if (!text.substr(at).starts_with(mark)) continue;
    for (const std::string_view name : {"饱和", "涉及", "触及", "波及", "累及", "参与"}) {
      const size_t before = name.size() - mark.size();
      if (name.ends_with(mark) && at >= before && text.substr(at - before).starts_with(name)) {
        return 0;
      }
    }
    return mark.size();
  }
  for (const std::string_view word : {"and", "as well as"}) {
    if (text.substr(at).starts_with(word) && IsBoundary(text, at) &&
        IsBoundary(text, at + word.size())) {
      return word.size();
    }
  }
  return 0;
}

/// Whether what ends here of a folded text is a number with its unit: "2 cm".
bool EndsInMeasure(std::string_view text) {
  const auto is_unit = [](char c) { return IsLatin(c) || (c & 0x80) != 0; };
  while (text.ends_with(' ')) text.remove_suffix(1);
  const size_t whole = text.size();
  while (!text.empty() && is_unit(text.back())) text.remove_suffix(1);
  if (text.size() == whole) return false;
  while (text.ends_with(' ')) text.remove_suffix(1);
  const size_t number = text.size();
  while (!text.empty() && (IsDigit(text.back()) || text.back() == '.')) text.remove_suffix(1);
  return text.size() < number && (text.empty() || !is_unit(text.back()));
}

/// "between 3 and 5" and "2cm-3cm" are ranges.
std::string WithPlainRanges(std::string_view folded) {
  std::string text(folded);
  constexpr std::string_view kBetween = "between ";
  constexpr std::string_view kAnd = " and ";
  for (size_t at = text.find(kBetween); at != std::string::npos; at = text.find(kBetween, at)) {
    const size_t number = at + kBetween.size();
    const size_t end = text.find(kAnd, number);
    const bool range = number < text.size() && IsDigit(text[number]) && end != std::string::npos &&
                       IsDigit(text.c_str()[end + kAnd.size()]);
    if (range) text.replace(end, kAnd.size(), " to ");
    text.erase(at, range ? kBetween.size() : 0);
    at += range ? 0 : 1;
  }
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '-' && text[at] != '~') continue;
    const size_t next = std::min(text.find_first_not_of(' ', at + 1), text.size());
    if (!IsDigit(text.c_str()[next]) || !EndsInMeasure(text.substr(0, at))) continue;
    text.replace(at, 1, " to ");
  }
  return text;
}

std::vector<std::string> MembersOf(std::string_view text) {
  std::vector<std::string> members(1);
  for (size_t at = 0; at < text.size();) {
    if (const size_t separator = SeparatorAt(text, at)) {
      members.emplace_back();
      at += separator;
      continue;
    }
    const size_t length = ReadUtf8(text, at).length;
    const bool groups = text[at] == ',';  // 1,000
    if (!groups) members.back() += text.substr(at, length);
    at += length;
  }
  return members;
}

// ---- One member ---------------------------------------------------------------------------------

constexpr auto kFrames = std::to_array<std::string_view>({"it is",
                                                          "the",
                                                          "answer is",
                                                          "answer",
                                                          "答案是",
                                                          "答案为",
                                                          "答案",
                                                          "it s",
                                                          "this is",
                                                          "that is",
                                                          "they are",
                                                          "these are",
                                                          "there is",
                                                          "there are",
                                                          "there s",
                                                          "image shows",
                                                          "this image shows",
                                                          "image is",
                                                          "appears",
                                                          "looks",
                                                          "yes it is",
                                                          "on",
                                                          "in",
                                                          "at",
                                                          "to",
                                                          "of",
                                                          "from",
                                                          "within",
                                                          "by",
                                                          "via",
                                                          "any",
                                                          "obvious",
                                                          "definite",
                                                          "这是1张",
                                                          "这是1幅",
                                                          "这是",
                                                          "图中为",
                                                          "图中是",
                                                          "图像为",
                                                          "该图为",
                                                          "图中可见",
                                                          "图像显示",
                                                          "图中",
                                                          "图像中",
                                                          "影像中",
                                                          "可见",
                                                          "显示",
                                                          "位于",
                                                          "是",
                                                          "为",
                                                          "有",
                                                          "在"});

constexpr auto kDenials = std::to_array<std::string_view>({"no evidence of",
                                                           "no evidence for",
                                                           "no sign of",
                                                           "no signs of",
                                                           "without evidence of",
                                                           "negative for",
                                                           "absence of",
                                                           "free of",
                                                           "no",
                                                           "not",
                                                           "without",
                                                           "没有看到",
                                                           "没有发现",
                                                           "没有见到",
                                                           "没看到",
                                                           "没看见",
                                                           "没发现",
                                                           "没见到",
                                                           "未见到",
                                                           "未发现",
                                                           "未看到",
                                                           "未查见",
                                                           "未检出",
                                                           "未检测到",
                                                           "未显示",
                                                           "未见",
                                                           "没有",
                                                           "不存在",
                                                           "看不到",
                                                           "无",
                                                           "没"});

/// What says no more behind a denial: 无明显骨折.
constexpr auto kDenialFillers = std::to_array<std::string_view>(
    {"evidence of", "any", "obvious", "definite", "significant", "apparent", "visible",
     "demonstrable", "明显", "明确", "确切", "任何", "显著", "明显的", "明确的", "任何的"});

constexpr auto kAbnormal = std::to_array<std::string_view>(
    {"abnormal", "abnormality", "abnormalities", "abnormal finding", "abnormal findings", "异常",
     "异常发现", "异常征象", "异常改变", "异常表现", "异常所见", "异常影", "明显异常"});
constexpr auto kNormalWords = std::to_array<std::string_view>(
    {"normal", "unremarkable", "within normal limits", "healthy", "normal finding",
     "normal findings", "nothing abnormal", "正常", "无殊", "如常", "大致正常", "基本正常",
     "完全正常", "正常范围", "在正常范围内", "未见明显异常"});

constexpr auto kDeniedBehind = std::to_array<std::string_view>(
    {"is absent", "are absent", "absent", "not present", "is not present", "are not present",
     "not seen", "is not seen", "are not seen", "not identified", "is not identified",
     "are not identified", "not visible", "is not visible", "are not visible"});
constexpr auto kAffirmedBehind = std::to_array<std::string_view>(
    {"is present", "are present", "present", "is seen", "are seen", "seen", "is visible",
     "are visible", "is identified", "are identified"});

/// What says that the thing before it is normal.
constexpr auto kNormalBehind = std::to_array<std::string_view>(
    {"未见异常", "未见明显异常", "无异常", "无明显异常", "没有异常", "没有明显异常", "正常",
     "is normal", "are normal", "appears normal", "appear normal", "is unremarkable",
     "are unremarkable"});

/// Heads that add nothing to what they are of: "FLAIR sequence".
constexpr auto kHeads = std::to_array<std::string_view>(
    {"sequence", "sequences", "image", "images", "scan", "view", "plane", "序列", "图像"});

/// Whether a folded text begins with a name that only looks like a denial (无名动脉, 无回声), or
/// asks (有无骨折).
bool BeginsWithName(std::string_view form) {
  for (const std::string_view question : {"有无", "有没有", "是否", "是不是"}) {
    if (form.starts_with(question)) return true;
  }
  const Cue* cue = form.empty() ? nullptr : CueAt(form, 0);
  return cue != nullptr && cue->Is(kAttributive);
}

/// One member of a set, by what it says.
struct Member {
  std::string meaning;
  bool denied = false;
};

Member ReadMember(std::string_view text) {
  if (const auto side = BareSide(text)) return {*side ? "yes" : "no"};
  const std::string form = WithSigns(WithOneNaming(ComparisonForm(text)));
  std::string_view rest = form;
  bool denied = false;
  while (!BeginsWithName(rest)) {
    if (!denied && TakeBeginning(kDenials, rest)) {
      denied = true;
      while (TakeBeginning(kDenialFillers, rest)) {
      }
    } else if (HasSynonyms(rest) || IsOneOf(rest, kNormalWords) || IsOneOf(rest, kAbnormal) ||
               !TakeBeginning(kFrames, rest)) {
      break;
    }
  }
  if (!denied && TakeEnd(kDeniedBehind, rest)) denied = true;
  if (!denied) TakeEnd(kAffirmedBehind, rest);
  if (rest.starts_with("不") && IsOneOf(rest.substr(3), kNormalWords)) return {"abnormal"};
  if (IsOneOf(rest, kAbnormal)) return {denied ? "normal" : "abnormal"};
  if (IsOneOf(rest, kNormalWords)) return {denied ? "abnormal" : "normal"};
  const bool normal = !denied && !rest.ends_with("不正常") && TakeEnd(kNormalBehind, rest);
  if (!HasSynonyms(rest)) TakeEnd(kHeads, rest);
  std::string meaning = MeaningOf(rest);
  if (normal) meaning += "normal";
  if (meaning.empty()) meaning = FoldText(text);
  return {denied ? "not " + meaning : meaning, denied};
}

/// A left and a right one are both: "left lung" and "right lung", and "left and right lung".
void JoinSides(std::vector<std::string>& meanings) {
  std::vector<size_t> rights;  // that belong to no left one yet
  for (size_t i = 0; i < meanings.size(); ++i) {
    if (meanings[i].starts_with("right")) rights.push_back(i);
  }
  std::vector<bool> joined(meanings.size(), false);
  for (size_t i = 0; i < meanings.size(); ++i) {
    if (!meanings[i].starts_with("left")) continue;
    const std::string_view of_left = std::string_view(meanings[i]).substr(4);
    const auto other = std::find_if(rights.begin(), rights.end(), [&](size_t j) {
      const std::string_view of_right = std::string_view(meanings[j]).substr(5);
      return of_left == of_right || (of_left.empty() && i < j) || (of_right.empty() && j < i);
    });
    if (other == rights.end()) continue;
    meanings[i] =
        "bilateral" + (of_left.empty() ? meanings[*other].substr(5) : std::string(of_left));
    joined[*other] = true;
    rights.erase(other);
  }
  std::vector<std::string> rest;
  for (size_t i = 0; i < meanings.size(); ++i) {
    if (!joined[i]) rest.push_back(std::move(meanings[i]));
  }
  meanings = std::move(rest);
}

/// What an answer says: equal for answers that agree. Members of a set are in order; where some are
/// denied and some not, in that of the text, since a denial may reach the next ones.
std::vector<std::string> Meanings(std::string_view folded) {
  if (const auto side = BareSide(folded)) return {*side ? "yes" : "no"};
  const std::string ranges = WithPlainRanges(WithOneWriting(folded));
  std::vector<std::string> meanings;
  size_t denied = 0;
  for (const std::string& text : MembersOf(ranges)) {
    if (ComparisonForm(text).empty()) continue;
    const Member member = ReadMember(text);
    denied += member.denied ? 1 : 0;
    meanings.push_back(member.meaning);
  }
  if (denied != 0 && denied != meanings.size()) return meanings;
  JoinSides(meanings);
  std::sort(meanings.begin(), meanings.end());
  meanings.erase(std::unique(meanings.begin(), meanings.end()), meanings.end());
  return meanings;
}

}  // namespace

bool AnswersAgree(std::string_view a, std::string_view b) {
  const std::string one = FoldText(a);
  const std::string other = FoldText(b);
  if (one == other) return true;
  const std::vector<std::string> meanings = Meanings(one);
  const std::vector<std::string> others = Meanings(other);
  if (meanings.empty() || others.empty()) return false;
  if (meanings == others) return true;
  const auto is_side = [](const std::vector<std::string>& said, bool side) {
    return said.size() == 1 && said[0] == (side ? "yes" : "no");
  };
  const auto leading = LeadingSide(one);
  const auto other_leading = LeadingSide(other);
  return (leading && is_side(others, *leading)) ||
         (other_leading && is_side(meanings, *other_leading));
}

}  // namespace roentgen
