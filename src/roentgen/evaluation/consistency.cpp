#include "roentgen/evaluation/consistency.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/right_answer.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

/// The text of a field that has exactly one; empty otherwise.
std::string OneOf(const Example& example, const char* field) {
  const auto values = example.fields.find(field);
  return values != example.fields.end() && values->second.size() == 1 ? values->second[0] : "";
}

}  // namespace

TwinScore ScoreTwins(std::span<const Example> examples) {
  std::map<std::string, std::vector<bool>> right;
  for (const Example& example : examples) {
    const std::string twin = OneOf(example, "twin");
    if (twin.empty()) continue;
    right[twin].push_back(IsRight(example.prediction, example.reference));
  }
  TwinScore score;
  for (const auto& [twin, sides] : right) {
    if (sides.size() == 1) continue;  // the other one is not among these examples
    if (sides.size() > 2) {
      throw Error(
          fmt::format("{} questions belong to the twin \"{}\" instead of two", sides.size(), twin));
    }
    ++score.pairs;
    score.both_right += sides[0] && sides[1] ? 1 : 0;
    score.one_right += sides[0] != sides[1] ? 1 : 0;
  }
  return score;
}

Agreement MeasureAgreement(std::span<const Example> examples) {
  // By images, question and reference: links of VQA-RAD whose answers differ ask for other things.
  using Group = std::tuple<std::vector<std::string>, std::string, std::string>;
  std::map<Group, std::vector<std::string>> answers;
  for (const Example& example : examples) {
    std::string question = OneOf(example, "paraphrase");
    if (question.empty()) question = OneOf(example, "qid_linked_id");
    if (question.empty()) continue;
    answers[{example.images, question, MeasureForm(example.reference)}].push_back(
        MeasureForm(example.prediction));
  }
  Agreement agreement;
  for (const auto& [group, given] : answers) {
    for (size_t i = 0; i < given.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        ++agreement.pairs;
        agreement.equal += given[i] == given[k] ? 1 : 0;
      }
    }
  }
  return agreement;
}

}  // namespace roentgen
