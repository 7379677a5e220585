#pragma once

#include <span>
#include <string_view>

#include "roentgen/evaluation/scorer.h"

namespace roentgen {

/// Every scorer, in the order of the reports. docs/evaluation.md explains each.
std::span<const Scorer* const> AllScorers();

/// Throws Error, with the names there are, for another one.
const Scorer& FindScorer(std::string_view name);

// One per file of that name.
const Scorer& StrictScorer();
const Scorer& FirstWordScorer();
const Scorer& LlavaMedScorer();
const Scorer& MedEvalKitScorer();
const Scorer& MedVlmBenchScorer();
const Scorer& PopeScorer();
const Scorer& LlamaFactoryScorer();
const Scorer& LlamaFactoryCharactersScorer();

}  // namespace roentgen
