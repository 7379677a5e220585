// Scores over the words of StrictForm: what GR5293-peft-medical-vqa published for VQA-RAD (exact
// match, f1, rougeL, bleu1), and their usual companions.

#include "roentgen/evaluation/overlap.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

double NGramF(const TokenPair& pair, size_t n) {
  const NGramOverlap overlap = CountNGrams(pair, n);
  return FMeasure(overlap.common, overlap.in_prediction, overlap.in_reference);
}

void Score(const AnswerPair& pair, std::span<double> to) {
  const std::string prediction = StrictForm(pair.prediction);
  const std::string reference = StrictForm(pair.reference);
  const TokenPair words = NumberTokens(SplitAtBlanks(prediction), SplitAtBlanks(reference));
  const size_t predicted = words.prediction.size();
  const size_t expected = words.reference.size();
  to[0] = prediction == reference ? 1 : 0;
  to[1] = NGramF(words, 1);
  to[2] = FMeasure(LongestCommonSubsequence(words), predicted, expected);
  to[3] = SentenceBleu(words, 1);
  to[4] = SentenceBleu(words, 4);
  to[5] = NGramF(words, 1);  // ROUGE-1 is token F1 under another name
  to[6] = NGramF(words, 2);
  to[7] =
      expected == 0 ? kUndefined : static_cast<double>(predicted) / static_cast<double>(expected);
}

}  // namespace

const Scorer& StrictScorer() {
  static const Scorer kScorer = {
      "strict",
      "GR5293-peft-medical-vqa; Papineni et al. 2002 (BLEU), Lin 2004 (ROUGE)",
      {{"exact_match"},
       {"f1"},
       {"rougeL"},
       {"bleu1"},
       {"bleu4"},
       {"rouge1"},
       {"rouge2"},
       {"length_ratio", ScoreUnit::kRatio}},
      Score};
  return kScorer;
}

}  // namespace roentgen
