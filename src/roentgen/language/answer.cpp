#include "roentgen/language/answer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "roentgen/language/clause_reading.h"
#include "roentgen/language/refusal.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum CueKind;

/// What an object without particles and fillers at its end says to a question for a finding.
enum class Object {
  kPlain,  ///< nothing: what is normal, the image, a structure
  kKind,   ///< what may be asked for, or only be named: CT, 右侧
  kOther
};

Object ObjectKind(std::span<const ClauseWord> object) {
  while (!object.empty() && HasAny(object.back(), {kFiller, kParticle}) &&
         !object.back().Is(kNormal)) {
    object = object.first(object.size() - 1);
  }
  if (object.empty()) return Object::kOther;
  for (const ClauseWord& word : object) {
    const bool normal = word.IsEnglish() ? word.text != "clear" : word.text == "正常";
    if (word.Is(kNormal) && normal) return Object::kPlain;
  }
  ClauseWord last = object.back();
  for (const ClauseWord& word : object) {  // "a fracture of the rib" is a fracture
    if (word.cue != nullptr) continue;
    const std::string_view head = BeforePreposition(word.text);
    if (head.size() == word.text.size()) continue;
    last = {nullptr, head};
    break;
  }
  const bool plain =
      last.cue == nullptr ? NamesStructure(last.text) : HasAny(last, {kNormal, kSource, kMargin});
  if (plain) return Object::kPlain;
  return HasSynonyms(last.text) ? Object::kKind : Object::kOther;
}

/// What a clause, or the beginning of one, decides.
enum class Decision {
  kYes,
  kNo,
  kYesSoFar,  ///< yes unless the next clause says no: 对，没有骨折
  kOther,     ///< something else is said
  kAside,     ///< what is normal, or what image it is: the next clause may decide
  kNone,      ///< nothing yet
};

/// Reads a clause from left to right up to the cue that decides.
class SideReader {
 public:
  explicit SideReader(const Words& words) : words_(words) {}

  Decision Read() {
    for (; at_ < words_.size(); ++at_) {
      const ClauseWord& word = words_[at_];
      if (word.cue == nullptr) {
        if (named_source_ || IsItem(at_)) continue;
        return Decision::kOther;
      }
      if (word.Is(kYesAlone) && IsLast(words_, at_)) return AgreedAlone(word);
      if (word.Is(kNoAlone) && IsLast(words_, at_)) return Decision::kNo;
      if (word.Is(kNoDenial)) {
        strengthened_ = true;
        continue;
      }
      if (HasAny(word, {kDenial, kAbsence}) && SkipsDeniedObjection()) continue;
      if (word.Is(kBasis)) {
        named_source_ = true;
        continue;
      }
      if (HasAny(word, {kFiller, kParticle, kSource, kJudge}) || IsPassed(at_)) continue;
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
    if (OffersBoth() || SaysBoth() || IsPrefix(word)) return Decision::kOther;
    if (word.Is(kYes)) return Decision::kYes;
    if (word.Is(kNo)) return Decision::kNo;
    if (word.Is(kExclusion) || CannotSee(words_, at_)) return Decision::kNo;
    if (HasAny(word, {kDenial, kAbsence})) return Denied(at_);
    if (word.Is(kNormal) && EndsAt(words_, at_ + 1)) return Decision::kAside;
    if (HasAny(word, {kPresence, kModal})) return Affirmed(at_);
    return Decision::kOther;
  }

  /// 非移位骨折 is a kind of it.
  bool IsPrefix(const ClauseWord& word) const { return word.text == "非" || word.text == "欠"; }

  /// 对 agrees with a denial too; 是 and 能 answer.
  Decision AgreedAlone(const ClauseWord& word) const {
    return word.Is(kModal) || word.IsEnglish() ? Decision::kYes : Decision::kYesSoFar;
  }

  /// The number or letter of an item: 1. 没有, (B) 否.
  bool IsItem(size_t at) const {
    return at == 0 && words_.size() > 1 && words_[at].text.size() == 1;
  }

  /// 没有异议: what is denied would have weakened.
  bool SkipsDeniedObjection() {
    size_t next = PastFillersAndModals(words_, at_ + 1);
    if (next < words_.size() && words_[next].Is(kPresence)) ++next;
    if (next >= words_.size() || !words_[next].Is(kObjection)) return false;
    at_ = next;
    strengthened_ = true;
    return true;
  }

  /// Words that say nothing by what follows: 什么都没有 asks nothing, 两侧均未见 names no place.
  bool IsPassed(size_t at) const {
    if (at + 1 == words_.size()) return false;
    const ClauseWord& next = words_[at + 1];
    if (words_[at].Is(kYesAlone)) return HasAny(next, {kDenial, kAbsence}) && next.IsEnglish();
    const bool all =
        next.text == "都" || next.text == "也" || next.text == "均" || next.text == "皆";
    return all && HasAny(words_[at], {kQuestion, kBoth});
  }

  /// 有或没有, "present or absent"
  bool OffersBoth() const {
    const auto denies = [](const ClauseWord& word) {
      return HasAny(word, {kDenial, kAbsence, kNo, kNoAlone});
    };
    for (size_t i = at_ + 1; i + 1 < words_.size(); ++i) {
      const ClauseWord& other = words_[i + 1];
      const bool says = denies(other) || HasAny(other, {kPresence, kYes, kYesAlone});
      if (words_[i].Is(kAlternative) && says && denies(other) != denies(words_[at_])) return true;
    }
    return false;
  }

  /// "Yes and no", 是、否
  bool SaysBoth() const {
    const auto agrees = [](const ClauseWord& word) { return word.Is(kYes) || word.text == "是"; };
    const auto denies = [](const ClauseWord& word) {
      return word.text == "no" || word.text == "否";
    };
    const size_t next = PastFillers(words_, at_ + 1);
    if (next >= words_.size() || !IsLast(words_, next)) return false;
    return (agrees(words_[at_]) && denies(words_[next])) ||
           (denies(words_[at_]) && agrees(words_[next]));
  }

  /// What a denial at `at` comes to by what it governs.
  Decision Denied(size_t at) const {
    const bool english_no = words_[at].text == "no";
    const size_t next = PastFillersAndModals(words_, at + 1);
    if (LacksMeans(words_, at) || LacksAnswer(words_, at)) return Decision::kOther;
    if (IsDoubted(next)) return Decision::kOther;
    if (english_no || next == words_.size()) return Decision::kNo;
    const ClauseWord& governed = words_[next];
    if (governed.Is(kNoAlone) && governed.text != "(-)" && IsLast(words_, next)) {
      return Decision::kYes;  // 不是阴性
    }
    if (governed.Is(kJudge) && IsJudged(words_, at, next)) return Decision::kOther;
    if (HasAny(governed, {kExclusion, kUnknown, kInability})) return Decision::kOther;
    if (governed.Is(kQuestion)) {  // 没什么异常, but 看不出是否
      return words_[at].Is(kAbsence) && !DeniesSight(words_[at]) ? Decision::kNo : Decision::kOther;
    }
    const bool of_statement =
        words_[next - 1].Is(kModal) || words_[at].text.ends_with("非") || governed.text == "否认";
    if (HasAny(governed, {kDenial, kAbsence}) && of_statement) return Decision::kYes;  // 不是没有
    return Decision::kNo;
  }

  /// 有骨折的可能性不大: how likely it is, is said behind.
  bool IsDoubted(size_t from) const {
    for (size_t i = from; i + 1 < words_.size(); ++i) {
      if (words_[i].text == "可能性" && !IsLast(words_, i)) return true;
    }
    return false;
  }

  /// What a word like 有, 可见 or 是 at `at` comes to by what follows.
  Decision Affirmed(size_t at) const {
    for (;;) {  // over words of one kind: 可见有
      const ClauseWord& word = words_[at];
      const bool modal = word.Is(kModal);
      const bool by_itself = !modal || word.Is(kYesAlone);
      const size_t next = PastFillers(words_, at + 1);
      if (next == words_.size()) return AffirmedAlone(at);
      const ClauseWord& governed = words_[next];
      if (governed.Is(kNoAlone) && IsLast(words_, next)) return Decision::kNo;  // 是阴性
      if (governed.Is(kNo)) return Decision::kNo;
      if (HasAny(governed, {kDenial, kAbsence})) return AffirmedDenial(at, next);
      if (governed.Is(kExclusion))
        return HasFrom(words_, next, kUnknown) ? Decision::kOther : Decision::kNo;  // 可以排除
      if (HasAny(governed, {kDoubt, kUnknown, kInability, kQuestion, kObjection})) {
        return Decision::kOther;
      }
      if (modal && governed.Is(kJudge)) return AfterJudgement(next);
      if (modal && HasAny(governed, {kPresence, kModal})) {
        at = next;
        continue;
      }
      if (LeavesOpen(next)) return Decision::kOther;
      if (!word.Is(kContains)) {
        if (const Decision plain = DescribedFrom(at, next); plain != Decision::kNone) return plain;
      }
      return by_itself ? Decision::kYes : Decision::kOther;
    }
  }

  /// 由图可见，未见骨折: the sight of a named image has its object behind the mark.
  Decision AffirmedAlone(size_t at) const {
    const ClauseWord& word = words_[at];
    if (word.Is(kModal) && !word.Is(kYesAlone)) return Decision::kOther;
    return word.text == "可见" || word.Is(kReport) ? Decision::kYesSoFar : Decision::kYes;
  }

  /// Doubt about what is affirmed: 有骨折可能, 有骨折的可能性不大. Advice behind it is none.
  bool LeavesOpen(size_t from) const {
    if (words_.back().Is(kDoubt) || words_.back().Is(kExclusion)) return true;
    return std::any_of(words_.begin() + static_cast<ptrdiff_t>(from), words_.end(),
                       [](const ClauseWord& word) { return word.Is(kDoubt) && !word.Is(kAdvice); });
  }

  /// 图像显示双肺正常, 这是一张胸片, 可见肋骨: what nobody asked for. A denial behind it decides:
  /// 图像显示双肺未见骨折.
  Decision DescribedFrom(size_t at, size_t begin) const {
    // 是从背后拍摄的 says how the image was made.
    if (begin < words_.size() && words_[begin].Is(kBasis)) return Decision::kAside;
    size_t end = begin;
    while (end < words_.size() && !HasAny(words_[end], {kDenial, kAbsence})) ++end;
    const Object object = ObjectKind(std::span(words_).subspan(begin, end - begin));
    if (object == Object::kOther) return Decision::kNone;
    if (end < words_.size()) return Denied(end);
    const bool asked = at_ == 0 && at == 1 && words_[0].Is(kYesAlone);  // 能看到肝脏
    return asked || object == Object::kKind ? Decision::kYesSoFar : Decision::kAside;
  }

  /// 显示没有 and 是没有 say no; 有不规则结节 yes; 存在不存在 asks.
  Decision AffirmedDenial(size_t at, size_t denial) const {
    const ClauseWord& word = words_[at];
    const std::string_view verb =
        denial + 1 < words_.size() ? words_[denial + 1].text : words_[denial].text;
    if (verb.ends_with(word.text)) return Decision::kOther;
    if (word.IsEnglish()) return Denied(denial);
    if (word.Is(kModal)) return IsPartOfName(denial) ? Decision::kYes : Decision::kNo;
    const bool of_name =
        words_[denial].Is(kDenial) || (words_[denial].text == "无" && !word.Is(kReport));
    return of_name ? Decision::kYes : Decision::kNo;
  }

  /// 是不稳定骨折 names a kind of it; 是不对的, 是不成立的 and 是不正确 are verdicts.
  bool IsPartOfName(size_t denial) const {
    const std::string_view denier = words_[denial].text;
    if (!words_[denial].Is(kDenial) || words_.back().cue != nullptr) return false;
    if (HasAny(words_[denial + 1], {kPresence, kModal, kJudge})) return false;  // 是未发现骨折
    constexpr size_t kShortest = 9;  // bytes of three characters: 稳定骨折 has four
    const char* begin = denier.data() + denier.size();
    const std::string_view last = words_.back().text;
    return static_cast<size_t>(last.data() + last.size() - begin) >= kShortest;
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

/// Whether a clause only names or numbers what the next one says: 骨折：无.
bool IsHeading(const Clause& clause, const ClauseWord& decider) {
  const bool item = clause.words.size() == 1 && decider.text.size() == 1;  // "1."
  return item || (clause.heads && (decider.cue == nullptr || decider.Is(kQuestion)));
}

/// Whether what cannot be told is only what cannot be seen: "it cannot be seen", 无法看到.
bool IsUnseen(const Words& words) {
  const bool seen = std::any_of(words.begin(), words.end(), [](const ClauseWord& word) {
    return word.Is(kPresence) || word.text.ends_with("be seen");
  });
  return seen && !HasFrom(words, 0, kJudge) && !HasFrom(words, 0, kQuestion);
}

/// 影像不完整，无法判断: what was said before is why. "Yes, but I cannot tell" says nothing; "No,
/// it cannot be seen" denies.
bool IsTakenBack(Decision decision, std::span<const Clause> later) {
  return std::any_of(later.begin(), later.end(), [&](const Clause& clause) {
    const Words& words = clause.words;
    return OnlyCannotTell(words) && std::none_of(words.begin(), words.end(), AsksOpenly) &&
           !(decision == Decision::kNo && IsUnseen(words));
  });
}

std::vector<std::string_view> ContentOf(const Words& words) {
  std::vector<std::string_view> content;
  for (const ClauseWord& word : words) {
    if (word.cue == nullptr) content.push_back(word.text);
  }
  return content;
}

/// Whether the first clause and the one behind its slash are the two sides: yes/no, 有/无.
bool OffersSides(std::span<const Clause> clauses) {
  if (!clauses[0].parts || clauses.size() == 1) return false;
  const Words& words = clauses[0].words;
  const Words& others = clauses[1].words;
  const Decision decision = SideReader(words).Read();
  const Decision other = SideReader(others).Read();
  const auto agrees = [](Decision d) { return d == Decision::kYes || d == Decision::kYesSoFar; };
  return ContentOf(words) == ContentOf(others) && ((agrees(decision) && other == Decision::kNo) ||
                                                   (decision == Decision::kNo && agrees(other)));
}

/// The decision of an answer's first clause that makes one.
Decision DecisionOf(std::span<const Clause> clauses) {
  bool strengthened = false;
  bool yes_so_far = false;
  for (size_t i = 0; i < clauses.size(); ++i) {
    if (OffersSides(clauses.subspan(i))) {
      ++i;  // "yes/no: yes"
      continue;
    }
    const Clause& clause = clauses[i];
    SideReader reader(clause.words);
    const Decision decision = reader.Read();
    if (decision == Decision::kNone || decision == Decision::kAside) {
      strengthened = strengthened || reader.strengthened();
      continue;
    }
    const ClauseWord& decider = clause.words[reader.at()];
    if (decision == Decision::kOther && i + 1 < clauses.size() && IsHeading(clause, decider)) {
      continue;
    }
    if (clause.asks && !decider.IsEnglish() && !decider.Is(kYes)) continue;
    if (yes_so_far) {
      const bool denied = decision == Decision::kNo ||
                          (decision == Decision::kOther && HasFrom(clause.words, 0, kAbsence));
      return denied ? Decision::kNo : Decision::kYes;
    }
    const bool one_word = decider.Is(kYes) || (decider.IsEnglish() && clause.words.size() == 1);
    if ((!one_word && CannotTell(clause.words)) || IsTakenBack(decision, clauses.subspan(i + 1))) {
      return Decision::kOther;
    }
    if (decision == Decision::kYesSoFar) {
      yes_so_far = true;
      continue;
    }
    if (decision == Decision::kOther && (strengthened || reader.strengthened()) &&
        decider.cue == nullptr && !clause.words.back().Is(kDoubt)) {
      return Decision::kYes;  // 不仅骨折, but 不无骨折可能
    }
    return decision;
  }
  return strengthened || yes_so_far ? Decision::kYes : Decision::kNone;
}

std::optional<bool> AsSide(Decision decision) {
  if (decision == Decision::kYes) return true;
  if (decision == Decision::kNo) return false;
  return std::nullopt;
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

/// Whether an answer says yes and no and nothing else: 是，否.
bool Contradicts(std::span<const Clause> clauses) {
  std::optional<bool> side;
  bool both = false;
  for (size_t i = 0; i < clauses.size(); ++i) {
    if (OffersSides(clauses.subspan(i))) {
      ++i;
      continue;
    }
    const Words& words = clauses[i].words;
    if (!std::all_of(words.begin(), words.end(), SaysOnlyASide)) return false;
    // 对，没有 agrees, and so may 是的，没有.
    const bool absent = std::any_of(words.begin(), words.end(), [](const ClauseWord& word) {
      return word.Is(kAbsence) && !word.IsEnglish();
    });
    const std::optional<bool> of_clause = AsSide(SideReader(words).Read());
    if (!of_clause || absent) return false;
    both = both || (side && side != of_clause);
    side = of_clause;
  }
  return both;
}

}  // namespace

std::optional<bool> SideTaken(std::string_view answer) {
  const std::string form = ClauseForm(answer);
  const std::vector<Clause> clauses = SplitClauses(form);
  if (Contradicts(clauses)) return std::nullopt;
  const std::optional<bool> side = AsSide(DecisionOf(clauses));
  // "No image was provided.", 图像是空的: it is the image that is spoken of.
  return side && SaysNoImage(answer) ? std::nullopt : side;
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
    const std::optional<bool> of_clause = AsSide(DecisionOf(std::span(&clause, 1)));
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

bool MayYetTakeSide(std::string_view beginning) {
  const size_t whole = FindInvalidUtf8(beginning).value_or(beginning.size());
  const std::string_view bytes = beginning.substr(whole);  // of a character
  const std::string form = ClauseForm(beginning.substr(0, whole));
  const std::vector<Clause> clauses = SplitClauses(form);
  std::string_view undecided;  // from the word on that the reading stopped at
  for (const Clause& clause : clauses) {
    SideReader reader(clause.words);
    const Decision decision = reader.Read();
    if (decision == Decision::kNone || decision == Decision::kAside) continue;
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
