#pragma once

#include <span>
#include <string>
#include <vector>

#include "roentgen/data/sample.h"
#include "roentgen/evaluation/example.h"

namespace roentgen {

/// What somebody who never sees an image would answer: the least that a score must be above.
struct Baseline {
  std::string name;
  std::vector<std::string> answers;  ///< one for each example
};

/// The baselines that can be made:
///   always no             "no"; for a question with Chinese characters, the set's most frequent no
///   most frequent answer  of the training set, or of the examples themselves without one
///   question only         with a training set: its most frequent answer to the same question, else
///                         to questions with the same first two words, else of all; of equally
///                         frequent ones the most frequent after the same two words
/// Chinese questions are compared in MeasureForm, others in StrictForm; Chinese words are those of
/// SplitWords. Answers are counted in MeasureForm (有。 is 有) and given in StrictForm, in their
/// most frequent spelling; of equally frequent ones the first in byte order counts, in whatever
/// order the rows are.
std::vector<Baseline> MakeBaselines(std::span<const Example> examples,
                                    std::span<const Sample> training);

}  // namespace roentgen
