#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "roentgen/language/answer.h"
#include "roentgen/language/clause_reading.h"
#include "roentgen/language/segments.h"

namespace roentgen {
namespace {

using enum CueKind;

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

}  // namespace

bool DeniesPremise(std::string_view answer, std::string_view question) {
  const std::string form = ClauseForm(answer);
  return DeniesPremise(SplitClauses(form), ClauseForm(question));
}

}  // namespace roentgen
