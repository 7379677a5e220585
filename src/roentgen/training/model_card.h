#pragma once

#include <span>
#include <string>

#include "roentgen/training/arguments.h"
#include "roentgen/training/run_settings.h"
#include "roentgen/training/training_log.h"

namespace roentgen {

inline constexpr const char* kModelCardFile = "README.md";

/// README.md of what a run made: the model card with its head for the Hugging Face hub, the
/// hyper-parameters and the evaluations, in the form of LLaMA-Factory's.
///
/// parts  what the steps ran with, one part at least; the last one's settings are listed, and what
///        changed on the way
std::string ModelCard(const TrainingArguments& arguments, std::span<const RunPart> parts,
                      const TrainingLog& log);

}  // namespace roentgen
