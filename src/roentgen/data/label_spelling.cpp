#include "roentgen/data/label_spelling.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "roentgen/language/medical_terms.h"
#include "roentgen/language/word_form.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr size_t kRarer = 20;
constexpr size_t kLettersForSlip = 5;
constexpr size_t kLettersForMissing = 7;
constexpr size_t kCapitalsForSwap = 4;

/// A letter of an alphabet that has capitals; the text is in small letters.
bool IsSmallLetter(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_LL;
}

bool IsDigit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool IsBlank(char32_t c) {
  return c == ' ' || c == '\n';
}

bool IsCapital(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}

std::u32string CodePoints(std::string_view text) {
  std::u32string points;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    points += step.code_point;
    at += step.length;
  }
  return points;
}

/// FoldText as code points, without blanks and punctuation at the edges.
std::u32string Folded(std::string_view label) {
  std::u32string folded = CodePoints(FoldText(label));
  constexpr std::u32string_view kEdges = U" \n.,;:、。";
  const size_t begin = folded.find_first_not_of(kEdges);
  if (begin == folded.npos) return folded;
  return folded.substr(begin, folded.find_last_not_of(kEdges) + 1 - begin);
}

/// Whether the letter at this place stands alone: in "a-b", but not in "x-ray".
bool IsSingleLetter(std::u32string_view folded, size_t at) {
  const bool before = at > 0 && IsSmallLetter(folded[at - 1]);
  const bool behind = at + 1 < folded.size() && IsSmallLetter(folded[at + 1]);
  return IsSmallLetter(folded[at]) && !before && !behind;
}

/// What spellings of one label have in common: without blanks, but between digits, and without
/// hyphens between letters. "x-ray" and "x ray" are "xray"; "t2 -1" stays, and so does "a-b", which
/// is not "ab".
std::u32string Joined(std::u32string_view folded) {
  constexpr std::u32string_view kJoints = U" \n-_";
  std::u32string joined;
  for (size_t at = 0; at < folded.size();) {
    const size_t end = std::min(folded.find_first_not_of(kJoints, at), folded.size());
    const std::u32string_view joint = folded.substr(at, end - at);
    const char32_t before = at == 0 ? U' ' : folded[at - 1];
    const char32_t after = end == folded.size() ? U' ' : folded[end];
    const bool blank = std::all_of(joint.begin(), joint.end(), IsBlank);
    const bool single = at > 0 && end < folded.size() && IsSingleLetter(folded, at - 1) &&
                        IsSingleLetter(folded, end);
    const bool joins = single  ? false
                       : blank ? !(IsDigit(before) && IsDigit(after))
                               : IsSmallLetter(before) && IsSmallLetter(after);
    if (!joins) joined += joint;
    if (end < folded.size()) joined += folded[end];
    at = end + 1;
  }
  return joined;
}

/// How a word is written. What only codes are written like is a code: HBsAg, GroupA, ABCA1.
enum class Writing { kWord, kCapitals, kCode };

/// Letters in a row, or what stands between such words.
struct Run {
  std::u32string text;  // folded
  Writing writing = Writing::kWord;
};

/// The label as it is written, each character where Folded has it; empty where folding changed how
/// many there are.
std::u32string AsWritten(std::string_view label, const std::u32string& folded) {
  const std::u32string all = CodePoints(FoldText(label));
  const std::u32string written = CodePoints(FoldLookalikes(label));
  const size_t begin = all.find(folded);
  return written.size() == all.size() ? written.substr(begin, folded.size()) : U"";
}

/// How the word of `size` letters at `begin` is written.
Writing WritingOf(std::u32string_view written, size_t begin, size_t size) {
  if (written.empty()) return Writing::kCode;
  const auto digit_at = [&](size_t at) { return at < written.size() && IsDigit(written[at]); };
  if (digit_at(begin - 1) || digit_at(begin + size)) return Writing::kCode;
  const std::u32string_view word = written.substr(begin, size);
  const auto capitals = std::count_if(word.begin() + 1, word.end(), IsCapital);
  if (capitals == 0) return Writing::kWord;
  const bool all = static_cast<size_t>(capitals) + 1 == size && IsCapital(word[0]);
  return all ? Writing::kCapitals : Writing::kCode;
}

/// A label taken apart for comparing.
struct Spelling {
  std::string_view label;
  size_t count = 0;
  std::u32string joined;
  std::vector<Run> runs;
  bool alphabetic = true;  // has no letters of other scripts
};

Spelling TakeApart(std::string_view label, size_t count) {
  const std::u32string folded = Folded(label);
  const std::u32string written = AsWritten(label, folded);
  Spelling spelling = {label, count, Joined(folded), {}, true};
  for (size_t at = 0; at < folded.size();) {
    const bool letters = IsSmallLetter(folded[at]);
    size_t end = at;
    for (; end < folded.size() && IsSmallLetter(folded[end]) == letters; ++end) {
      if (!letters && ClassOf(folded[end]) == CharClass::kLetter) spelling.alphabetic = false;
    }
    spelling.runs.push_back(
        {folded.substr(at, end - at), letters ? WritingOf(written, at, end - at) : Writing::kWord});
    at = end;
  }
  return spelling;
}

/// Two letters that are neighbours and stand the other way round.
bool SwapNeighbours(std::u32string_view a, std::u32string_view b) {
  const auto at =
      static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  return a.size() == b.size() && at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] &&
         a.substr(at + 2) == b.substr(at + 2);
}

/// Where the longer of two words has one letter more; nothing where they differ in more.
std::optional<size_t> FurtherLetter(std::u32string_view longer, std::u32string_view shorter) {
  if (longer.size() != shorter.size() + 1) return std::nullopt;
  const auto at = static_cast<size_t>(
      std::mismatch(shorter.begin(), shorter.end(), longer.begin()).first - shorter.begin());
  return longer.substr(at + 1) == shorter.substr(at) ? std::optional(at) : std::nullopt;
}

/// A letter that is there twice in one and once in the other.
bool DoublesLetter(std::u32string_view a, std::u32string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  const std::optional<size_t> at = FurtherLetter(a, b);
  return at && *at > 0 && a[*at] == a[*at - 1];
}

/// A letter inside a long word left out: "pneumothrax". Shorter words make others: "palmate" and
/// "palate", "clonic" and "colonic".
bool LacksLetterInside(std::u32string_view a, std::u32string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  const std::optional<size_t> at = FurtherLetter(a, b);
  return at && b.size() >= kLettersForMissing && *at > 0 && *at + 1 < a.size();
}

/// Equal but for accents: "Schadel" and "Schädel".
bool LacksAccent(const std::u32string& a, const std::u32string& b) {
  const auto plain = [](char32_t c) {
    utf8proc_int32_t parts[4];
    int last_class = 0;
    const auto size = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, 4,
                                              UTF8PROC_DECOMPOSE, &last_class);
    return size > 0 ? static_cast<char32_t>(parts[0]) : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char32_t x, char32_t y) { return plain(x) == plain(y); });
}

std::string Utf8(std::u32string_view word) {
  std::string text;
  for (const char32_t c : word) AppendUtf8(c, text);
  return text;
}

/// Lungs and lung, metastases and metastasis.
bool AreNumbersOfOne(std::u32string_view word, std::u32string_view other) {
  return WordForm(Utf8(word)) == WordForm(Utf8(other));
}

/// Beginnings and ends of words of medicine that make two words of one: macrocytic and microcytic,
/// colotomy and colostomy.
bool DifferInMeaningfulPart(std::u32string_view word, std::u32string_view other) {
  using Pair = std::pair<std::u32string_view, std::u32string_view>;
  static constexpr Pair kBeginnings[] = {{U"macro", U"micro"},
                                         {U"ab", U"ad"},
                                         {U"intra", U"infra"},
                                         {U"ante", U"anti"},
                                         {U"pre", U"pro"}};
  static constexpr Pair kEnds[] = {{U"otomy", U"ostomy"}, {U"itis", U"itic"}};
  return std::any_of(std::begin(kBeginnings), std::end(kBeginnings),
                     [&](const Pair& pair) {
                       return (word.starts_with(pair.first) && other.starts_with(pair.second)) ||
                              (word.starts_with(pair.second) && other.starts_with(pair.first));
                     }) ||
         std::any_of(std::begin(kEnds), std::end(kEnds), [&](const Pair& pair) {
           return (word.ends_with(pair.first) && other.ends_with(pair.second)) ||
                  (word.ends_with(pair.second) && other.ends_with(pair.first));
         });
}

bool IsKnown(std::u32string_view word) {
  return IsKnownTerm(Utf8(word));
}

/// Words in capitals only may be abbreviations, whose letters make others: CTPV and CTAP are no
/// misspellings of CTPA. PRSE and ATRIB are.
bool MayBeSlip(const Run& label, const Run& other) {
  if (label.writing == Writing::kCode || other.writing == Writing::kCode) return false;
  const std::u32string& word = label.text;
  const std::u32string& right = other.text;
  const size_t letters = std::min(word.size(), right.size());
  if (label.writing == Writing::kWord && other.writing == Writing::kWord) {
    return letters >= kLettersForSlip &&
           (SwapNeighbours(word, right) || DoublesLetter(word, right) ||
            LacksLetterInside(word, right) || LacksAccent(word, right));
  }
  if (IsKnownAbbreviation(Utf8(right))) return false;
  return (letters >= kCapitalsForSwap && SwapNeighbours(word, right)) ||
         (letters >= kLettersForSlip && DoublesLetter(word, right));
}

bool MisspellsWord(const Run& label, const Run& other) {
  const std::u32string& word = label.text;
  const std::u32string& right = other.text;
  return IsSmallLetter(word[0]) && word[0] == right[0] && MayBeSlip(label, other) &&
         (DoublesLetter(word, right) || !AreNumbersOfOne(word, right)) &&
         !DifferInMeaningfulPart(word, right) && !IsKnown(word);
}

bool Misspells(const Spelling& label, const Spelling& right) {
  if (!label.joined.empty() && label.joined == right.joined) return true;
  if (!label.alphabetic || !right.alphabetic || label.runs.size() != right.runs.size()) {
    return false;
  }
  const auto same = [](const Run& a, const Run& b) { return a.text == b.text; };
  const auto [a, b] = std::mismatch(label.runs.begin(), label.runs.end(), right.runs.begin(), same);
  return a != label.runs.end() && std::equal(a + 1, label.runs.end(), b + 1, same) &&
         MisspellsWord(*a, *b);
}

}  // namespace

void LabelSpelling::Decide() {
  right_.clear();
  std::vector<Spelling> spellings;
  for (const auto& [label, count] : counts_) spellings.push_back(TakeApart(label, count));
  std::vector<const Spelling*> frequent;  // few, even where labels are free text
  for (const Spelling& each : spellings) {
    if (each.count >= kRarer) frequent.push_back(&each);
  }
  for (const Spelling& label : spellings) {
    const Spelling* best = nullptr;
    for (const Spelling* other : frequent) {
      if (other->count < kRarer * label.count || (best != nullptr && other->count <= best->count)) {
        continue;
      }
      if (Misspells(label, *other)) best = other;
    }
    if (best != nullptr) right_[std::string(label.label)] = best->label;
  }
}

const std::string& LabelSpelling::Right(const std::string& label) const {
  const auto right = right_.find(label);
  return right == right_.end() ? label : right->second;
}

}  // namespace roentgen
