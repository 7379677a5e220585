#include "roentgen/assistant/named_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "roentgen/language/clause_reading.h"
#include "roentgen/language/clauses.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum CueKind;

template <size_t kCount>
bool IsOneOf(std::string_view word, const std::array<std::string_view, kCount>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsEnglish(std::string_view content) {
  return (content[0] & 0x80) == 0;
}

std::string_view Singular(std::string_view word) {
  const bool plural = word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") &&
                      !word.ends_with("is") && !word.ends_with("us");
  return word.substr(0, word.size() - (plural ? 1 : 0));
}

/// The words of an English phrase in the singular, without sides.
std::string EnglishName(std::string_view phrase) {
  static constexpr std::array<std::string_view, 6> kSides = {"left",  "right",     "both",
                                                             "sided", "bilateral", "side"};
  std::string name;
  for (size_t begin = 0; begin < phrase.size();) {
    const size_t end = std::min(phrase.find(' ', begin), phrase.size());
    const std::string_view word = phrase.substr(begin, end - begin);
    if (!word.empty() && !IsOneOf(word, kSides)) {
      if (!name.empty()) name += ' ';
      name += Singular(word);
    }
    begin = end + 1;
  }
  return name;
}

std::string ChineseName(std::string_view phrase) {
  static constexpr std::array<std::string_view, 8> kSides = {"左侧", "右侧", "双侧", "两侧",
                                                             "左",   "右",   "双",   "两"};
  constexpr std::string_view kInPlace = "在位";
  if (phrase.ends_with(kInPlace)) phrase.remove_suffix(kInPlace.size());
  std::string name;
  while (!phrase.empty()) {
    const auto side = std::find_if(kSides.begin(), kSides.end(),
                                   [&](std::string_view text) { return phrase.starts_with(text); });
    const size_t length = side != kSides.end() ? side->size() : ReadUtf8(phrase, 0).length;
    if (side == kSides.end() && phrase[0] != ' ') name += phrase.substr(0, length);
    phrase.remove_prefix(length);
  }
  return name;
}

std::string NameOf(std::string_view phrase) {
  return IsEnglish(phrase) ? EnglishName(phrase) : ChineseName(phrase);
}

/// The phrases that the mark of an enumeration parts.
std::vector<std::string_view> Enumerated(std::string_view content) {
  constexpr std::string_view kMark = "、";
  std::vector<std::string_view> phrases;
  for (size_t at; (at = content.find(kMark)) != std::string_view::npos;) {
    phrases.push_back(content.substr(0, at));
    content.remove_prefix(at + kMark.size());
  }
  phrases.push_back(content);
  return phrases;
}

/// Whether a clause states nothing that another one could deny.
bool IsNoStatement(const Clause& clause) {
  static constexpr std::array<std::string_view, 5> kWishes = {"for", "if", "would", "should",
                                                              "considered"};
  static constexpr std::array<std::string_view, 4> kPastEnglish = {"history", "prior", "previous",
                                                                   "post"};
  static constexpr std::array<std::string_view, 3> kPastChinese = {"既往", "病史", "术后"};
  const auto is_past = [](std::string_view text) {
    const std::string words = fmt::format(" {} ", text);
    return std::any_of(kPastEnglish.begin(), kPastEnglish.end(),
                       [&](std::string_view past) {
                         return words.find(fmt::format(" {} ", past)) != std::string::npos;
                       }) ||
           std::any_of(kPastChinese.begin(), kPastChinese.end(), [&](std::string_view past) {
             return text.find(past) != std::string_view::npos;
           });
  };
  return clause.asks ||
         std::any_of(clause.words.begin(), clause.words.end(), [&](const ClauseWord& word) {
           return (word.cue == nullptr && is_past(word.text)) || IsOneOf(word.text, kWishes) ||
                  HasAny(word, {kDoubt, kUnknown, kInability, kQuestion, kExclusion, kExcept, kRest,
                                kNormal, kNoDenial});
         });
}

bool Denies(const ClauseWord& word) {
  return HasAny(word, {kDenial, kAbsence, kNoAlone});
}

/// The words between which a clause names what it speaks of: behind its denial, or before one that
/// nothing follows. None where a denial is of a word ("not large") or only of some place.
Words ReachOf(const Words& words, Words::const_iterator denial) {
  const auto has_content = [](Words::const_iterator begin, Words::const_iterator end) {
    return std::any_of(begin, end, [](const ClauseWord& word) { return word.cue == nullptr; });
  };
  if (denial == words.end()) return words;
  const bool before = has_content(words.begin(), denial);
  const auto turn = std::find_if(denial, words.end(), [](const ClauseWord& word) {
    return word.text == "but" || word.text == "但";
  });
  if (!has_content(denial, turn)) return {words.begin(), denial};
  const bool none = denial->Is(kAbsence) || (denial + 1)->text == "any";  // "there is not any"
  if (before || !none) return {};
  return {denial + 1, turn};
}

}  // namespace

std::vector<NamedFinding> NamedFindings(std::string_view sentence) {
  // What may change or be compared without being a finding; what is abnormal in general.
  static constexpr std::array<std::string_view, 8> kGeneral = {
      "change", "comparison", "abnormality", "finding", "变化", "改变", "异常", "病变"};
  constexpr size_t kShortest = 4;  // bytes
  std::vector<NamedFinding> findings;
  const std::string form = ClauseForm(sentence);
  for (const Clause& clause : SplitClauses(form)) {
    if (IsNoStatement(clause)) continue;
    const auto denial = std::find_if(clause.words.begin(), clause.words.end(), Denies);
    const std::string_view last = clause.words.back().text;
    const char* begin = clause.words.front().text.data();
    const std::string text(begin, static_cast<size_t>(last.data() + last.size() - begin));
    for (const ClauseWord& word : ReachOf(clause.words, denial)) {
      if (word.cue != nullptr) continue;
      for (const std::string_view phrase : Enumerated(word.text)) {
        const std::string_view head = phrase.empty() ? phrase : BeforePreposition(phrase);
        if (head.empty() || NamesStructure(head)) continue;
        const std::string name = NameOf(head);
        if (name.size() < kShortest || IsOneOf(name, kGeneral)) continue;
        const std::string_view place = phrase.substr(head.size());
        findings.push_back({name, place.empty() ? std::string() : NameOf(place),
                            denial == clause.words.end(), text});
      }
    }
  }
  return findings;
}

std::string WithoutSides(std::string_view sentence) {
  const std::string form = ClauseForm(sentence);
  const std::vector<Clause> clauses = SplitClauses(form);
  if (clauses.size() != 1 || IsNoStatement(clauses[0])) return "";
  std::string name;
  for (const ClauseWord& word : clauses[0].words) {
    if (Denies(word)) return "";
    if (word.cue == nullptr && !NameOf(word.text).empty()) name += NameOf(word.text) + ' ';
  }
  return name;
}

bool IsDenied(const NamedFinding& there, const NamedFinding& denied) {
  if (!there.name.ends_with(denied.name)) return false;
  if (!denied.place.empty() && denied.place != there.place) return false;
  const size_t more = there.name.size() - denied.name.size();
  return more == 0 || !IsEnglish(denied.name) || there.name[more - 1] == ' ';
}

}  // namespace roentgen
