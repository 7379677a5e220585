#include "roentgen/language/answer.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "roentgen/language/clauses.h"
#include "roentgen/language/segments.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum CueKind;
using Words = std::vector<ClauseWord>;

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

bool HasBefore(const Words& words, size_t at, CueKind kind) {
  return std::any_of(words.begin(), words.begin() + static_cast<ptrdiff_t>(at),
                     [&](const ClauseWord& word) { return word.Is(kind); });
}

// ---- Cannot tell --------------------------------------------------------------------------------

/// 没, 没有, 无 and no deny what is there; 看不到 and its like deny that it is seen, 未见 neither
/// asks.
bool DeniesSight(const ClauseWord& word) {
  return word.Is(kAbsence) && word.text.starts_with("看不");
}

/// Whether a denied judgement is one: in 没有明确骨折 and 未明确显示 it is how clear the denied is.
bool IsJudged(const Words& words, size_t denial, size_t judge) {
  const bool more = judge + 1 < words.size();
  if (words[denial].IsEnglish()) return !words[denial].Is(kAbsence);
  if (words[judge].Is(kFiller) && more && words[judge + 1].Is(kPresence)) return false;
  return !words[denial].Is(kAbsence) || words[denial].text == "没" || !more;
}

bool DeniesJudgement(const Words& words, size_t at) {
  if (HasBefore(words, at, kMargin)) return false;  // 边界不清 is a finding
  const size_t next = PastFillersAndModals(words, at + 1);
  if (next == words.size()) return false;
  if (words[next].Is(kBasis)) return HasFrom(words, next, kJudge);  // 不能从图中判断
  const bool with_degree = words[next].cue == nullptr && words[next - 1].Is(kModal);
  if (with_degree && next + 1 < words.size())
    return words[next + 1].Is(kJudge);  // 不能百分之百确定
  return words[next].Is(kJudge) && IsJudged(words, at, next);
}

bool IsUnable(const Words& words, size_t at) {
  const size_t next = PastFillersAndModals(words, at + 1);
  if (next == words.size()) return words[at].text != "不好" && words[at].text != "不易";
  if (words[next].Is(kExclusion)) return false;  // that leaves it open
  if (HasFrom(words, next, kJudge)) return true;
  return words[next].Is(kPresence) && (EndsAt(words, next + 1) || HasFrom(words, next, kQuestion));
}

/// 难以发现骨折: what is not there can be seen by nobody. Other than with 难以看出是否, nothing is
/// asked.
bool CannotSee(const Words& words, size_t at) {
  const size_t next = PastFillersAndModals(words, at + 1);
  return words[at].Is(kInability) && next < words.size() && words[next].Is(kPresence) &&
         !IsUnable(words, at);
}

/// 我看不到图像, 没有图像: what is missing is the image itself.
bool MissesImage(const Words& words, size_t at) {
  return HasAny(words[at], {kInability, kAbsence}) && at + 1 < words.size() &&
         words.back().Is(kSource) &&
         std::none_of(words.begin() + static_cast<ptrdiff_t>(at), words.end(),
                      [](const ClauseWord& word) { return word.cue == nullptr; });
}

bool CannotTell(const Words& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    const ClauseWord& word = words[at];
    if (word.Is(kNoDenial)) continue;
    if (word.Is(kUnknown) && !HasBefore(words, at, kMargin)) return true;
    if (word.Is(kInability) && IsUnable(words, at)) return true;
    if (HasAny(word, {kDenial, kAbsence}) && DeniesJudgement(words, at)) return true;
    if (DeniesSight(word) && HasFrom(words, at, kQuestion)) return true;
    if (word.text == "看不出" && EndsAt(words, at + 1)) return true;
    if (MissesImage(words, at)) return true;
  }
  return false;
}

// ---- Sides --------------------------------------------------------------------------------------

/// What a clause, or the beginning of one, decides.
enum class Decision {
  kYes,
  kNo,
  kOther,  ///< something else is said
  kNone,   ///< nothing yet
};

/// Reads a clause from left to right up to the cue that decides.
class SideReader {
 public:
  explicit SideReader(const Words& words) : words_(words) {}

  Decision Read() {
    for (; at_ < words_.size(); ++at_) {
      const ClauseWord& word = words_[at_];
      if (word.cue == nullptr) {
        if (named_source_) continue;
        return Decision::kOther;
      }
      if (word.Is(kYesAlone) && IsLast(words_, at_)) return Decision::kYes;
      if (word.Is(kNoAlone) && IsLast(words_, at_)) return Decision::kNo;
      if (word.Is(kNoDenial)) {
        strengthened_ = true;
        continue;
      }
      if (word.Is(kBasis)) {
        named_source_ = true;
        continue;
      }
      if (HasAny(word, {kFiller, kParticle, kSource, kJudge}) || IsEmphasis(at_)) continue;
      if (named_source_ && HasAny(word, {kNormal, kMargin, kRest, kAttributive})) continue;
      return AtCue(word);
    }
    return Decision::kNone;
  }

  /// Where Read stopped.
  size_t at() const { return at_; }
  /// Whether 不仅 or 无疑 was passed.
  bool strengthened() const { return strengthened_; }

 private:
  Decision AtCue(const ClauseWord& word) const {
    if (word.Is(kYes)) return Decision::kYes;
    if (word.Is(kNo)) return Decision::kNo;
    if (word.Is(kExclusion) || CannotSee(words_, at_)) return Decision::kNo;
    if (HasAny(word, {kDenial, kAbsence})) return Denied(at_);
    if (HasAny(word, {kPresence, kModal})) return Affirmed(at_);
    return Decision::kOther;
  }

  /// 什么都没有 asks nothing.
  bool IsEmphasis(size_t at) const {
    return words_[at].Is(kQuestion) && at + 1 < words_.size() &&
           (words_[at + 1].text == "都" || words_[at + 1].text == "也");
  }

  /// What a denial at `at` comes to by what it governs.
  Decision Denied(size_t at) const {
    const bool english_no = words_[at].text == "no";
    const size_t next = PastFillersAndModals(words_, at + 1);
    if (english_no || next == words_.size()) return Decision::kNo;
    const ClauseWord& governed = words_[next];
    if (governed.Is(kJudge) && IsJudged(words_, at, next)) return Decision::kOther;
    if (HasAny(governed, {kExclusion, kUnknown, kInability})) return Decision::kOther;
    if (governed.Is(kQuestion)) {  // 没什么异常, but 看不出是否
      return words_[at].Is(kAbsence) && !DeniesSight(words_[at]) ? Decision::kNo : Decision::kOther;
    }
    const bool of_statement = words_[next - 1].Is(kModal) || words_[at].text.ends_with("非");
    if (HasAny(governed, {kDenial, kAbsence}) && of_statement) return Decision::kYes;  // 不是没有
    return Decision::kNo;
  }

  /// What a word like 有, 可见 or 是 at `at` comes to by what follows.
  Decision Affirmed(size_t at) const {
    const ClauseWord& word = words_[at];
    const bool modal = word.Is(kModal);
    const bool by_itself = !modal || word.Is(kYesAlone);
    const size_t next = PastFillers(words_, at + 1);
    if (next == words_.size()) return by_itself ? Decision::kYes : Decision::kOther;
    const ClauseWord& governed = words_[next];
    if (HasAny(governed, {kDenial, kAbsence})) return AffirmedDenial(at, next);
    if (governed.Is(kExclusion)) return Decision::kNo;  // 可以排除
    if (HasAny(governed, {kDoubt, kUnknown, kInability, kQuestion})) return Decision::kOther;
    if (modal && governed.Is(kJudge)) return AfterJudgement(next);
    if (modal && HasAny(governed, {kPresence, kModal})) return Affirmed(next);
    if (words_.back().Is(kDoubt) || words_.back().Is(kExclusion)) return Decision::kOther;
    return by_itself ? Decision::kYes : Decision::kOther;
  }

  /// 显示没有 and 是没有 say no; 有不规则结节 yes; 存在不存在 asks.
  Decision AffirmedDenial(size_t at, size_t denial) const {
    const ClauseWord& word = words_[at];
    const std::string_view verb =
        denial + 1 < words_.size() ? words_[denial + 1].text : words_[denial].text;
    if (verb.ends_with(word.text)) return Decision::kOther;
    if (word.Is(kModal) || word.IsEnglish()) return Decision::kNo;
    const bool of_name =
        words_[denial].Is(kDenial) || (words_[denial].text == "无" && !word.Is(kReport));
    return of_name ? Decision::kYes : Decision::kNo;
  }

  /// 可以确定没有 is decided by what is judged.
  Decision AfterJudgement(size_t judge) const {
    const size_t next = PastFillers(words_, judge + 1);
    if (next == words_.size()) return Decision::kYes;
    if (HasAny(words_[next], {kDenial, kAbsence})) return Denied(next);
    if (words_[next].text == "为") return Decision::kYes;  // 可以诊断为骨折
    if (HasAny(words_[next], {kPresence, kModal})) return Affirmed(next);
    return HasAny(words_[next], {kDoubt, kUnknown, kQuestion}) ? Decision::kOther : Decision::kYes;
  }

  const Words& words_;
  size_t at_ = 0;
  bool strengthened_ = false;
  bool named_source_ = false;
};

/// The decision of an answer's first clause that makes one.
Decision DecisionOf(const std::vector<Clause>& clauses) {
  bool strengthened = false;
  for (const Clause& clause : clauses) {
    SideReader reader(clause.words);
    const Decision decision = reader.Read();
    if (decision == Decision::kNone) {
      strengthened = strengthened || reader.strengthened();
      continue;
    }
    const ClauseWord& decider = clause.words[reader.at()];
    const bool first_word_counts = decider.IsEnglish() || decider.Is(kYes);
    if (clause.asks && !first_word_counts) continue;
    if (!first_word_counts && CannotTell(clause.words)) return Decision::kOther;
    if (decision == Decision::kOther && (strengthened || reader.strengthened()) &&
        decider.cue == nullptr && !clause.words.back().Is(kDoubt)) {
      return Decision::kYes;  // 不仅骨折, but 不无骨折可能
    }
    return decision;
  }
  return strengthened ? Decision::kYes : Decision::kNone;
}

std::optional<bool> AsSide(Decision decision) {
  if (decision == Decision::kYes) return true;
  if (decision == Decision::kNo) return false;
  return std::nullopt;
}

// ---- Premises -----------------------------------------------------------------------------------

/// Whether a word denies that something is there or seen, and where.
std::optional<size_t> FindAbsence(const Words& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    const ClauseWord& word = words[at];
    const size_t next = PastFillersAndModals(words, at + 1);
    const bool last = next >= words.size();
    const bool denied = at > 0 && PastFillersAndModals(words, 0) < at &&
                        std::any_of(words.begin(), words.begin() + static_cast<ptrdiff_t>(at),
                                    [](const ClauseWord& w) { return w.Is(kDenial); });
    if (word.Is(kNoDenial)) return std::nullopt;
    if (word.Is(kExclusion) && !denied && !HasBefore(words, at, kInability) &&
        !HasBefore(words, at, kAbsence) && !HasBefore(words, at, kDoubt)) {
      return at;
    }
    if (word.Is(kAbsence) && !denied) {
      const bool interjection = word.text == "no" && at + 1 == words.size();
      const bool attributive = word.IsEnglish() && at > 0 && words[at - 1].cue != nullptr &&
                               words[at - 1].text == "with";
      const bool trailing = word.text == "without" && at > 0;
      const bool open = !last && HasAny(words[next], {kDoubt, kExclusion, kInability});
      if (!interjection && !attributive && !trailing && !open) return at;
    }
    if (word.Is(kDenial) && !last && words[next].Is(kPresence)) return at;
    if (CannotSee(words, at)) return at;
    const bool in_image = next + 1 < words.size() && words[next].text == "在";
    if (word.Is(kDenial) && in_image && words[next + 1].Is(kSource)) return at;  // 不在该图像中
    // "there is not a fracture", "there does not seem to be one"
    if (word.text == "not" && at > 0 && words[0].text.starts_with("there")) return at;
  }
  return std::nullopt;
}

/// Whether a clause speaks only of what nobody asked for: 余未见异常, "no other abnormality".
bool IsOfTheRest(const Words& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    if (words[at].Is(kRest) && (words[at].text != "余" || at == 0)) return true;
  }
  return false;
}

/// Whether a clause tells nothing of what was asked for: a bare yes or no, a normal state, what
/// kind of image it is.
bool IsAside(const Words& words) {
  if (HasFrom(words, 0, kMargin)) return false;
  if (HasFrom(words, 0, kNormal) || HasFrom(words, 0, kDenial) || HasFrom(words, 0, kRest)) {
    return true;
  }
  const bool of_image = HasFrom(words, 0, kSource) && HasAny(words[0], {kSource, kFiller, kModal});
  const bool bare = std::none_of(words.begin(), words.end(),
                                 [](const ClauseWord& word) { return word.cue == nullptr; });
  return of_image || bare || words[0].Is(kBasis);
}

/// What is denied: 结节 of 右肺没有结节, "nodule" of "there is no nodule in the right lung".
std::string_view ObjectOf(const Words& words, size_t absence) {
  for (size_t at = absence + 1; at < words.size(); ++at) {
    if (words[at].cue == nullptr) return words[at].text.substr(0, words[at].text.find(' '));
  }
  return {};
}

/// Whether a clause says that there is the object: 左肺有结节.
bool Affirms(const Clause& clause, std::string_view object) {
  return !clause.asks && !object.empty() && HasFrom(clause.words, 0, kPresence) &&
         !FindAbsence(clause.words) &&
         std::any_of(clause.words.begin(), clause.words.end(), [&](const ClauseWord& word) {
           return word.cue == nullptr && word.text.find(object) != std::string_view::npos;
         });
}

/// Whether a question names the object: one of its words of two characters, or of three letters.
bool IsNamedIn(std::string_view question, std::string_view object) {
  const std::vector<std::string_view> words = SplitWords(object);
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    if (word.size() > 3 && word.ends_with('s')) word.remove_suffix(1);  // of "nodules"
    const bool chinese = (word[0] & 0x80) != 0;
    return word.size() >= (chinese ? 6 : 3) && question.find(word) != std::string_view::npos;
  });
}

/// A denial of what the question names denies its premise wherever it stands. One of something else
/// does when nothing is said beside it, and so does any, at first, where the question is not known.
bool DeniesPremise(std::span<const Clause> clauses, std::string_view question) {
  bool denies = false;
  bool says = false;
  for (size_t i = 0; i < clauses.size(); ++i) {
    const Clause& clause = clauses[i];
    if (clause.asks || CannotTell(clause.words)) continue;
    const std::optional<size_t> absence = FindAbsence(clause.words);
    if (!absence) {
      says = says || !IsAside(clause.words);
      if (says && question.empty()) return false;
      continue;
    }
    if (IsOfTheRest(clause.words)) continue;
    const std::string_view object = ObjectOf(clause.words, *absence);
    if (std::any_of(clauses.begin() + static_cast<ptrdiff_t>(i) + 1, clauses.end(),
                    [&](const Clause& later) { return Affirms(later, object); })) {
      return false;
    }
    if (question.empty() || IsNamedIn(question, object)) return true;
    denies = true;
  }
  return denies && !says;
}

/// Whether bytes that begin a character can be those of a mark or blank: U+2000 to U+3FFF and
/// U+F000 to U+FFFF.
bool BeginsMark(std::string_view bytes) {
  const auto first = static_cast<uint8_t>(bytes[0]);
  return first == 0xe2 || first == 0xe3 || first == 0xef;
}

/// Whether a denial may be about to follow at the end: "there is", "there is n".
bool MayYetBeDenied(const Words& words, size_t report, std::string_view bytes) {
  if (IsLast(words, report)) return true;
  return report + 2 == words.size() && words.back().cue == nullptr &&
         BeginsCue(words.back().text, bytes);
}

/// A word that says yes or no and nothing besides: in English these two only.
bool SaysOnlyASide(const ClauseWord& word) {
  if (word.IsEnglish()) return word.text == "yes" || word.text == "no";
  return HasAny(word, {kYes, kNo, kYesAlone, kNoAlone, kAbsence, kDenial, kPresence, kModal,
                       kParticle}) ||
         word.text == "并";
}

}  // namespace

std::optional<bool> SideTaken(std::string_view answer) {
  const std::string form = ClauseForm(answer);
  return AsSide(DecisionOf(SplitClauses(form)));
}

std::optional<bool> YesOrNo(std::string_view answer) {
  constexpr size_t kLongest = 64;  // bytes; it is asked of whole reports too
  if (answer.size() > kLongest) return std::nullopt;
  const std::string form = ClauseForm(answer);
  const std::vector<Clause> clauses = SplitClauses(form);
  std::optional<bool> side;
  for (const Clause& clause : clauses) {
    if (clause.asks) return std::nullopt;
    if (!std::all_of(clause.words.begin(), clause.words.end(), SaysOnlyASide)) return std::nullopt;
    const std::optional<bool> of_clause = AsSide(DecisionOf({clause}));
    if (!of_clause || (side && side != of_clause)) return std::nullopt;
    side = of_clause;
  }
  return side;
}

bool CannotTell(std::string_view answer) {
  const std::string form = ClauseForm(answer);
  const std::vector<Clause> clauses = SplitClauses(form);
  return std::any_of(clauses.begin(), clauses.end(),
                     [](const Clause& clause) { return CannotTell(clause.words); });
}

bool DeniesPremise(std::string_view answer, std::string_view question) {
  const std::string form = ClauseForm(answer);
  return DeniesPremise(SplitClauses(form), ClauseForm(question));
}

bool MayYetTakeSide(std::string_view beginning) {
  const size_t whole = FindInvalidUtf8(beginning).value_or(beginning.size());
  const std::string_view bytes = beginning.substr(whole);  // of a character
  const std::string form = ClauseForm(beginning.substr(0, whole));
  const std::vector<Clause> clauses = SplitClauses(form);
  std::string_view undecided;  // from the word on that the reading stopped at
  for (const Clause& clause : clauses) {
    SideReader reader(clause.words);
    const Decision decision = reader.Read();
    if (decision == Decision::kNone) continue;
    if (&clause != &clauses.back()) return false;
    const ClauseWord& stop = clause.words[reader.at()];
    if (stop.Is(kReport) && MayYetBeDenied(clause.words, reader.at(), bytes)) return true;
    if (decision != Decision::kOther) return false;
    undecided = std::string_view(form).substr(static_cast<size_t>(stop.text.data() - form.data()));
  }
  if (undecided.empty() && (bytes.empty() || BeginsMark(bytes))) return true;
  return BeginsCue(undecided, bytes);
}

}  // namespace roentgen
