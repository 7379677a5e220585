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
///                         to questions with the same first two words, else of all
/// Chinese questions and answers are compared in MeasureForm, others in StrictForm, in which the
/// answers are given; Chinese words are those of SplitWords. The first of equally frequent answers
/// counts.
std::vector<Baseline> MakeBaselines(std::span<const Example> examples,
                                    std::span<const Sample> training);

}  // namespace roentgen
