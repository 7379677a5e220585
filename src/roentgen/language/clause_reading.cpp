#include "roentgen/language/clause_reading.h"

#include <algorithm>

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
  const size_t next = PastFillersAndModals(words, at + 1);
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

}  // namespace

bool CannotSee(const Words& words, size_t at) {
  const size_t next = PastFillersAndModals(words, at + 1);
  return words[at].Is(kInability) && next < words.size() && words[next].Is(kPresence) &&
         !IsUnable(words, at);
}

bool LacksMeans(const Words& words, size_t at) {
  bool given = false;  // 没有提供临床信息
  for (size_t i = at + 1; i < words.size(); ++i) {
    const ClauseWord& word = words[i];
    if (word.Is(kMeans)) {
      const size_t next = PastFillers(words, i + 1);
      if (word.IsEnglish()) return true;
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
    if (word.text == "看不出" && EndsAt(words, at + 1)) return true;
    if (MissesImage(words, at)) return true;
  }
  return false;
}

bool OnlyCannotTell(const Words& words) {
  return CannotTell(words) && !HasContentBefore(words, words.size());
}

}  // namespace roentgen
