// MedEvalKit's closed questions: judge_judgement, which it uses for VQA-RAD's yes/no, and
// judge_close_end_vqa, which it uses for SLAKE's.

#include <array>

#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

/// The content of the last \boxed{…}, braces inside it balanced.
std::optional<std::string> BoxedContent(std::string_view text) {
  constexpr std::string_view kBox = "\\boxed{";
  const size_t begin = text.rfind(kBox);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view content = text.substr(begin + kBox.size());
  int depth = 0;
  for (size_t i = 0; i < content.size(); ++i) {
    if (content[i] == '{') ++depth;
    if (content[i] == '}' && depth-- == 0) return std::string(Strip(content.substr(0, i)));
  }
  return std::nullopt;
}

/// What stands between <answer> and </answer>; the text where there is no such pair.
std::string TaggedContent(const std::string& text) {
  constexpr std::string_view kOpening = "<answer>";
  constexpr std::string_view kClosing = "</answer>";
  std::string found;
  for (size_t at = text.find(kOpening); at != std::string::npos;) {
    const size_t begin = at + kOpening.size();
    const size_t end = text.find(kClosing, begin);
    if (end == std::string::npos) break;
    found += text.substr(begin, end - begin) + " ";
    at = text.find(kOpening, end);
  }
  found = Strip(found);
  return found.empty() ? text : found;
}

/// The answer proper, in lower case: a box, a tagged answer, or what follows "answer:".
std::string FinalAnswer(std::string_view prediction) {
  std::string text(prediction);
  if (const auto boxed = BoxedContent(text)) {
    text = *boxed;
  } else if (text.find("<answer>") != std::string::npos) {
    text = TaggedContent(text);
  }
  text = Lowercase(Strip(text));
  static constexpr std::array<std::string_view, 9> kBefore = {
      "**answer**:", "**answer**", "*answer*:",    "**answer:**",    "answer is",
      "answer:",     "答案:",      "final answer", "final answer is"};
  for (const std::string_view before : kBefore) {
    if (const size_t at = text.rfind(before); at != std::string::npos) {
      text.erase(0, at + before.size());
    }
  }
  return Replace(Replace(std::move(text), "\n", ""), ".", "");
}

void Score(const AnswerPair& pair, std::span<double> to) {
  to[0] = to[1] = kUndefined;
  const std::string truth = Lowercase(Strip(pair.reference));
  const bool yes_no = truth == "yes" || truth == "no";
  if (!yes_no && !pair.closed) return;
  const std::string said = FinalAnswer(pair.prediction);
  const auto says = [&](std::string_view word) { return said.find(word) != std::string::npos; };
  if (yes_no) to[0] = says("yes") != says("no") && says(truth) ? 1 : 0;
  to[1] = said == truth ? 1 : 0;
}

}  // namespace

const Scorer& MedEvalKitScorer() {
  static const Scorer kScorer = {"medevalkit",
                                 "MedEvalKit (Lingshu, arXiv:2506.07044)",
                                 {{"closed_yes_no"}, {"closed_exact"}},
                                 Score};
  return kScorer;
}

}  // namespace roentgen
