// MedVLMBench (eval/vqa.py): an open answer is right when LLaVA-Med's recall reaches 0.75, a closed
// one when it contains the reference.

#include "roentgen/evaluation/llava_med.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

void Score(const AnswerPair& pair, std::span<double> to) {
  to[0] = to[1] = kUndefined;
  if (pair.closed) {
    const std::string said = Lowercase(pair.prediction);
    to[1] = said.find(Lowercase(Strip(pair.reference))) != std::string::npos ? 1 : 0;
  } else {
    constexpr int kPasses = 1;
    const double recall = ScoreLlavaMedOpen(pair.prediction, pair.reference, kPasses).recall;
    to[0] = recall >= 0.75 ? 1 : 0;
  }
}

}  // namespace

const Scorer& MedVlmBenchScorer() {
  static const Scorer kScorer = {"medvlmbench",
                                 "MedVLMBench, with LLaVA-Med's recall",
                                 {{"open_accuracy"}, {"closed_accuracy"}},
                                 Score,
                                 RefuseChineseReference};
  return kScorer;
}

}  // namespace roentgen
