#pragma once

#include <string>

#include "roentgen/training/arguments.h"
#include "roentgen/training/training_log.h"

namespace roentgen {

/// README.md of what a run made: the model card with its head for the Hugging Face hub, the
/// hyper-parameters and the evaluations, in the form of LLaMA-Factory's.
std::string ModelCard(const TrainingArguments& arguments, const TrainingLog& log);

}  // namespace roentgen
