#include "roentgen/evaluation/scorers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {

std::span<const Scorer* const> AllScorers() {
  static const std::array<const Scorer*, 8> kScorers = {
      &StrictScorer(),       &FirstWordScorer(),
      &LlavaMedScorer(),     &MedEvalKitScorer(),
      &MedVlmBenchScorer(),  &PopeScorer(),
      &LlamaFactoryScorer(), &LlamaFactoryCharactersScorer()};
  return kScorers;
}

const Scorer& FindScorer(std::string_view name) {
  const auto scorers = AllScorers();
  const auto found = std::find_if(scorers.begin(), scorers.end(),
                                  [&](const Scorer* scorer) { return scorer->name == name; });
  if (found != scorers.end()) return **found;
  std::string names;
  for (const Scorer* scorer : scorers) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", scorer->name);
  }
  throw Error(fmt::format("no scorer is called \"{}\"", name), "There are: " + names);
}

std::optional<std::string> RefuseChineseReference(const AnswerPair& pair) {
  if (!HasHan(pair.reference)) return std::nullopt;
  return "it is defined for English words, and a reference is Chinese; first-token reads yes and "
         "no in "
         "both languages, llama-factory-characters takes characters for words";
}

}  // namespace roentgen
