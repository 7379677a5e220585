// How an English sentence of a report is read: phrases, then for each finding the cues that reach
// it, by words and commas in place of a parser's tree.

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "roentgen/evaluation/english_report_words.h"
#include "roentgen/evaluation/heart_ratio.h"
#include "roentgen/evaluation/report_reading.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/clause_reading.h"
#include "roentgen/language/clauses.h"

namespace roentgen {
namespace {

using enum PhraseRole;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// What the field of a form says, as a sentence says it: "pneumothorax: none" is "pneumothorax: not
/// present".
std::string WithSaidFields(std::string_view text) {
  constexpr std::array<std::string_view, 11> kDenials = {
      "no",      "none",  "nil",       "absent",          "negative",
      "neg",     "false", "none seen", "none identified", "none evident",
      "not seen"};
  constexpr std::array<std::string_view, 4> kDoubts = {"uncertain", "equivocal", "indeterminate",
                                                       "suspected"};
  std::string with;
  size_t kept = 0;  // bytes of the text
  for (size_t at = text.find_first_of(":="); at != text.npos; at = text.find_first_of(":=", at)) {
    at = std::min(text.find_first_not_of(' ', at + 1), text.size());
    const size_t end = std::min(text.find_first_of(".,;:=", at), text.size());
    const std::string_view value = text.substr(at, end - at);
    const auto is_in = [&](const auto& values) {
      return std::find(values.begin(), values.end(), value) != values.end();
    };
    const std::string_view said = is_in(kDenials)  ? "not present"
                                  : is_in(kDoubts) ? "may be present"
                                                   : std::string_view();
    if (said.empty()) continue;
    with.append(text.substr(kept, at - kept)).append(said);
    kept = end;
  }
  return with.append(text.substr(kept));
}

/// One blank between words, no contractions, "cannot" in one word, no fillers.
std::string Normalise(std::string_view sentence) {
  const std::span<const std::string_view> fillers = EnglishReportFillers();
  std::string text = WithoutContractions(std::string(sentence));
  for (const char* inability : {"can not", "could not"}) {
    text = Replace(std::move(text), inability, "cannot");
  }
  std::vector<std::string> words = SplitAtBlanks(text);
  std::erase_if(words, [&](const std::string& word) {
    return std::find(fillers.begin(), fillers.end(), word) != fillers.end();
  });
  return WithSaidFields(Join(words, " "));
}

/// A phrase found in a sentence.
struct Mark {
  size_t begin;
  size_t end;
  PhraseRole role;
  ReportLabel label;
  std::string_view phrase;  // of the table

  bool IsMention() const {
    return role == kFinding || role == kWeakFinding || role == kOther || role == kStructure;
  }
};

/// The words that say nothing of any observation.
class NeutralWords {
 public:
  NeutralWords() {
    std::string_view rest = EnglishNeutralWords();
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view entry = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (entry.empty()) continue;
      (entry.back() == '*' ? stems_ : words_).insert(entry);
    }
  }

  bool Has(std::string_view word) const {
    if (words_.contains(word)) return true;
    // The stems that the word may begin with.
    for (size_t length = word.size(); length >= kLeastStem; --length) {
      if (stems_.contains(std::string(word.substr(0, length)) + '*')) return true;
    }
    return false;
  }

 private:
  static constexpr size_t kLeastStem = 3;

  std::set<std::string_view, std::less<>> words_;
  std::set<std::string_view, std::less<>> stems_;
};

/// Finds the table's phrases, at each place the longest.
class PhraseFinder {
 public:
  PhraseFinder() {
    for (const ReportPhrase& phrase : EnglishReportPhrases()) {
      by_first_byte_[static_cast<uint8_t>(phrase.text.front())].push_back(phrase);
    }
  }

  /// The phrases in their order; words of none that are not neutral go to `unknown`.
  std::vector<Mark> Find(std::string_view sentence, std::vector<std::string>& unknown) const {
    std::vector<Mark> marks;
    for (size_t at = 0; at < sentence.size();) {
      std::optional<Mark> mark = LongestAt(sentence, at);
      if (mark) {
        if (mark->phrase == kBesideItsNoun) mark->role = RoleBeside(sentence, *mark);
        if (mark->role != kNothing) marks.push_back(*mark);
        at = mark->end;
        continue;
      }
      size_t end = at + 1;
      while (end < sentence.size() && IsWordByte(sentence[at]) && IsWordByte(sentence[end])) ++end;
      const std::string_view word = sentence.substr(at, end - at);
      if (!IsUnderstood(word)) unknown.emplace_back(word);
      at = end;
    }
    return marks;
  }

 private:
  static constexpr std::string_view kBesideItsNoun = "absent";

  /// What "absent" does: before a finding it denies that ("absent pleural effusion"), before
  /// another noun nothing ("pneumothorax with absent lung markings"), else what stands before it
  /// ("pneumothorax absent on the left", "effusion is absent today").
  PhraseRole RoleBeside(std::string_view sentence, const Mark& absent) const {
    constexpr std::array<std::string_view, 8> kSaidOf = {"is",     "are",     "was", "were",
                                                         "remain", "remains", "be",  "now"};
    size_t begin = absent.begin;
    while (begin > 0 && sentence[begin - 1] == ' ') --begin;
    const std::string_view before = sentence.substr(0, begin);
    const std::string_view verb = before.substr(before.rfind(' ') + 1);
    if (std::find(kSaidOf.begin(), kSaidOf.end(), verb) != kSaidOf.end()) return kNotAfter;
    const size_t end = absent.end;
    constexpr std::array<std::string_view, 9> kPlaces = {
        "in", "on", "at", "from", "bilaterally", "both", "and", "but", "with"};
    const bool word_behind = end + 1 < sentence.size() && IsWordByte(sentence[end + 1]);
    if (!word_behind || sentence[end] != ' ') return kNotAfter;
    const std::optional<Mark> next = LongestAt(sentence, end + 1);
    if (next && (next->role == kFinding || next->role == kWeakFinding)) return kNotBefore;
    const size_t stop = std::min(sentence.find_first_of(" ,;.", end + 1), sentence.size());
    const std::string_view word = sentence.substr(end + 1, stop - end - 1);
    const bool place = std::find(kPlaces.begin(), kPlaces.end(), word) != kPlaces.end();
    return place ? kNotAfter : kNothing;
  }

  static bool IsUnderstood(std::string_view word) {
    static const NeutralWords kNeutral;
    const char first = word.front();
    const bool letter = first >= 'a' && first <= 'z';
    return (!letter && (first & 0x80) == 0) || word.size() == 1 || kNeutral.Has(word);
  }

  std::optional<Mark> LongestAt(std::string_view sentence, size_t at) const {
    const bool inside_word = at > 0 && IsWordByte(sentence[at - 1]) && IsWordByte(sentence[at]);
    if (inside_word) return std::nullopt;
    std::optional<Mark> longest;
    for (const ReportPhrase& phrase : by_first_byte_[static_cast<uint8_t>(sentence[at])]) {
      const bool open = phrase.text.size() > 1 && phrase.text.back() == '*';
      const std::string_view text = phrase.text.substr(0, phrase.text.size() - (open ? 1 : 0));
      if (sentence.substr(at, text.size()) != text) continue;
      size_t end = at + text.size();
      while (open && end < sentence.size() && IsWordByte(sentence[end])) ++end;
      const bool breaks_word =
          IsWordByte(text.back()) && end < sentence.size() && IsWordByte(sentence[end]);
      if (breaks_word) continue;
      if (!longest || end > longest->end) {
        longest = Mark{at, end, phrase.role, phrase.label, phrase.text};
      }
    }
    return longest;
  }

  std::array<std::vector<ReportPhrase>, 256> by_first_byte_;
};

/// The marks of a sentence between two stops, in the groups that commas make.
class Clause {
 public:
  explicit Clause(std::span<const Mark> marks) : marks_(marks), groups_(marks.size()) {
    for (size_t i = 0; i < marks.size(); ++i) {
      groups_[i] = (i == 0 ? 0 : groups_[i - 1]) + (marks[i].role == kComma ? 1 : 0);
    }
  }

  /// What the clause says of the finding at `mention`; doubt and denial in its own group say more
  /// than those of a list that it is in.
  Finding StateOf(size_t mention) const {
    if (marks_[mention].role == kStructure) return StateOfStructure(mention);
    const Finding usual =
        marks_[mention].role == kWeakFinding ? Finding::kUncertain : Finding::kPresent;
    if (const auto own = Cue(mention, /*same_group=*/true)) return *own;
    if (!Affirmed(mention)) {
      if (const auto outer = Cue(mention, /*same_group=*/false)) return *outer;
    }
    return IsOneOfTwo(mention) ? Finding::kUncertain : usual;
  }

 private:
  /// A structure is as the nearest word for its state says.
  Finding StateOfStructure(size_t mention) const {
    Finding state = Finding::kNotMentioned;
    size_t nearest = std::string_view::npos;
    size_t at = 0;
    for (size_t i = 0; i < marks_.size(); ++i) {
      const Mark& mark = marks_[i];
      const std::optional<Finding> said = StructureState(mark.role);
      const size_t gap = mark.begin > marks_[mention].begin ? mark.begin - marks_[mention].end
                                                            : marks_[mention].begin - mark.end;
      if (said && gap < nearest) {
        nearest = gap;
        state = *said;
        at = i;
      }
    }
    const bool doubted = state == Finding::kPresent && at > 0 && IsDoubtBefore(marks_[at - 1].role);
    return doubted ? Finding::kUncertain : state;
  }

  static bool IsDoubtBefore(PhraseRole role) {
    return role == kMaybeBefore || role == kMaybeEither;
  }

  static std::optional<Finding> StructureState(PhraseRole role) {
    if (role == kNormal) return Finding::kAbsent;
    if (role == kAbnormal) return Finding::kPresent;
    if (role == kUnsure || role == kMaybeAfter) return Finding::kUncertain;
    return std::nullopt;
  }

  std::optional<Finding> Cue(size_t mention, bool same_group) const {
    bool denied = false;
    bool doubted = false;
    for (size_t i = 0; i < marks_.size(); ++i) {
      if ((groups_[i] == groups_[mention]) != same_group || !Reaches(i, mention)) continue;
      const PhraseRole role = marks_[i].role;
      denied |= role == kNotBefore || role == kNotAfter || role == kPastBefore;
      doubted |= role == kMaybeBefore || role == kMaybeAfter || role == kMaybeEither;
    }
    if (denied) return Finding::kAbsent;
    if (doubted) return Finding::kUncertain;
    return std::nullopt;
  }

  bool Reaches(size_t cue, size_t mention) const {
    switch (marks_[cue].role) {
      case kNotBefore:
      case kMaybeBefore:
        return cue < mention;
      case kPastBefore:
        return cue < mention && groups_[cue] == groups_[mention];
      case kNotAfter:
        // "Resolved pneumothorax."
        if (cue == 0 && mention == 1 && marks_[0].phrase == "resolved") return true;
        // "There is no longer an effusion."
        if (cue < mention && marks_[cue].phrase.starts_with("no longer")) return IsFirst(cue);
        [[fallthrough]];
      case kMaybeAfter:
        return mention < cue && (groups_[cue] == groups_[mention] || EndsList(cue));
      case kMaybeEither:
        return cue < mention ||
               (groups_[cue] == groups_[mention] &&
                std::none_of(marks_.begin() + static_cast<ptrdiff_t>(cue), marks_.end(),
                             [](const Mark& mark) { return mark.IsMention(); }));
      default:
        return false;
    }
  }

  /// Whether no finding stands before a mark.
  bool IsFirst(size_t mark) const {
    return std::none_of(marks_.begin(), marks_.begin() + static_cast<ptrdiff_t>(mark),
                        [](const Mark& before) { return before.IsMention(); });
  }

  /// "…, and X has resolved", "…, has resolved": the words reach back over commas.
  bool EndsList(size_t cue) const {
    size_t first = cue;
    while (first > 0 && groups_[first - 1] == groups_[cue]) --first;
    if (marks_[first].role == kComma) ++first;
    if (marks_[first].role == kAnd || marks_[first].role == kOr) return true;
    return std::none_of(marks_.begin() + static_cast<ptrdiff_t>(first),
                        marks_.begin() + static_cast<ptrdiff_t>(cue),
                        [](const Mark& mark) { return mark.IsMention(); });
  }

  /// "No effusion, atelectasis is seen": the second begins anew, unless it ends a list.
  bool Affirmed(size_t mention) const {
    for (size_t i = mention + 1; i < marks_.size() && groups_[i] == groups_[mention]; ++i) {
      if (marks_[i].role == kAffirmAfter) return !EndsList(i);
    }
    return false;
  }

  /// Joined with another finding by "or".
  bool IsOneOfTwo(size_t mention) const {
    const auto finding_at = [&](size_t i) { return i < marks_.size() && marks_[i].IsMention(); };
    const auto or_at = [&](size_t i) { return i < marks_.size() && marks_[i].role == kOr; };
    return (or_at(mention + 1) && finding_at(mention + 2)) ||
           (mention >= 2 && or_at(mention - 1) && finding_at(mention - 2));
  }

  std::span<const Mark> marks_;
  std::vector<size_t> groups_;
};

/// Whether a finding's label depends on where it is: a mass of the liver is no lung lesion.
bool DependsOnPlace(const Mark& mark) {
  if (mark.role != kFinding && mark.role != kWeakFinding) return false;
  if (mark.phrase.starts_with("pleural") || mark.phrase.starts_with("pulmonary")) return false;
  switch (mark.label) {
    case ReportLabel::kLungLesion:
    case ReportLabel::kLungOpacity:
    case ReportLabel::kEdema:
    case ReportLabel::kPneumonia:
    case ReportLabel::kPleuralEffusion:
      return true;
    default:
      return false;
  }
}

/// "pleural or pericardial effusion".
bool IsPleuralToo(std::string_view sentence, size_t place) {
  const std::string_view before = sentence.substr(0, place);
  return before.ends_with("pleural or ") || before.ends_with("pleural and ") ||
         before.ends_with("pleural/");
}

/// Whether the finding is said to be outside the chest: by the place before it ("pericardial
/// effusion") with no other finding between, or by one behind it ("a nodule in the thyroid").
bool IsElsewhere(std::span<const Mark> marks, size_t mention, std::string_view sentence) {
  for (size_t i = mention; i-- > 0 && marks[i].role != kComma && !marks[i].IsMention();) {
    if (marks[i].role == kElsewhere) return !IsPleuralToo(sentence, marks[i].begin);
  }
  if (mention + 1 == marks.size() || marks[mention + 1].role != kElsewhere) return false;
  const size_t begin = marks[mention].end;
  const std::string_view between = sentence.substr(begin, marks[mention + 1].begin - begin);
  return between.starts_with(" in ") || between.starts_with(" of ") ||
         between.starts_with(" within ");
}

/// Phrases of a clause; more are cut, at a comma of the second half if there is one, since a model
/// that repeats itself without end must not take time without end: the work grows with their cube.
constexpr ptrdiff_t kMaxClause = 200;

std::optional<Finding> ReadHeartRatioOf(const Mark& mark, std::string_view sentence) {
  if (mark.phrase != "cardiothoracic ratio" && mark.phrase != "ctr") return std::nullopt;
  return ReadHeartRatio(sentence.substr(mark.end));
}

/// "Abnormal chest": a state without a structure that it could be of, and without a denial.
bool HasAbnormalState(std::span<const Mark> marks) {
  const auto has = [&](std::initializer_list<PhraseRole> roles) {
    return std::any_of(marks.begin(), marks.end(), [&](const Mark& mark) {
      return std::find(roles.begin(), roles.end(), mark.role) != roles.end();
    });
  };
  return has({kAbnormal}) && !has({kStructure, kNotBefore, kNotAfter, kFinding, kOther});
}

/// Adds what one clause says.
void ReadClause(std::span<const Mark> marks, std::string_view sentence, SentenceReading& reading) {
  const Clause clause(marks);
  if (HasAbnormalState(marks)) reading.statements.push_back({std::nullopt, Finding::kPresent});
  const bool pneumothorax = std::any_of(marks.begin(), marks.end(), [](const Mark& mark) {
    return mark.IsMention() && mark.label == ReportLabel::kPneumothorax;
  });
  for (size_t i = 0; i < marks.size(); ++i) {
    if (!marks[i].IsMention()) continue;
    // The lung that a pneumothorax has collapsed is no atelectasis.
    if (pneumothorax && marks[i].phrase == "collapse*") continue;
    Finding finding = clause.StateOf(i);
    if (marks[i].role == kStructure && marks[i].label == ReportLabel::kCardiomegaly) {
      finding = ReadHeartRatioOf(marks[i], sentence).value_or(finding);
    }
    if (finding == Finding::kNotMentioned) continue;  // a name alone: "MRI of the heart"
    const bool labelled =
        marks[i].role != kOther && !(DependsOnPlace(marks[i]) && IsElsewhere(marks, i, sentence));
    if (labelled) {
      reading.statements.push_back({marks[i].label, finding});
    } else {
      reading.statements.push_back({std::nullopt, finding});
    }
  }
}

/// Whether a denial is only of a part of the body, of which that says nothing: "no heart", "does
/// not show the lungs".
bool DeniesPart(const Mark& denial, std::span<const Mark> marks, std::string_view sentence) {
  const size_t end = std::min(sentence.find_first_of(".,;!", denial.end), sentence.size());
  const bool of_state = std::any_of(marks.begin(), marks.end(), [&](const Mark& mark) {
    return mark.begin >= denial.end && mark.end <= end && mark.role != kStructure;
  });
  if (of_state) return false;
  const std::string part = Join(SplitAtBlanks(sentence.substr(denial.end, end - denial.end)), " ");
  return !part.empty() && NamesStructure(BeforePreposition(part));
}

/// Whether something is said to be as it should: by a state, a denial or a word.
bool SaysNormal(std::span<const Mark> marks, std::string_view sentence) {
  const bool state = std::any_of(marks.begin(), marks.end(), [&](const Mark& mark) {
    return mark.role == kNormal || (mark.role == kNotBefore && !DeniesPart(mark, marks, sentence));
  });
  const std::vector<std::string> words = SplitAtBlanks(sentence);
  return state || std::any_of(words.begin(), words.end(), [](std::string_view word) {
           constexpr std::array<std::string_view, 12> kFine = {
               "clear",  "sharp",  "smooth",  "intact",    "preserved", "patent",
               "symmet", "health", "negativ", "satisfact", "well-aera", "homogen"};
           return std::any_of(kFine.begin(), kFine.end(),
                              [&](std::string_view fine) { return word.starts_with(fine); });
         });
}

}  // namespace

SentenceReading ReadEnglishSentence(std::string_view sentence) {
  static const PhraseFinder kFinder;
  const std::string text = Normalise(sentence);
  SentenceReading reading;
  const std::vector<Mark> marks = kFinder.Find(text, reading.unknown);
  reading.normal = SaysNormal(marks, text);
  for (auto begin = marks.begin(); begin != marks.end();) {
    const auto limit = begin + std::min(kMaxClause, marks.end() - begin);
    const auto end = std::find_if(begin, limit, [&](const Mark& mark) {
      return mark.role == kStop || (mark.role == kComma && &mark - &*begin >= kMaxClause / 2);
    });
    ReadClause({begin, end}, text, reading);
    begin = end != marks.end() && end->role == kStop ? end + 1 : end;
  }
  return reading;
}

}  // namespace roentgen
