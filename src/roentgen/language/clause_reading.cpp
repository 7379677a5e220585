#include "roentgen/language/clause_reading.h"

#include <algorithm>
#include <array>

#include "roentgen/language/synonyms.h"

namespace roentgen {

using enum CueKind;

bool HasAny(const ClauseWord& word, std::initializer_list<CueKind> kinds) {
  return std::any_of(kinds.begin(), kinds.end(), [&](CueKind kind) { return word.Is(kind); });
}

/// The first word from `at` that does not merely fill. A judgement may be denied and stops.
size_t PastFillers(const Words& words, size_t at) {
  while (at < words.size() && HasAny(words[at], {kFiller, kParticle}) && !words[at].Is(kJudge)) {
    ++at;
  }
  return at;
}

size_t PastFillersAndModals(const Words& words, size_t at) {
  while (at < words.size() && HasAny(words[at], {kFiller, kParticle, kModal}) &&
         !words[at].Is(kJudge)) {
    ++at;
  }
  return at;
}

bool EndsAt(const Words& words, size_t at) {
  return PastFillers(words, at) == words.size();
}

/// Whether nothing but particles follows.
bool IsLast(const Words& words, size_t at) {
  return std::all_of(words.begin() + static_cast<ptrdiff_t>(at) + 1, words.end(),
                     [](const ClauseWord& word) { return word.Is(kParticle); });
}

bool HasFrom(const Words& words, size_t at, CueKind kind) {
  return at < words.size() && std::any_of(words.begin() + static_cast<ptrdiff_t>(at), words.end(),
                                          [&](const ClauseWord& word) { return word.Is(kind); });
}

bool HasContentBefore(const Words& words, size_t at) {
  return std::any_of(words.begin(), words.begin() + static_cast<ptrdiff_t>(at),
                     [](const ClauseWord& word) { return word.cue == nullptr; });
}

bool HasBefore(const Words& words, size_t at, CueKind kind) {
  return std::any_of(words.begin(), words.begin() + static_cast<ptrdiff_t>(at),
                     [&](const ClauseWord& word) { return word.Is(kind); });
}

namespace {

/// The last word of a phrase, without the plural.
std::string_view HeadOf(std::string_view phrase) {
  phrase = phrase.substr(phrase.rfind(' ') + 1);
  if (phrase.size() > 3 && phrase.ends_with('s')) phrase.remove_suffix(1);
  return phrase;
}

}  // namespace

std::string_view BeforePreposition(std::string_view content) {
  static constexpr std::array<std::string_view, 6> kPrepositions = {"of", "in",  "on",
                                                                    "at", "for", "from"};
  for (size_t blank = 0; (blank = content.find(' ', blank + 1)) != std::string_view::npos;) {
    const std::string_view rest = content.substr(blank + 1);
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (std::find(kPrepositions.begin(), kPrepositions.end(), word) != kPrepositions.end()) {
      return content.substr(0, blank);
    }
  }
  return content;
}

bool NamesStructure(std::string_view content) {
  static constexpr std::array<std::string_view, 32> kEnglish = {
      "rib",       "bone",    "diaphragm",   "mediastinum", "spine",  "abdomen",  "pelvis",
      "skull",     "chest",   "lung",        "heart",       "liver",  "brain",    "kidney",
      "spleen",    "head",    "neck",        "thorax",      "vessel", "cage",     "body",
      "structure", "trachea", "anatomy",     "breast",      "knee",   "pancreas", "bladder",
      "bowel",     "stomach", "gallbladder", "tissue"};
  static constexpr std::array<std::string_view, 24> kChinese = {
      "骨",   "肺",   "心",   "肝",   "脾",   "肾",   "胃", "脑",   "脏",   "部",   "膈",   "肠",
      "脊柱", "椎体", "关节", "纵隔", "气管", "胸廓", "腺", "胆囊", "膀胱", "骨质", "心影", "肺野"};
  if ((content[0] & 0x80) == 0) {
    return std::find(kEnglish.begin(), kEnglish.end(), HeadOf(content)) != kEnglish.end();
  }
  return std::any_of(kChinese.begin(), kChinese.end(),
                     [&](std::string_view end) { return content.ends_with(end); });
}

size_t PropertyAt(std::string_view text) {
  static constexpr std::array<std::string_view, 15> kProperties = {
      "钙化", "强化", "包膜", "错位", "移位", "分叶", "毛刺", "空洞",
      "坏死", "囊变", "症状", "张力", "成角", "脱位", "脂肪"};
  const auto property = std::find_if(kProperties.begin(), kProperties.end(),
                                     [&](std::string_view p) { return text.starts_with(p); });
  return property == kProperties.end() ? 0 : property->size();
}

bool IsOfModifier(const Words& words, size_t absence) {
  const size_t next = PastFillers(words, absence + 1);
  if (next >= words.size()) return false;
  const ClauseWord& governed = words[next];
  const size_t length = PropertyAt(governed.text);
  if (length == 0 && !governed.Is(kMargin)) return false;
  const bool noun_behind = next + 2 < words.size() && words[next + 1].text == "的";
  const bool compound = absence == 0 && words[absence].text == "无" && length > 0 &&
                        length < governed.text.size();  // 双肺无钙化结节 denies
  return noun_behind || compound;
}

bool AsksOpenly(const ClauseWord& word) {
  static constexpr std::array<std::string_view, 20> kOpen = {
      "what", "which", "where", "how",  "why",  "who",  "什么",   "哪",   "哪里",   "哪个",
      "何处", "何种",  "几",    "多少", "如何", "怎样", "怎么样", "为何", "为什么", "谁"};
  return word.Is(kQuestion) && std::find(kOpen.begin(), kOpen.end(), word.text) != kOpen.end();
}

bool DeniesSight(const ClauseWord& word) {
  return word.Is(kAbsence) && (word.text.starts_with("看不") || word.text.ends_with("not see"));
}

bool IsJudged(const Words& words, size_t denial, size_t judge) {
  const bool more = judge + 1 < words.size();
  if (words[judge].Is(kNormal) && HasContentBefore(words, judge)) return false;  // 双肺不清晰
  if (words[denial].IsEnglish()) return !words[denial].Is(kAbsence);
  if (words[judge].Is(kFiller) && more && words[judge + 1].Is(kPresence)) return false;
  return !words[denial].Is(kAbsence) || words[denial].text == "没" || !more;
}

namespace {

/// Whether a judgement follows, denied or not: none of these can be determined, 未显示清楚.
bool JudgesBehind(const Words& words, size_t at, size_t next) {
  if (words[at].text == "none") return HasFrom(words, next, kJudge);
  const bool judged = words[next].Is(kPresence) && next + 1 < words.size() &&
                      words[next + 1].Is(kJudge) && EndsAt(words, next + 2);
  return judged && !words[at].IsEnglish();
}

bool DeniesJudgement(const Words& words, size_t at) {
  if (HasBefore(words, at, kMargin)) return false;  // 边界不清 is a finding
  const size_t next = PastFillersAndModals(words, at + 1);
  if (next == words.size()) return false;
  if (words[next].Is(kBasis)) return HasFrom(words, next, kJudge);  // 不能从图中判断
  if (JudgesBehind(words, at, next)) return true;
  const bool with_degree = words[next].cue == nullptr && words[next - 1].Is(kModal);
  if (with_degree && next + 1 < words.size())
    return words[next + 1].Is(kJudge);  // 不能百分之百确定
  return words[next].Is(kJudge) && IsJudged(words, at, next);
}

bool IsUnable(const Words& words, size_t at) {
  size_t next = PastFillersAndModals(words, at + 1);
  while (next < words.size() && HasAny(words[next], {kBasis, kSource})) ++next;  // 从图中
  if (next == words.size()) return !words[at].text.ends_with("好") && words[at].text != "不易";
  if (words[next].Is(kExclusion)) return false;  // that leaves it open
  if (HasFrom(words, next, kJudge)) return true;
  return words[next].Is(kPresence) && (EndsAt(words, next + 1) || HasFrom(words, next, kQuestion));
}

/// 我看不到图像, 没有图像: what is missing is the image itself. "There is no chest image."
bool MissesImage(const Words& words, size_t at) {
  if (!HasAny(words[at], {kInability, kAbsence})) return false;
  bool image = false;
  for (size_t i = at + 1; i < words.size(); ++i) {
    if (words[i].cue == nullptr && (image || !HasSynonyms(words[i].text))) return false;
    image = image || words[i].Is(kSource);
  }
  return image && (words.back().Is(kSource) || words.back().Is(kJudge));
}

template <size_t kCount>
bool IsOneOf(const ClauseWord& word, const std::array<std::string_view, kCount>& texts) {
  return std::find(texts.begin(), texts.end(), word.text) != texts.end();
}

/// Whether nothing follows but that it was to be given: (no output) "was generated".
bool EndsThere(const Words& words, size_t at) {
  static constexpr std::array<std::string_view, 6> kGiven = {"generated", "received", "returned",
                                                             "produced",  "here",     "yet"};
  return std::all_of(words.begin() + static_cast<ptrdiff_t>(at), words.end(),
                     [](const ClauseWord& word) {
                       return HasAny(word, {kFiller, kParticle, kModal, kJudge, kPresence}) ||
                              IsOneOf(word, kGiven);
                     });
}

/// Whether what is not there would speak for something: (no data) "suggest a fracture", but not "to
/// support an answer".
bool Supports(const Words& words, size_t at) {
  static constexpr std::array<std::string_view, 3> kVerbs = {"suggest", "indicat", "support"};
  const auto speaks_for = [](const ClauseWord& word) {
    return word.cue == nullptr &&
           std::any_of(kVerbs.begin(), kVerbs.end(),
                       [&](std::string_view verb) { return word.text.starts_with(verb); });
  };
  return std::any_of(words.begin() + static_cast<ptrdiff_t>(at), words.end(), speaks_for) &&
         !HasFrom(words, at, kMeans);
}

/// Whether how the image is keeps from telling: "too blurred to tell".
bool IsTooBad(const Words& words, size_t at) {
  return words[at].text == "too" && at + 2 < words.size() && words[at + 1].cue == nullptr &&
         HasFrom(words, at + 2, kJudge);
}

}  // namespace

bool LacksAnswer(const Words& words, size_t at) {
  static constexpr std::array<std::string_view, 23> kAnswers = {
      "response", "responses", "output", "outputs", "reply", "prediction", "predictions", "result",
      "results",  "answer",    "input",  "text",    "输出",  "响应",       "回复",        "回应",
      "回答",     "预测",      "结果",   "内容",    "输入",  "文本",       "文字"};
  if (!words[at].Is(kAbsence) || at + 1 == words.size() || HasContentBefore(words, at)) {
    return false;
  }
  const char* begin = words[at + 1].text.data();
  for (size_t end = at + 2; end <= words.size(); ++end) {  // 输出 has the cue 出
    const std::string_view last = words[end - 1].text;
    const std::string_view noun(begin, static_cast<size_t>(last.data() + last.size() - begin));
    if (std::find(kAnswers.begin(), kAnswers.end(), noun) != kAnswers.end()) {
      return EndsThere(words, end);
    }
  }
  return false;
}

bool CannotSee(const Words& words, size_t at) {
  const size_t next = PastFillersAndModals(words, at + 1);
  return words[at].Is(kInability) && next < words.size() && words[next].Is(kPresence) &&
         !IsUnable(words, at);
}

bool LacksMeans(const Words& words, size_t at) {
  static constexpr std::array<std::string_view, 14> kIdeas = {
      "数据", "头绪",  "思路",    "线索",     "想法",     "意见",  "主意",
      "clue", "clues", "opinion", "opinions", "thoughts", "basis", "grounds"};
  bool given = false;  // 没有提供临床信息
  for (size_t i = at + 1; i < words.size(); ++i) {
    const ClauseWord& word = words[i];
    if (IsOneOf(word, kIdeas)) return EndsThere(words, i + 1);
    if (word.Is(kMeans)) {
      const size_t next = PastFillers(words, i + 1);
      if (word.IsEnglish()) return !Supports(words, i + 1);
      return next == words.size() || words[next].Is(kJudge);
    }
    given = given || word.Is(kJudge);
    if (!given && !HasAny(word, {kFiller, kParticle, kModal, kJudge})) return false;
  }
  return false;
}

bool CannotTell(const Words& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    const ClauseWord& word = words[at];
    if (word.Is(kNoDenial)) continue;
    if (word.Is(kUnknown) && !HasBefore(words, at, kMargin)) return true;
    if (word.Is(kInability) && IsUnable(words, at)) return true;
    if (HasAny(word, {kDenial, kAbsence}) &&
        (DeniesJudgement(words, at) || LacksMeans(words, at))) {
      return true;
    }
    if (DeniesSight(word) && HasFrom(words, at, kQuestion)) return true;
    if (IsTooBad(words, at)) return true;
    if (word.text == "看不出" && EndsAt(words, at + 1)) return true;
    if (MissesImage(words, at)) return true;
  }
  return false;
}

bool OnlyCannotTell(const Words& words) {
  if (!CannotTell(words) || HasFrom(words, 0, kMargin) || HasFrom(words, 0, kRest)) return false;
  static constexpr std::array<std::string_view, 6> kEmpty = {"although", "though", "however",
                                                             "because",  "am",     "honestly"};
  for (size_t at = 0; at < words.size(); ++at) {
    if (words[at].cue != nullptr || IsOneOf(words[at], kEmpty)) continue;
    if (at == 0 || !IsTooBad(words, at - 1)) return false;
  }
  return true;
}

}  // namespace roentgen
