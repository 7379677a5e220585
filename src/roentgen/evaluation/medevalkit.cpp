// MedEvalKit's closed questions: judge_judgement, which it uses for VQA-RAD's yes/no, and
// judge_close_end_vqa, which it uses for SLAKE's. Boxes and tags are looked for twice: in the
// answer as it is, then, once more, in lower case.

#include <array>

#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

constexpr std::string_view kTag = "<answer>";

/// The content of the last \boxed{…}, braces inside it balanced; "None" where there is none.
std::string BoxedContent(std::string_view text) {
  constexpr std::string_view kBox = "\\boxed{";
  const size_t begin = text.rfind(kBox);
  if (begin == std::string_view::npos) return "None";
  const std::string_view content = text.substr(begin + kBox.size());
  int depth = 0;
  for (size_t i = 0; i < content.size(); ++i) {
    if (content[i] == '{') ++depth;
    if (content[i] == '}' && depth-- == 0) return std::string(Strip(content.substr(0, i)));
  }
  return "None";
}

/// What stands between <answer> and </answer>; the text where there is no such pair.
std::string TaggedContent(const std::string& text) {
  constexpr std::string_view kClosing = "</answer>";
  std::string found;
  for (size_t at = text.find(kTag); at != std::string::npos;) {
    const size_t begin = at + kTag.size();
    const size_t end = text.find(kClosing, begin);
    if (end == std::string::npos) break;
    found += text.substr(begin, end - begin) + " ";
    at = text.find(kTag, end);
  }
  found = Strip(found);
  return found.empty() ? text : found;
}

/// What its readers of a set do to an answer, before it is judged.
std::string SetsAnswer(std::string_view prediction) {
  std::string text(prediction);
  if (std::string boxed = BoxedContent(text); boxed != "None") return boxed;
  return text.find(kTag) == std::string::npos ? text : TaggedContent(text);
}

/// What stands behind the last of the parts that a word cuts a text into.
std::string BehindLast(const std::string& text, std::string_view word) {
  size_t behind = 0;
  for (size_t at = 0; (at = text.find(word, behind)) != std::string::npos;) {
    behind = at + word.size();
  }
  return text.substr(behind);
}

/// The answer proper, as it is judged: a box, a tagged answer, or what follows "answer:". An answer
/// that has the word "boxed" and no box is "None", with its capital.
std::string JudgedAnswer(std::string_view answer) {
  std::string text = Lowercase(answer);
  if (text.find("boxed") != std::string::npos) {
    text = BoxedContent(text);
  } else if (text.find(kTag) != std::string::npos) {
    text = TaggedContent(text);
  }
  static constexpr std::array<std::string_view, 9> kBefore = {
      "**answer**:", "**answer**", "*answer*:",    "**answer:**",    "answer is",
      "answer:",     "答案:",      "final answer", "final answer is"};
  for (const std::string_view before : kBefore) text = BehindLast(text, before);
  return Replace(Replace(std::move(text), "\n", ""), ".", "");
}

void Score(const AnswerPair& pair, std::span<double> to) {
  to[0] = to[1] = kUndefined;
  const std::string truth = Lowercase(Strip(pair.reference));
  const bool yes_no = truth == "yes" || truth == "no";
  if (!yes_no && !pair.closed) return;
  const std::string answer = SetsAnswer(pair.prediction);
  if (yes_no) {
    const std::string said = JudgedAnswer(Strip(Lowercase(answer)));
    const auto says = [&](std::string_view word) { return said.find(word) != std::string::npos; };
    to[0] = says("yes") != says("no") && says(truth) ? 1 : 0;
  }
  to[1] = JudgedAnswer(answer) == truth ? 1 : 0;
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
