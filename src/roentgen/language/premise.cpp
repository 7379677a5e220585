#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>

#include "roentgen/language/answer.h"
#include "roentgen/language/clause_reading.h"
#include "roentgen/language/refusal.h"
#include "roentgen/language/segments.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

using enum CueKind;

/// Whether what stands behind a denial ends the clause and is what the question speaks of:
/// 中线未移位 to 中线向哪一侧移位？, 心影不大 to 心影增大的程度？
bool DeniesAsked(const Words& words, size_t at, std::string_view question) {
  const ClauseWord& word = words[at];
  if (word.IsEnglish() || question.empty()) return false;
  constexpr std::string_view kNone = "无";
  std::string_view denied;
  if (word.Is(kAttributive) && word.text.starts_with(kNone) && at + 1 == words.size()) {
    denied = word.text.substr(kNone.size());
  } else if (word.Is(kDenial) && at + 2 == words.size() && words[at + 1].cue == nullptr) {
    denied = words[at + 1].text;
  }
  return !denied.empty() && !HasSynonyms(denied) && question.find(denied) != std::string_view::npos;
}

/// What is denied: 结节 of 右肺没有结节, "nodule" of "there is no nodule in the right lung".
std::string_view ObjectOf(const Words& words, size_t absence) {
  for (size_t at = absence + 1; at < words.size(); ++at) {
    if (words[at].cue == nullptr) return words[at].text.substr(0, words[at].text.find(' '));
  }
  return {};
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

/// Whether the denial at `at` is of a place that names none, to the end of the clause: "not there",
/// 不在这里.
bool DeniesThere(const Words& words, size_t at) {
  static constexpr std::array<std::string_view, 13> kThere = {
      "there",  "here",   "in there", "in here", "in it",  "在",    "在这里",
      "在那里", "在这儿", "在那儿",   "在此",    "在此处", "在该处"};
  if (!words[at].Is(kDenial) || at + 1 == words.size()) return false;
  const char* begin = words[at + 1].text.data();
  const std::string_view last = words.back().text;
  const std::string_view rest(begin, static_cast<size_t>(last.data() + last.size() - begin));
  return std::find(kThere.begin(), kThere.end(), rest) != kThere.end();
}

/// Whether a word denies that something is there or seen, and where.
std::optional<size_t> FindAbsence(const Words& words, std::string_view question = {}) {
  if (words[0].text == "neither") return 0;
  for (size_t at = 0; at < words.size(); ++at) {
    if (DeniesAsked(words, at, question)) return at;
    const ClauseWord& word = words[at];
    const size_t next = PastFillersAndModals(words, at + 1);
    const bool last = next >= words.size();
    const bool denied = at > 0 && PastFillersAndModals(words, 0) < at &&
                        std::any_of(words.begin(), words.begin() + static_cast<ptrdiff_t>(at),
                                    [](const ClauseWord& w) { return w.Is(kDenial); });
    if (word.Is(kNoDenial)) continue;  // no doubt that no mass is seen
    if (word.Is(kExclusion) && !denied && !HasBefore(words, at, kInability) &&
        !HasBefore(words, at, kAbsence) && !HasBefore(words, at, kDoubt)) {
      return at;
    }
    if (word.Is(kAbsence) && !denied) {
      const bool interjection = word.text == "no" && at + 1 == words.size();
      const bool attributive = word.IsEnglish() && at > 1 && words[at - 1].cue != nullptr &&
                               words[at - 1].text == "with" &&
                               !IsNamedIn(question, ObjectOf(words, at));
      const bool trailing = word.text == "without" && at > 0;
      const bool open = !last && HasAny(words[next], {kDoubt, kExclusion, kInability});
      const bool of_name = IsOfModifier(words, at);
      if (!interjection && !attributive && !trailing && !open && !of_name) return at;
    }
    if (word.Is(kDenial) && !last && words[next].Is(kPresence)) return at;
    if (CannotSee(words, at) || DeniesThere(words, at)) return at;
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

/// Whether content ends with a word of the question: 右第5肋骨折 to 哪根肋骨骨折？
bool EndsAsNamed(std::string_view content, std::string_view question) {
  const std::vector<std::string_view> words = SplitWords(question);
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return content.ends_with(word) && IsNamedIn(question, word);
  });
}

/// A number with what it counts or measures, in ComparisonForm: 3, 2个, 3cm, 约3cm, about 3 cm.
bool IsNumber(std::string_view text) {
  std::string form = ComparisonForm(text);
  for (const std::string_view about : {"约", "大约", "about ", "approximately "}) {
    if (form.starts_with(about)) form.erase(0, about.size());
  }
  size_t chinese = 0;
  for (const char byte : form) chinese += (byte & 0xc0) == 0xc0 ? 1 : 0;
  constexpr size_t kUnit = 2;  // characters, of 厘米
  return !form.empty() && form[0] >= '0' && form[0] <= '9' && chinese <= kUnit;
}

/// 0个, zero
bool IsZero(std::string_view text) {
  const std::string form = ComparisonForm(text);
  constexpr size_t kMeasure = 3;  // bytes of one character
  return form.starts_with('0') && form.size() <= 1 + kMeasure && !form.ends_with("级") &&
         !form.ends_with("期");
}

/// Whether content ends with a place or a side: 右下肺, 左侧基底节区, "left lung". What stands
/// before 在 and 位于 must be what was asked for.
bool NamesPlace(std::string_view content, std::string_view question) {
  for (const std::string_view at : {"位于", "在"}) {
    const size_t found = content.find(at);
    if (found != std::string_view::npos && found > 0) {
      return IsNamedIn(question, content.substr(0, found));
    }
  }
  static constexpr std::array<std::string_view, 32> kEnds = {
      "侧",        "边",          "叶",     "区",     "段",    "野",     "门",       "极",
      "方",        "腔",          "肋",     "角",     "尖",    "底",     " lobe",    " lobes",
      " side",     " zone",       " base",  " bases", " apex", " field", " segment", " region",
      " quadrant", " hemisphere", " angle", " pole",  " left", " right", " hilum",   " fossa"};
  return NamesStructure(content) || HasSynonyms(content) ||
         std::any_of(kEnds.begin(), kEnds.end(),
                     [&](std::string_view end) { return content.ends_with(end); });
}

/// Whether a clause, or its beginning, gives what was asked for: the thing itself, a place, a side
/// or a number.
bool Answers(std::span<const ClauseWord> words, std::string_view question) {
  std::string_view last;
  for (const ClauseWord& word : words) {
    if (HasAny(word, {kDoubt, kNormal, kMargin, kDenial, kSource})) return false;
    if (word.cue == nullptr || word.Is(kBoth)) last = word.text;
  }
  if (last.empty()) return false;
  return IsNumber(last) || NamesPlace(last, question) || EndsAsNamed(last, question);
}

/// Whether a clause says that there is the object: 左肺有结节, "the mass is in the left lobe".
bool Affirms(const Clause& clause, std::string_view object, std::string_view question) {
  const Words& words = clause.words;
  if (clause.asks || object.empty() || FindAbsence(words)) return false;
  if (!HasFrom(words, 0, kPresence) && !Answers(words, question)) return false;
  return std::any_of(words.begin(), words.end(), [&](const ClauseWord& word) {
    return word.cue == nullptr && word.text.find(object) != std::string_view::npos;
  });
}

std::string_view LastContent(const Words& words) {
  const auto last = std::find_if(words.rbegin(), words.rend(),
                                 [](const ClauseWord& word) { return word.cue == nullptr; });
  return last == words.rend() ? std::string_view() : last->text;
}

/// Whether a denial has no object but what is spoken of: "but there is none", 没有。
bool DeniesWhatIsSpokenOf(const Words& words, size_t absence) {
  return words[absence].Is(kAbsence) && words[absence].text != "no" && IsLast(words, absence) &&
         !HasContentBefore(words, absence);
}

/// Whether a denial denies something else than what its clause speaks of: 骨折无移位, 3cm无钙化,
/// but not 右肺未见结节.
bool AnswersBefore(const Words& words, size_t absence, std::string_view object,
                   std::string_view question) {
  const auto before = std::span(words).first(absence);
  if (object.empty() || before.empty()) return false;
  const ClauseWord& said = before.back();
  return said.cue == nullptr && !NamesPlace(said.text, question) && Answers(before, question);
}

/// "No response", 无输出
bool SaysNoAnswer(const Words& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    if (LacksAnswer(words, at)) return true;
  }
  return false;
}

/// Whether a question can be answered by no more than yes or no: 有肿块吗？ "Where is the mass?"
/// and 肿块的大小 cannot.
bool AsksForSide(std::string_view form) {
  const std::vector<Clause> clauses = SplitClauses(form);
  bool side = false;
  for (const Clause& clause : clauses) {
    if (std::any_of(clause.words.begin(), clause.words.end(), AsksOpenly)) return false;
    side = side || HasFrom(clause.words, 0, kQuestion);
  }
  static constexpr std::array<std::string_view, 15> kVerbs = {
      "is",   "are", "was", "were",  "does", "do",    "did",   "has",
      "have", "had", "can", "could", "will", "would", "should"};
  const std::string_view first = form.substr(0, form.find(' '));
  return side || std::find(kVerbs.begin(), kVerbs.end(), first) != kVerbs.end();
}

/// What the clauses of an answer come to.
enum class Premise { kSilent, kDenied, kCannotTell, kAnswered };

/// A denial of what the question names denies its premise wherever it stands, but behind an answer.
/// One of something else does when nothing is said beside it, and so does any, at first, where the
/// question is not known.
Premise ReadPremise(std::span<const Clause> clauses, std::string_view question) {
  bool denies = false;
  bool says = false;
  bool answered = false;
  for (size_t i = 0; i < clauses.size(); ++i) {
    const Clause& clause = clauses[i];
    const Words& words = clause.words;
    if (clause.asks || SaysNoAnswer(words)) continue;
    if (CannotTell(words)) {
      if (!answered || OnlyCannotTell(words)) return Premise::kCannotTell;
      continue;
    }
    if (HasFrom(words, 0, kExcept)) {  // 除第5肋外均未见骨折
      says = true;
      continue;
    }
    const std::optional<size_t> absence = FindAbsence(words, question);
    if (!absence) {
      if (clause.heads && i + 1 < clauses.size()) continue;  // "Mass:"
      const bool zero = clauses.size() == 1 && words.size() == 1 && IsZero(words[0].text);
      const bool aside = IsAside(words) || zero;
      denies = denies || zero || (!question.empty() && aside && HasFrom(words, 0, kNormal));
      answered = answered || (!aside && Answers(words, question));
      says = says || !aside;
      if (says && question.empty()) return Premise::kAnswered;
      continue;
    }
    const bool of_heading = i > 0 && clauses[i - 1].heads;
    const bool of_all = !of_heading && DeniesWhatIsSpokenOf(words, *absence);
    if ((answered && !of_all) || IsOfTheRest(words)) continue;
    std::string_view object = ObjectOf(words, *absence);
    if (object.empty() && of_heading) object = LastContent(clauses[i - 1].words);  // "Mass: none"
    if (std::any_of(clauses.begin() + static_cast<ptrdiff_t>(i) + 1, clauses.end(),
                    [&](const Clause& later) { return Affirms(later, object, question); })) {
      return Premise::kAnswered;
    }
    const bool named = question.empty() || of_all || IsNamedIn(question, object);
    if (!named || IsNumber(words[0].text)) {
      if (AnswersBefore(words, *absence, object, question)) {
        says = answered = true;
        continue;
      }
    }
    if (named) return Premise::kDenied;
    denies = true;
  }
  return denies && !says ? Premise::kDenied : Premise::kSilent;
}

Premise ReadPremise(std::string_view answer, std::string_view question) {
  if (SaysNoImage(answer)) return Premise::kSilent;
  const std::string form = ClauseForm(answer);
  const std::string asked = ClauseForm(question);
  if (!asked.empty() && !AsksForSide(asked) && YesOrNo(answer) == false) return Premise::kDenied;
  return ReadPremise(SplitClauses(form), asked);
}

}  // namespace

bool DeniesPremise(std::string_view answer, std::string_view question) {
  return ReadPremise(answer, question) == Premise::kDenied;
}

bool Declines(std::string_view answer, std::string_view question) {
  const Premise premise = ReadPremise(answer, question);
  return premise == Premise::kDenied || premise == Premise::kCannotTell;
}

}  // namespace roentgen
