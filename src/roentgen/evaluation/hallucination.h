#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/yes_no.h"

namespace roentgen {

/// Whether a question asks if something is there or abnormal: question_type PRES, ABN (VQA-RAD) or
/// Abnormality (SLAKE), in any case.
bool AsksForPresence(const Example& example);

/// Whether an answer invents a finding: 1 for yes and 0 for no to a question that AsksForPresence
/// whose truth is no. kUndefined for other questions and where the answer says neither: silence
/// invents nothing, and is no merit. How many speak, AnswersAboutAbsent tells.
double InventsFinding(const Example& example);

/// Whether such a question is answered by yes or no: 1 or 0; kUndefined for other questions.
double AnswersAboutAbsent(const Example& example);

/// Yes/no answers to questions that AsksForPresence. Its false positive rate is what a model
/// invents where it answers (InventsFinding).
YesNoTable CountPresence(std::span<const Example> examples);

/// Whether an answer declines: says that it cannot tell, or that what the question takes for
/// granted is not there (language/answer.h).
bool Abstains(std::string_view answer, std::string_view question = {});

/// Whether a question asks about something that is not in the image: its field "premise" is false,
/// in any spelling of that (MetadataOf).
bool HasFalsePremise(const Example& example);

struct FalsePremises {
  size_t questions = 0;  ///< that HasFalsePremise
  size_t declined = 0;   ///< answers that Abstains
};
FalsePremises CountFalsePremises(std::span<const Example> examples);

}  // namespace roentgen
