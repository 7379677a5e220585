#include "roentgen/language/answer_writing.h"

#include <array>
#include <cstddef>
#include <regex>
#include <utility>
#include <vector>

#include "roentgen/language/synonyms.h"
#include "roentgen/language/word_edges.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

void Replace(std::string_view from, std::string_view to, std::string& text) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// Greek letters but μ, which is micro.
void SpellGreek(std::string& text) {
  static constexpr auto kLetters =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"α", "alpha"},
                                                                    {"β", "beta"},
                                                                    {"γ", "gamma"},
                                                                    {"δ", "delta"},
                                                                    {"ε", "epsilon"},
                                                                    {"ζ", "zeta"},
                                                                    {"η", "eta"},
                                                                    {"θ", "theta"},
                                                                    {"κ", "kappa"},
                                                                    {"λ", "lambda"},
                                                                    {"ξ", "xi"},
                                                                    {"π", "pi"},
                                                                    {"ρ", "rho"},
                                                                    {"σ", "sigma"},
                                                                    {"τ", "tau"},
                                                                    {"φ", "phi"},
                                                                    {"χ", "chi"},
                                                                    {"ψ", "psi"},
                                                                    {"ω", "omega"}});
  for (const auto& [letter, name] : kLetters) Replace(letter, name, text);
}

/// What follows "1. ", "2)", "(3)" or 4、 as an item's number at this place: its bytes, or 0.
size_t ItemMark(std::string_view text, size_t at, size_t number) {
  const bool open = text.substr(at).starts_with('(');
  const std::string digits = std::to_string(number);
  size_t end = at + (open ? 1 : 0);
  if (!text.substr(end).starts_with(digits)) return 0;
  end += digits.size();
  const std::string_view rest = text.substr(end);
  if (rest.starts_with(')')) return end + 1 - at;
  if (open) return 0;
  if (rest.starts_with("、")) return end + std::string_view("、").size() - at;
  const bool point = rest.starts_with('.') && rest.size() > 1 && !IsDigit(rest[1]);
  return point ? end + 1 - at : 0;
}

/// The items of a list that begins with the first, apart by commas.
std::string WithoutItemNumbers(std::string_view text) {
  std::string items;
  size_t number = 1;
  size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos || ItemMark(text, begin, 1) == 0) return std::string(text);
  for (size_t at = begin; at < text.size();) {
    const bool edge = at == 0 || (!IsDigit(text[at - 1]) && !IsLatin(text[at - 1]));
    if (const size_t mark = edge ? ItemMark(text, at, number) : 0) {
      if (number++ > 1) items += ", ";
      at += mark;
    } else {
      const size_t length = ReadUtf8(text, at).length;
      items += text.substr(at, length);
      at += length;
    }
  }
  return number > 2 ? items : std::string(text);
}

struct Pattern {
  std::regex from;
  const char* to;
};

std::string Rewritten(std::string text, const std::vector<Pattern>& patterns) {
  for (const auto& [from, to] : patterns) text = std::regex_replace(text, from, to);
  return text;
}

/// "third lumbar vertebra" and "L3 vertebra" as "l3".
std::string WithVertebraNames(std::string text) {
  static const std::regex kOrdinal(
      R"(\b([a-z]+|[0-9]+(?:st|nd|rd|th)) (cervical|thoracic|lumbar|sacral) vertebra\b)");
  static constexpr auto kOrdinals = std::to_array<std::string_view>(
      {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
       "tenth", "eleventh", "twelfth"});
  std::smatch found;
  if (text.find("vertebra") == text.npos) return text;
  if (std::regex_search(text, found, kOrdinal)) {
    std::string number = found[1].str();
    if (IsDigit(number[0])) {
      number.resize(number.size() - 2);
    } else {
      size_t ordinal = 0;
      while (ordinal < kOrdinals.size() && kOrdinals[ordinal] != number) ++ordinal;
      number = ordinal == kOrdinals.size() ? "" : std::to_string(ordinal + 1);
    }
    const std::string name = found[2].str().substr(0, 1) + number;
    if (!number.empty()) return found.prefix().str() + name + found.suffix().str();
  }
  static const std::regex kNamed(R"(\b([ctls][0-9]+) vertebra\b)");
  return std::regex_replace(text, kNamed, "$1");
}

constexpr size_t kLongest = 2000;  // bytes: no more is an answer of a few words

}  // namespace

std::string WithOneWriting(std::string_view folded) {
  static const std::vector<Pattern> kPatterns = {
      {std::regex(R"(\b(?:square|sq) (mm|cm|millimet|centimet)(?:ers?|res?)?\b)"), "$1@2"},
      {std::regex(R"(\bcubic (mm|cm|millimet|centimet)(?:ers?|res?)?\b)"), "$1@3"},
      {std::regex(R"(\bmillimet@)"), "mm"},
      {std::regex(R"(\bcentimet@)"), "cm"},
      {std::regex(R"(\b(mm|cm)@)"), "$1"},
      {std::regex("颈(?=[0-9]+ ?[-/~] ?(?:[0-9]|颈|胸))"), "c"},
      {std::regex("胸(?=[0-9]+ ?[-/~] ?(?:[0-9]|胸|腰))"), "t"},
      {std::regex("腰(?=[0-9]+ ?[-/~] ?(?:[0-9]|腰|骶))"), "l"},
      {std::regex("([-/~] ?)颈(?=[0-9])"), "$1c"},
      {std::regex("([-/~] ?)胸(?=[0-9])"), "$1t"},
      {std::regex("([-/~] ?)腰(?=[0-9])"), "$1l"},
      {std::regex("([-/~] ?)骶(?=[0-9])"), "$1s"},
      {std::regex(R"(([a-z])\^([23])(?![0-9]))"), "$1$2"},
      {std::regex(
           R"(([0-9]) ?(?:beats per minute|beats ?/ ?min(?:ute)?|/ ?min(?:ute)?|次/分(?:钟)?)(?![a-z]))"),
       "$1 bpm"},
      {std::regex(R"(([0-9]) */ *(?=[0-9]))"), "$1/"},
      {std::regex(R"(\b([ctls])([0-9]{1,2}) ?[-/~] ?([ctls])([0-9]{1,2})\b)"), "$1$2/$3$4"},
      {std::regex(R"(\b([ctls])([0-9]{1,2})[-/~]([0-9]{1,2})\b)"), "$1$2/$1$3"},
      {std::regex(
           R"(([0-9]),([0-9]{1,2})(?= ?(?:mm|cm|m|ml|l|g|mg|kg|%|t|mmol|hu|cc|厘米|毫米|升|毫升|克)[23]?(?:[^a-z0-9]|$)))"),
       "$1.$2"}};
  std::string text = WithoutItemNumbers(folded);
  SpellGreek(text);
  if (text.size() > kLongest || text.find_first_of("0123456789") == text.npos) return text;
  return Rewritten(std::move(text), kPatterns);
}

std::string WithOneNaming(std::string_view form) {
  static const std::vector<Pattern> kPatterns = {
      {std::regex("第([0-9]+)颈椎(?:(?:椎)?体)?"), "c$1"},
      {std::regex("第([0-9]+)胸椎(?:(?:椎)?体)?"), "t$1"},
      {std::regex("第([0-9]+)腰椎(?:(?:椎)?体)?"), "l$1"},
      {std::regex("第([0-9]+)骶椎(?:(?:椎)?体)?"), "s$1"},
      {std::regex("颈([0-9]+)椎(?:体)?"), "c$1"},
      {std::regex("胸([0-9]+)椎(?:体)?"), "t$1"},
      {std::regex("腰([0-9]+)椎(?:体)?"), "l$1"},
      {std::regex("骶([0-9]+)椎(?:体)?"), "s$1"},
      {std::regex("^颈([0-9]+)$"), "c$1"},
      {std::regex("^胸([0-9]+)$"), "t$1"},
      {std::regex("^腰([0-9]+)$"), "l$1"},
      {std::regex("^骶([0-9]+)$"), "s$1"},
      {std::regex("^([ctls][0-9]+)椎(?:体)?$"), "$1"},
      {std::regex("(左|右|双)(上|中|下)(?:肺)?叶"), "$1肺$2叶"},
      {std::regex("(左|右|双)(上|中|下)肺(野|部)?(?!叶)"), "$1肺$2部"},
      {std::regex("肺(上|中|下)野"), "肺$1部"},
      {std::regex("(?:\\b1 )?\\bhalf\\b"), "1/2"},
      {std::regex("一半"), "1/2"},
      {std::regex("\\bonce\\b"), "1 times"},
      {std::regex("\\btwice\\b"), "2 times"}};
  bool named = form.size() <= kLongest && form.find_first_of("0123456789") != form.npos;
  for (const std::string_view part : {"肺", "叶", "half", "一半", "once", "twice", "vertebra"}) {
    named = named || (form.size() <= kLongest && form.find(part) != form.npos);
  }
  std::string text(form);
  if (named) text = WithVertebraNames(Rewritten(std::move(text), kPatterns));
  constexpr std::string_view kOf = " of ";  // "ct scan of chest" is "chest ct"
  if (const auto name = NameAt(text, 0)) {
    const std::string_view rest = std::string_view(text).substr(name->length);
    const bool whole = rest.starts_with(kOf) && rest.find(kOf, 1) == rest.npos;
    if (whole) return std::string(rest.substr(kOf.size())) + ' ' + std::string(name->form);
  }
  return text;
}

}  // namespace roentgen
