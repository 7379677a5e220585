#include "roentgen/evaluation/llava_med.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

/// A comma between two digits anywhere: then all punctuation goes without a blank in its place.
bool HasGroupedNumber(std::string_view text) {
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == ',' && IsDigit(text[i - 1]) && IsDigit(text[i + 1])) return true;
  }
  return false;
}

/// Full stops that no digit follows go; the script's own limit is 32 of them.
std::string WithoutFullStops(std::string_view text) {
  std::string kept;
  int removed = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool goes =
        text[i] == '.' && removed < 32 && (i + 1 == text.size() || !IsDigit(text[i + 1]));
    if (goes) {
      ++removed;
    } else {
      kept += text[i];
    }
  }
  return kept;
}

std::string AsDigits(const std::string& word) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 12> kNumbers = {
      {{"none", "0"},
       {"zero", "0"},
       {"one", "1"},
       {"two", "2"},
       {"three", "3"},
       {"four", "4"},
       {"five", "5"},
       {"six", "6"},
       {"seven", "7"},
       {"eight", "8"},
       {"nine", "9"},
       {"ten", "10"}}};
  for (const auto& [name, digits] : kNumbers) {
    if (word == name) return digits;
  }
  return word;
}

std::map<std::string, size_t> CountWords(std::string_view answer) {
  std::map<std::string, size_t> counts;
  const std::string form =
      LlavaMedForm(LlavaMedForm(Lowercase(answer)));  // the script's twice, too
  for (std::string& word : SplitAtBlanks(form)) ++counts[std::move(word)];
  return counts;
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void Score(const AnswerPair& pair, std::span<double> to) {
  std::fill(to.begin(), to.end(), kUndefined);
  if (!pair.closed) {
    const LlavaMedOverlap open = ScoreLlavaMedOpen(pair.prediction, pair.reference);
    to[0] = open.recall;
    to[1] = open.precision;
    to[2] = open.f1;
    to[3] = open.exact;
    return;
  }
  const std::string said = LlavaMedForm(Lowercase(pair.prediction));
  const bool says_either = Contains(said, "yes") || Contains(said, "no");
  const bool hit = says_either && Contains(said, LlavaMedForm(Lowercase(pair.reference)));
  to[4] = hit ? 1 : 0;
  to[5] = hit ? 1 : says_either ? kUndefined : 0;  // wrong ones are not counted: see the docs
}

}  // namespace

std::string LlavaMedForm(std::string_view answer) {
  const std::string original(answer);
  const bool grouped = HasGroupedNumber(answer);
  std::string text = original;
  for (const char c : std::string_view(";/[]\"{}()=+\\_-><@`,?!")) {
    const bool at_edge =
        Contains(original, std::string{c, ' '}) || Contains(original, std::string{' ', c});
    text = Replace(std::move(text), {&c, 1}, at_edge || grouped ? "" : " ");
  }
  std::vector<std::string> words;
  for (const std::string& word : SplitAtBlanks(Lowercase(WithoutFullStops(text)))) {
    if (word != "a" && word != "an" && word != "the") words.push_back(AsDigits(word));
  }
  return Replace(Join(words, " "), ",", "");
}

LlavaMedOverlap ScoreLlavaMedOpen(std::string_view prediction, std::string_view reference) {
  const std::map<std::string, size_t> predicted = CountWords(prediction);
  const std::map<std::string, size_t> expected = CountWords(reference);
  size_t shared = 0;  // words said that are expected
  size_t shared_distinct = 0;
  size_t said = 0;
  for (const auto& [word, count] : predicted) {
    said += count;
    if (!expected.contains(word)) continue;
    shared += count;
    ++shared_distinct;
  }
  size_t missed = 0;
  for (const auto& [word, count] : expected) missed += predicted.contains(word) ? 0 : count;

  LlavaMedOverlap scores;
  if (shared == 0) return scores;
  scores.exact = static_cast<double>(shared_distinct) / static_cast<double>(said);
  scores.precision = static_cast<double>(shared) / static_cast<double>(said);
  scores.recall = static_cast<double>(shared) / static_cast<double>(shared + missed);
  scores.f1 = 2 * scores.precision * scores.recall / (scores.precision + scores.recall);
  return scores;
}

const Scorer& LlavaMedScorer() {
  static const Scorer kScorer = {"llava-med",
                                 "LLaVA-Med's evaluation (Li et al. 2023)",
                                 {{"open_recall"},
                                  {"open_precision"},
                                  {"open_f1"},
                                  {"open_exact"},
                                  {"closed_accuracy"},
                                  {"closed_accuracy_as_in_their_script"}},
                                 Score,
                                 RefuseChineseReference};
  return kScorer;
}

}  // namespace roentgen
