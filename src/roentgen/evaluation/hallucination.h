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

/// Yes/no answers to questions that AsksForPresence. Its false positive rate is what a model
/// invents.
YesNoTable CountPresence(std::span<const Example> examples);

/// Whether an answer declines: says that it cannot tell, or that what the question takes for
/// granted is not there (language/answer.h).
bool Abstains(std::string_view answer, std::string_view question = {});

/// Questions whose field "premise" is "false": they ask about something that is not in the image.
struct FalsePremises {
  size_t questions = 0;
  size_t declined = 0;  ///< answers that Abstains
};
FalsePremises CountFalsePremises(std::span<const Example> examples);

}  // namespace roentgen
