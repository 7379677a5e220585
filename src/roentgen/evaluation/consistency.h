#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "roentgen/evaluation/example.h"

namespace roentgen {

/// Counterfactual twins: questions with the same field "twin", about images that differ in the one
/// thing asked for, so that who does not look is right on one side at most. There are two of each,
/// or more: then all have to be right.
///
/// The places of each twin's questions, at least two, in the order of their first ones. A twin
/// whose other is not among the examples is left out. Throws Error, naming both, when two of them
/// are about the same image, which their hashes show.
std::vector<std::vector<size_t>> TwinsAmong(std::span<const Example> examples);

/// Whether all questions of a twin are answered right, by IsRight (right_answer.h).
bool AreRight(std::span<const Example> examples, std::span<const size_t> twin);

struct TwinScore {
  size_t pairs = 0;       ///< twins of two questions or more
  size_t both_right = 0;  ///< that AreRight
  size_t one_right = 0;   ///< some question, but not all
  size_t larger = 0;      ///< of more than two questions
};
TwinScore ScoreTwins(std::span<const Example> examples);

/// Paraphrases: questions about the same image, with the same reference and the same field
/// "paraphrase" (or VQA-RAD's qid_linked_id), which ask the same in other words. An image is the
/// same where its pixels are; by its name where they are not known.
struct Agreement {
  size_t pairs = 0;  ///< of two paraphrases of one question
  size_t equal = 0;  ///< pairs of which both IsGiven, and SameAnswer (right_answer.h)
};
/// Throws Error, naming them, when more than 100 are paraphrases of one another.
Agreement MeasureAgreement(std::span<const Example> examples);

}  // namespace roentgen
