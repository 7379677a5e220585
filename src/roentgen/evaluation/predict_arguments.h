#pragma once

#include <functional>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/predict_run.h"
#include "roentgen/training/arguments.h"

namespace roentgen {

/// Throws Error when output_dir has files that the answers would replace and that this program did
/// not make, unless overwrite_output_dir: for before a training, whose result is asked afterwards.
void ClaimPredictionFiles(const TrainingArguments& arguments);

/// What `do_predict` with `predict_with_generate` of a LLaMA-Factory YAML asks for: the rows of
/// eval_dataset, with an answer or without, or what val_size takes of dataset, answered by the
/// model with all its adapters, or by what the same YAML trained, as a run folder in output_dir.
/// Rows and pictures are those that training would see.
///
/// note  is told each row that is left out, and weights beside an adapter that are not read. Throws
/// Error as PredictRun does, and naming the sample that is longer than cutoff_len, which
/// LLaMA-Factory cuts.
PredictRunResult PredictFromArguments(const TrainingArguments& arguments, ThreadPool& pool,
                                      const std::function<void(const std::string&)>& note,
                                      const Progress& progress = {});

}  // namespace roentgen
