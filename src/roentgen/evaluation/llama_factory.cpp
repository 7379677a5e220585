#include "roentgen/evaluation/llama_factory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "roentgen/evaluation/overlap.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

/// Characters that jieba looks at together; all others are words of their own.
bool InBlock(std::string_view character) {
  if (character.size() > 1) return HasHan(character);
  return IsAlphanumeric(character[0]) ||
         std::string_view("+#&._%-").find(character[0]) != std::string_view::npos;
}

/// The length of jieba's [a-zA-Z0-9]+(\.\d+)?%? at the beginning of the text, 0 where there is
/// none.
size_t NumberOrWordLength(std::string_view text) {
  const auto run = [&](size_t from, bool (*is)(char)) {
    while (from < text.size() && is(text[from])) ++from;
    return from;
  };
  size_t end = run(0, IsAlphanumeric);
  if (end == 0) return 0;
  if (end < text.size() && text[end] == '.') {
    if (const size_t digits = run(end + 1, IsDigit); digits > end + 1) end = digits;
  }
  if (end < text.size() && text[end] == '%') ++end;
  return end;
}

/// Words of a piece that has none of the dictionary's: names and numbers, and what lies between.
void CutUnknown(std::string_view piece, std::vector<std::string>& words) {
  std::string between;
  const auto flush = [&] {
    if (!between.empty()) words.push_back(std::exchange(between, {}));
  };
  while (!piece.empty()) {
    if (const size_t length = NumberOrWordLength(piece); length > 0) {
      flush();
      words.emplace_back(piece.substr(0, length));
      piece.remove_prefix(length);
    } else {
      between += piece[0];
      piece.remove_prefix(1);
    }
  }
  flush();
}

/// Words of a block of Latin letters, digits and some signs.
void CutLatin(std::string_view block, std::vector<std::string>& words) {
  // The only entries of jieba's dictionary without a Han character.
  static constexpr std::array<std::string_view, 5> kKnown = {"AT&T", "c++", "C++", "c#", "C#"};
  size_t unknown = 0;  // where the piece before began
  for (size_t at = 0; at < block.size();) {
    const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](std::string_view word) {
      return block.substr(at).starts_with(word);
    });
    if (known == kKnown.end()) {
      ++at;
      continue;
    }
    CutUnknown(block.substr(unknown, at - unknown), words);
    words.emplace_back(*known);
    at += known->size();
    unknown = at;
  }
  CutUnknown(block.substr(unknown), words);
}

bool IsOneOf(const std::string& character, std::initializer_list<const char*> set) {
  return std::find(set.begin(), set.end(), character) != set.end();
}

/// A place where rouge-chinese puts a line break: behind `length` characters that end a sentence,
/// when one that does not belong to it follows.
struct SentenceEnd {
  size_t length;
  bool (*ends)(std::span<const std::string> characters);
  bool (*continues)(const std::string& next);
};

bool ClosesQuote(const std::string& character) {
  return IsOneOf(character, {"”", "’"});
}
bool EndsSentence(const std::string& character) {
  return IsOneOf(character, {"。", "！", "？", "?"});
}
bool All(std::span<const std::string> characters, const char* what) {
  return std::all_of(characters.begin(), characters.end(),
                     [what](const std::string& c) { return c == what; });
}

// In the order of its four substitutions.
constexpr std::array<SentenceEnd, 4> kSentenceEnds = {{
    {1, [](std::span<const std::string> c) { return EndsSentence(c[0]); }, ClosesQuote},
    {6, [](std::span<const std::string> c) { return All(c, "."); }, ClosesQuote},
    {2, [](std::span<const std::string> c) { return All(c, "…"); }, ClosesQuote},
    {2, [](std::span<const std::string> c) { return EndsSentence(c[0]) && ClosesQuote(c[1]); },
     [](const std::string& next) { return next == "，" || EndsSentence(next); }},
}};

/// One substitution over the whole text: a match takes the next character with it, which therefore
/// begins no other match.
std::vector<std::string> BreakSentences(const std::vector<std::string>& text,
                                        const SentenceEnd& end) {
  std::vector<std::string> broken;
  for (size_t at = 0; at < text.size();) {
    const bool match = at + end.length < text.size() &&
                       end.ends(std::span(text).subspan(at, end.length)) &&
                       !end.continues(text[at + end.length]);
    const size_t taken = match ? end.length : 1;
    broken.insert(broken.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                  text.begin() + static_cast<std::ptrdiff_t>(at + taken));
    at += taken;
    if (match) {
      broken.emplace_back("\n");
      broken.push_back(text[at++]);
    }
  }
  return broken;
}

/// The words that rouge-chinese compares: those of all sentences, without blanks. A sentence of
/// blanks has one empty word.
std::vector<std::string> RougeWords(std::span<const std::string> words) {
  std::vector<std::string> text =
      SplitCharacters(Join(std::vector<std::string>(words.begin(), words.end()), " "));
  for (const SentenceEnd& end : kSentenceEnds) text = BreakSentences(text, end);
  const std::string joined = Join(text, "");
  const std::string_view stripped = Strip(joined);
  // Only the end is stripped.
  const std::string_view all = std::string_view(joined).substr(
      0, static_cast<size_t>(stripped.data() - joined.data()) + stripped.size());
  std::vector<std::string> flat;
  for (size_t begin = 0; begin <= all.size();) {
    const size_t end = std::min(all.find('\n', begin), all.size());
    const std::string_view sentence = all.substr(begin, end - begin);
    if (!sentence.empty()) {
      std::vector<std::string> of_sentence = SplitAtBlanks(sentence);
      if (of_sentence.empty()) of_sentence.emplace_back();
      flat.insert(flat.end(), of_sentence.begin(), of_sentence.end());
    }
    begin = end + 1;
  }
  return flat;
}

bool IsBlank(std::span<const std::string> words) {
  return std::all_of(words.begin(), words.end(),
                     [](const std::string& word) { return Strip(word).empty(); });
}

/// rouge's F, with its small number against a division by 0.
double RougeF(size_t common, size_t in_prediction, size_t in_reference) {
  if (common == 0) return 0;
  const double precision = static_cast<double>(common) / static_cast<double>(in_prediction);
  const double recall = static_cast<double>(common) / static_cast<double>(in_reference);
  return 2.0 * ((precision * recall) / (precision + recall + 1e-8));
}

/// round(100 · score, 4) of Python: through decimal digits, so that the result is the same double.
double PercentRounded(double score) {
  return std::strtod(fmt::format("{:.4f}", score * 100).c_str(), nullptr);
}

void Score(const AnswerPair& pair, std::span<double> to) {
  const LlamaFactoryScores scores =
      ScoreLlamaFactory(CutWithoutDictionary(pair.prediction), CutWithoutDictionary(pair.reference),
                        pair.prediction, pair.reference);
  to[0] = scores.bleu4;
  to[1] = scores.rouge1;
  to[2] = scores.rouge2;
  to[3] = scores.rouge_l;
}

std::vector<ScoreValue> Values() {
  return {{"bleu-4", ScoreUnit::kPercent},
          {"rouge-1", ScoreUnit::kPercent},
          {"rouge-2", ScoreUnit::kPercent},
          {"rouge-l", ScoreUnit::kPercent}};
}

std::optional<std::string> RefuseHan(const AnswerPair& pair) {
  if (!HasHan(pair.prediction) && !HasHan(pair.reference)) return std::nullopt;
  return "LLaMA-Factory cuts Chinese into words with jieba's dictionary, which is not here; "
         "llama-factory-characters takes characters for words";
}

}  // namespace

LlamaFactoryScores ScoreLlamaFactory(std::span<const std::string> prediction_words,
                                     std::span<const std::string> label_words,
                                     std::string_view prediction, std::string_view label) {
  LlamaFactoryScores scores;
  if (!IsBlank(prediction_words) && !IsBlank(label_words)) {
    const TokenPair words = NumberTokens(RougeWords(prediction_words), RougeWords(label_words));
    const auto of_n_grams = [&](size_t n) {
      const NGramOverlap overlap = CountDistinctNGrams(words, n);
      return PercentRounded(RougeF(overlap.common, overlap.in_prediction, overlap.in_reference));
    };
    scores.rouge1 = of_n_grams(1);
    scores.rouge2 = of_n_grams(2);
    scores.rouge_l = PercentRounded(
        RougeF(LongestCommonSubsequence(words), words.prediction.size(), words.reference.size()));
  }
  const TokenPair characters = NumberTokens(SplitCharacters(prediction), SplitCharacters(label));
  scores.bleu4 = PercentRounded(SentenceBleu(characters, 4));
  return scores;
}

std::vector<std::string> CutWithoutDictionary(std::string_view text) {
  std::vector<std::string> words;
  std::string block;
  const auto flush = [&] { CutLatin(std::exchange(block, {}), words); };
  const std::vector<std::string> characters = SplitCharacters(text);
  for (size_t i = 0; i < characters.size(); ++i) {
    const std::string& character = characters[i];
    if (InBlock(character) && character.size() == 1) {
      block += character;
      continue;
    }
    flush();
    const bool line_end =
        character == "\r" && i + 1 < characters.size() && characters[i + 1] == "\n";
    words.push_back(line_end ? "\r\n" : character);
    if (line_end) ++i;
  }
  flush();
  return words;
}

const Scorer& LlamaFactoryScorer() {
  static const Scorer kScorer = {"llama-factory",
                                 "LLaMA-Factory 0.9.5, train/sft/metric.py, with jieba 0.42.1",
                                 Values(), Score, RefuseHan};
  return kScorer;
}

const Scorer& LlamaFactoryCharactersScorer() {
  static const Scorer kScorer = {"llama-factory-characters",
                                 "llama-factory with each Chinese character as a word", Values(),
                                 Score};
  return kScorer;
}

}  // namespace roentgen
