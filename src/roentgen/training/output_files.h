#pragma once

#include <set>
#include <string>

#include "roentgen/base/output_folder.h"
#include "roentgen/training/prepared_run.h"

namespace roentgen {

/// A claim on files of output_dir, which replaces those of others with overwrite_output_dir.
Claim ClaimOf(const TrainingArguments& arguments, std::set<std::string> files);

/// Throws Error when one of these files of output_dir would replace what the run reads: its
/// settings, models, adapters and datasets.
void CheckAreNoInputs(const TrainingArguments& arguments, const std::set<std::string>& files);

/// Claims the files of an evaluation without training. What others had in one of them, to which
/// results are added, is replaced.
void ClaimEvaluationFiles(const TrainingArguments& arguments);

/// Every file that a training writes at the top of its output_dir. Checkpoints, which know by
/// themselves whose they are (checkpoint.h), are folders there.
std::set<std::string> FilesOfTraining(const PreparedRun& run);

/// CheckAreNoInputs. Throws Error, too, when output_dir is the folder of the model or of an adapter
/// that is read; with full and freeze tuning, which write a whole model, also when it lies in one
/// of them or holds one, or the dataset.
void CheckOutputIsNoInput(const PreparedRun& run);

}  // namespace roentgen
