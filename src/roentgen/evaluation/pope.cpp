#include "roentgen/evaluation/pope.h"

#include <string>

#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

void Score(const AnswerPair& pair, std::span<double> to) {
  const std::string truth = Lowercase(Strip(pair.reference));
  const bool asked = truth == "yes" || truth == "no";
  to[0] = !asked ? kUndefined : PopeSaysYes(pair.prediction) == (truth == "yes") ? 1 : 0;
}

/// Questions of other kinds are not scored at all.
std::optional<std::string> RefuseChineseYesNo(const AnswerPair& pair) {
  return YesOrNo(pair.reference) ? RefuseChineseReference(pair) : std::nullopt;
}

}  // namespace

bool PopeSaysYes(std::string_view answer) {
  const std::string sentence = Replace(std::string(answer.substr(0, answer.find('.'))), ",", "");
  for (size_t begin = 0; begin <= sentence.size();) {
    const size_t end = std::min(sentence.find(' ', begin), sentence.size());
    const std::string_view word = std::string_view(sentence).substr(begin, end - begin);
    if (word == "No" || word == "no" || word == "not") return false;
    begin = end + 1;
  }
  return true;
}

const Scorer& PopeScorer() {
  static const Scorer kScorer = {"pope",
                                 "Li et al. 2023, Evaluating Object Hallucination (POPE)",
                                 {{"accuracy"}},
                                 Score,
                                 RefuseChineseYesNo};
  return kScorer;
}

}  // namespace roentgen
