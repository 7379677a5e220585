#include "roentgen/evaluation/report_labels.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

using enum PhraseRole;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// A line that goes on in the next one: that begins with a small letter.
bool LineGoesOn(std::string_view text, size_t newline) {
  size_t next = newline + 1;
  while (next < text.size() && (text[next] == ' ' || text[next] == '\r')) ++next;
  return next < text.size() && text[next] >= 'a' && text[next] <= 'z';
}

/// How many bytes at `at` end a sentence; 0 when none does.
size_t SentenceEnd(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '!' || c == '?' || c == ';') return 1;
  if (c == '\n') return LineGoesOn(text, at) ? 0 : 1;
  if (c == '.') return at + 1 == text.size() || IsBlank(text[at + 1]) ? 1 : 0;
  for (const std::string_view mark : {"。", "！", "？", "；"}) {
    if (text.substr(at, mark.size()) == mark) return mark.size();
  }
  return 0;
}

/// Sentences with their marks: a question mark is doubt.
std::vector<std::string_view> SplitSentences(std::string_view text) {
  std::vector<std::string_view> sentences;
  size_t begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const size_t length = SentenceEnd(text, at);
    if (length == 0) continue;
    at += length - 1;
    sentences.push_back(text.substr(begin, at + 1 - begin));
    begin = at + 1;
  }
  sentences.push_back(text.substr(begin));
  return sentences;
}

/// Small letters, one blank between words, "cannot" in one word, no fillers.
std::string Normalise(std::string_view sentence) {
  const std::span<const std::string_view> fillers = ReportFillers();
  std::string lower = Lowercase(sentence);
  for (const std::string_view cannot : {"can't", "can’t", "can not"}) {
    lower = Replace(std::move(lower), cannot, "cannot");
  }
  std::vector<std::string> words = SplitAtBlanks(lower);
  std::erase_if(words, [&](const std::string& word) {
    return std::find(fillers.begin(), fillers.end(), word) != fillers.end();
  });
  return Join(words, " ");
}

/// A phrase found in a sentence.
struct Mark {
  size_t begin;
  size_t end;
  PhraseRole role;
  ReportLabel label;

  bool IsMention() const {
    return role == kFinding || role == kWeakFinding || role == kOther || role == kStructure;
  }
};

/// Finds the phrases of both lexicons, at each place the longest.
class PhraseFinder {
 public:
  PhraseFinder() {
    for (const auto& phrases : {EnglishReportPhrases(), ChineseReportPhrases()}) {
      for (const ReportPhrase& phrase : phrases) {
        by_first_byte_[static_cast<uint8_t>(phrase.text.front())].push_back(phrase);
      }
    }
  }

  std::vector<Mark> Find(std::string_view sentence) const {
    std::vector<Mark> marks;
    for (size_t at = 0; at < sentence.size();) {
      const std::optional<Mark> mark = LongestAt(sentence, at);
      if (mark && mark->role != kNothing) marks.push_back(*mark);
      at = mark ? mark->end : at + 1;
    }
    return marks;
  }

 private:
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
      if (!longest || end > longest->end) longest = Mark{at, end, phrase.role, phrase.label};
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
    for (const Mark& mark : marks_) {
      const std::optional<Finding> said = StructureState(mark.role);
      const size_t gap = mark.begin > marks_[mention].begin ? mark.begin - marks_[mention].end
                                                            : marks_[mention].begin - mark.end;
      if (said && gap < nearest) {
        nearest = gap;
        state = *said;
      }
    }
    return state;
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
      case kMaybeAfter:
        return mention < cue && (groups_[cue] == groups_[mention] || EndsList(cue));
      case kMaybeEither:
        return cue < mention ||
               std::none_of(marks_.begin() + static_cast<ptrdiff_t>(cue), marks_.end(),
                            [](const Mark& mark) { return mark.IsMention(); });
      default:
        return false;
    }
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

/// Phrases of a clause; more are cut, at a comma of the second half if there is one, since a model
/// that repeats itself without end must not take time without end: the work grows with their cube.
constexpr ptrdiff_t kMaxClause = 200;

/// Gathers what sentences say.
class Labeler {
 public:
  void Read(std::string_view sentence) {
    static const PhraseFinder kFinder;
    const std::vector<Mark> marks = kFinder.Find(Normalise(sentence));
    for (auto begin = marks.begin(); begin != marks.end();) {
      const auto limit = begin + std::min(kMaxClause, marks.end() - begin);
      const auto end = std::find_if(begin, limit, [&](const Mark& mark) {
        return mark.role == kStop || (mark.role == kComma && &mark - &*begin >= kMaxClause / 2);
      });
      ReadClause({begin, end});
      begin = end != marks.end() && end->role == kStop ? end + 1 : end;
    }
  }

  ReportLabels Finish() {
    bool abnormal = other_;
    for (size_t i = 0; i < kReportLabels; ++i) {
      if (i != static_cast<size_t>(ReportLabel::kSupportDevices)) {
        abnormal |= labels_[i] >= Finding::kUncertain;
      }
    }
    if (!abnormal) labels_[static_cast<size_t>(ReportLabel::kNoFinding)] = Finding::kPresent;
    return labels_;
  }

 private:
  void ReadClause(std::span<const Mark> marks) {
    const Clause clause(marks);
    for (size_t i = 0; i < marks.size(); ++i) {
      if (!marks[i].IsMention()) continue;
      const Finding state = clause.StateOf(i);
      if (marks[i].role == kOther) {
        other_ |= state >= Finding::kUncertain;
      } else {
        Finding& label = labels_[static_cast<size_t>(marks[i].label)];
        label = std::max(label, state);
      }
    }
  }

  ReportLabels labels_{};
  bool other_ = false;
};

}  // namespace

ReportLabels LabelReport(std::string_view report) {
  if (Strip(report).empty()) return {};
  Labeler labeler;
  for (const std::string_view sentence : SplitSentences(report)) labeler.Read(sentence);
  return labeler.Finish();
}

}  // namespace roentgen
