#include "roentgen/data/label_spelling.h"

#include <utf8proc.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "roentgen/language/medical_terms.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr size_t kRarer = 20;
constexpr size_t kLettersForDistance = 4;

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

/// FoldText as code points, without blanks and punctuation at the edges.
std::u32string Folded(std::string_view label) {
  std::u32string folded;
  const std::string text = FoldText(label);
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    folded += step.code_point;
    at += step.length;
  }
  constexpr std::u32string_view kEdges = U" \n.,;:、。";
  const size_t begin = folded.find_first_not_of(kEdges);
  if (begin == folded.npos) return folded;
  return folded.substr(begin, folded.find_last_not_of(kEdges) + 1 - begin);
}

/// What spellings of one label have in common: without blanks, but between digits, and without
/// hyphens between letters. "x-ray" and "x ray" are "xray"; "t2 -1" stays.
std::u32string Joined(std::u32string_view folded) {
  constexpr std::u32string_view kJoints = U" \n-_";
  std::u32string joined;
  for (size_t at = 0; at < folded.size();) {
    const size_t end = std::min(folded.find_first_not_of(kJoints, at), folded.size());
    const std::u32string_view joint = folded.substr(at, end - at);
    const char32_t before = at == 0 ? U' ' : folded[at - 1];
    const char32_t after = end == folded.size() ? U' ' : folded[end];
    const bool blank = std::all_of(joint.begin(), joint.end(), IsBlank);
    const bool joins = blank ? !(IsDigit(before) && IsDigit(after))
                             : IsSmallLetter(before) && IsSmallLetter(after);
    if (!joins) joined += joint;
    if (end < folded.size()) joined += folded[end];
    at = end + 1;
  }
  return joined;
}

/// A label taken apart for comparing.
struct Spelling {
  std::string_view label;
  size_t count = 0;
  std::u32string joined;
  std::vector<std::u32string> runs;  // of letters, and of what stands between them
  bool alphabetic = true;            // has no letters of other scripts
};

Spelling TakeApart(std::string_view label, size_t count) {
  const std::u32string folded = Folded(label);
  Spelling spelling = {label, count, Joined(folded), {}, true};
  for (size_t at = 0; at < folded.size(); ++at) {
    const bool letter = IsSmallLetter(folded[at]);
    if (!letter && ClassOf(folded[at]) == CharClass::kLetter) spelling.alphabetic = false;
    if (at == 0 || letter != IsSmallLetter(folded[at - 1])) spelling.runs.emplace_back();
    spelling.runs.back() += folded[at];
  }
  return spelling;
}

/// One letter added, left out or changed, or two neighbours swapped.
bool OneEditApart(std::u32string_view a, std::u32string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const size_t same =
      static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  a.remove_prefix(same);
  b.remove_prefix(same);
  if (a.size() < b.size()) return a == b.substr(1);
  if (a.empty()) return false;
  const bool swapped = a.size() > 1 && a[0] == b[1] && a[1] == b[0];
  return a.substr(1) == b.substr(1) || (swapped && a.substr(2) == b.substr(2));
}

bool IsPlural(std::u32string_view word, std::u32string_view other) {
  return word.size() == other.size() + 1 && word.starts_with(other) && word.back() == U's';
}

bool IsKnown(std::u32string_view word) {
  std::string text;
  for (const char32_t c : word) AppendUtf8(c, text);
  return IsKnownTerm(text);
}

bool MisspellsWord(const std::u32string& word, const std::u32string& right) {
  return std::min(word.size(), right.size()) >= kLettersForDistance && IsSmallLetter(word[0]) &&
         word[0] == right[0] && OneEditApart(word, right) && !IsPlural(word, right) &&
         !IsPlural(right, word) && !IsKnown(word);
}

bool Misspells(const Spelling& label, const Spelling& right) {
  if (!label.joined.empty() && label.joined == right.joined) return true;
  if (!label.alphabetic || !right.alphabetic || label.runs.size() != right.runs.size()) {
    return false;
  }
  const auto [a, b] = std::mismatch(label.runs.begin(), label.runs.end(), right.runs.begin());
  return a != label.runs.end() && std::equal(a + 1, label.runs.end(), b + 1) &&
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
