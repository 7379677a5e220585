#pragma once

#include <cstddef>
#include <span>

#include "roentgen/evaluation/example.h"

namespace roentgen {

/// Counterfactual twins: two questions with the same field "twin", about images that differ in the
/// one thing asked for, so that who does not look is right on one side at most.
struct TwinScore {
  size_t pairs = 0;
  size_t both_right = 0;  ///< by IsRight (right_answer.h)
  size_t one_right = 0;
};
/// A twin whose other is not among the examples does not count. Throws Error when a twin's name
/// stands in more than two questions.
TwinScore ScoreTwins(std::span<const Example> examples);

/// Paraphrases: questions about the same image, with the same reference and the same field
/// "paraphrase" (or VQA-RAD's qid_linked_id), which ask the same in other words.
struct Agreement {
  size_t pairs = 0;  ///< of two paraphrases of one question
  size_t equal = 0;  ///< pairs whose answers are equal in MeasureForm
};
Agreement MeasureAgreement(std::span<const Example> examples);

}  // namespace roentgen
