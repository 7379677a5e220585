#pragma once

#include <optional>
#include <vector>

#include "roentgen/data/cleaning_rules.h"
#include "roentgen/data/label_spelling.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {

/// The right spellings of each field's labels.
struct LabelSpellings {
  const LabelSpelling& question_types;
  const LabelSpelling& answer_types;
  const LabelSpelling& organs;
  const LabelSpelling& modalities;
};

/// Applies the rules that put a row right by looking at it alone: entities, lost-comma, whitespace,
/// integer-answer, several-labels, label-spelling, synonyms. Texts are those of the conversation
/// and SourceSample::text_columns; labels lose blanks at their edges and entities. All else in the
/// row, Sample::extra above all, stays byte for byte. Rules in report mode change nothing. What was
/// found is appended. A mended sample is not changed again.
void Mend(const RuleModes& modes, const LabelSpellings& spellings, SourceSample& read,
          std::vector<CleaningFinding>& findings);

/// The first reason, if any, why nobody can use the row, by the rules oversized, malformed, turns,
/// empty-text, control-token and image-count, whatever their mode. No text are also blanks,
/// invisible characters, and what tables write where there is nothing: nan, NULL, #N/A. None, N/A,
/// 0, "-" and 无 are answers.
std::optional<SourceSample::Flaw> FindUnusable(const SourceSample& read);

}  // namespace roentgen
