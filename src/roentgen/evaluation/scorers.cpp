#include "roentgen/evaluation/scorers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "roentgen/base/error.h"

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

}  // namespace roentgen
