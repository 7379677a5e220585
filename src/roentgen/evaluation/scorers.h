#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "roentgen/evaluation/scorer.h"

namespace roentgen {

/// Every scorer, in the order of the reports. docs/evaluation.md explains each.
std::span<const Scorer* const> AllScorers();

/// Throws Error, with the names there are, for another one.
const Scorer& FindScorer(std::string_view name);

/// The refusal of scorers that are defined for English: a reference in Chinese.
std::optional<std::string> RefuseChineseReference(const AnswerPair& pair);

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
