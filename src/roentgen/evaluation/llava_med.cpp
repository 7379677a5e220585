#include "roentgen/evaluation/llava_med.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool DigitAt(std::string_view text, size_t at) {
  return at < text.size() && IsPythonDigit(ReadUtf8(text, at).code_point);
}

/// A comma between two digits anywhere: then all punctuation goes without a blank in its place.
bool HasGroupedNumber(std::string_view text) {
  bool digit = false;  // before `at`
  for (size_t at = 0; at < text.size();) {
    if (text[at] == ',' && digit && DigitAt(text, at + 1)) return true;
    digit = DigitAt(text, at);
    at += ReadUtf8(text, at).length;
  }
  return false;
}

/// Full stops that no digit follows go; the script's own limit is 32 of them.
std::string WithoutFullStops(std::string_view text) {
  std::string kept;
  int removed = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool goes = text[i] == '.' && removed < 32 && !DigitAt(text, i + 1);
    if (goes) {
      ++removed;
    } else {
      kept += text[i];
    }
  }
  return kept;
}

using Words = std::vector<std::string_view>;

/// An ending of contracted words, as it is written without one of its apostrophes, and the words
/// that the script knows it of. (It also has some in capitals, which it never meets.)
struct Contraction {
  std::string_view bare;
  std::string_view full;
  Words stems;
};

/// With its apostrophes: isnt, couldn'tve. Other words stay as they are.
std::string WithApostrophes(const std::string& word) {
  static const Words kNotHave = {"could", "had", "might", "should", "would"};
  static const Words kWouldHave = {"he",    "it",   "she", "somebody", "someone", "something",
                                   "there", "they", "we",  "who",      "you",     "y'all"};
  static const std::array<Contraction, 12> kContractions = {
      {{"nt", "n't", {"ai",    "are", "ca",     "could", "did",   "does", "do",
                      "had",   "has", "have",   "is",    "might", "must", "need",
                      "ought", "sha", "should", "was",   "were",  "wo",   "would"}},
       {"nt've", "n't've", kNotHave},
       {"n'tve", "n't've", kNotHave},
       {"d",
        "'d",
        {"he", "how", "it", "someone", "something", "there", "they", "where", "who", "you"}},
       {"d've", "'d've", kWouldHave},
       {"'dve", "'d've", kWouldHave},
       {"ve",
        "'ve",
        {"could", "might", "must", "not", "should", "they", "we", "what", "where", "who", "would",
         "you"}},
       {"s",
        "'s",
        {"he", "how", "somebody", "someone", "that", "there", "what", "when", "where", "who",
         "why"}},
       {"ll",
        "'ll",
        {"how", "it", "somebody", "someone", "something", "they", "what", "who", "why", "you",
         "y'all"}},
       {"re", "'re", {"there", "they", "what", "why", "you"}},
       {"am", "'am", {"ma"}},
       {"clock", "'clock", {"o"}}}};
  if (word == "somebody'd") return "somebodyd";  // the script's own mistake
  if (word == "twas") return "'twas";
  if (word == "ow's'at" || word == "'ows'at" || word == "'ow'sat") return "'ow's'at";
  if (word == "yall" || word == "yall'll" || word == "yall'd've") return "y'" + word.substr(1);
  for (const auto& [bare, full, stems] : kContractions) {
    if (!word.ends_with(bare)) continue;
    const std::string stem = word.substr(0, word.size() - bare.size());
    if (std::find(stems.begin(), stems.end(), stem) != stems.end()) return stem + std::string(full);
  }
  return word;
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

std::map<std::string, size_t> CountWords(std::string_view answer, int passes) {
  std::map<std::string, size_t> counts;
  std::string form = Lowercase(answer);
  for (int pass = 0; pass < passes; ++pass) form = LlavaMedForm(form);
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
    if (word != "a" && word != "an" && word != "the") {
      words.push_back(WithApostrophes(AsDigits(word)));
    }
  }
  return Replace(Join(words, " "), ",", "");
}

LlavaMedOverlap ScoreLlavaMedOpen(std::string_view prediction, std::string_view reference,
                                  int passes) {
  const std::map<std::string, size_t> predicted = CountWords(prediction, passes);
  const std::map<std::string, size_t> expected = CountWords(reference, passes);
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
