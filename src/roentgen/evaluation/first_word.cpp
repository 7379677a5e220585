// Yes/no by what the answer begins with: the text's side of "first-token yes/no", where a model
// that is at hand compares the probabilities of both.

#include "roentgen/evaluation/scorers.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

void Score(const AnswerPair& pair, std::span<double> to) {
  const std::optional<bool> truth = YesOrNo(pair.reference);
  to[0] = !truth ? kUndefined : SideTaken(pair.prediction) == truth ? 1 : 0;
}

}  // namespace

const Scorer& FirstWordScorer() {
  static const Scorer kScorer = {"first-token",
                                 "yes or no by what the answer begins with, in English or Chinese",
                                 {{"accuracy"}},
                                 Score};
  return kScorer;
}

}  // namespace roentgen
