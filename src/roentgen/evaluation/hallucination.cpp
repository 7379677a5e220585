#include "roentgen/evaluation/hallucination.h"

#include <algorithm>
#include <string>
#include <vector>

#include "roentgen/evaluation/metadata.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"

namespace roentgen {

bool AsksForPresence(const Example& example) {
  const auto types = example.fields.find("question_type");
  if (types == example.fields.end()) return false;
  return std::any_of(types->second.begin(), types->second.end(), [](const std::string& type) {
    const std::string name = Lowercase(type);
    return name == "pres" || name == "abn" || name == "presence" || name == "abnormality";
  });
}

double AnswersAboutAbsent(const Example& example) {
  if (!AsksForPresence(example) || YesOrNo(example.reference) != false) return kUndefined;
  return SideTaken(example.prediction) ? 1 : 0;
}

double InventsFinding(const Example& example) {
  if (AnswersAboutAbsent(example) != 1) return kUndefined;
  return SideTaken(example.prediction) == true ? 1 : 0;
}

YesNoTable CountPresence(std::span<const Example> examples) {
  YesNoTable table;
  for (const Example& example : examples) {
    const std::optional<bool> truth = YesOrNo(example.reference);
    if (truth && AsksForPresence(example)) table.Add(*truth, SideTaken(example.prediction));
  }
  return table;
}

bool Abstains(std::string_view answer, std::string_view question) {
  return Declines(answer, question);
}

bool HasFalsePremise(const Example& example) {
  const auto premise = example.fields.find(kPremise);
  if (premise == example.fields.end()) return false;
  return MetadataOf("question " + example.id, kPremise, Join(premise->second, ", ")) ==
         std::vector<std::string>{"false"};
}

FalsePremises CountFalsePremises(std::span<const Example> examples) {
  FalsePremises count;
  for (const Example& example : examples) {
    if (!HasFalsePremise(example)) continue;
    ++count.questions;
    count.declined += Abstains(example.prediction, example.question) ? 1 : 0;
  }
  return count;
}

}  // namespace roentgen
