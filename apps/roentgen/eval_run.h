#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "interrupt.h"
#include "model_options.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/predict_run.h"

namespace roentgen::app {

/// A run of a model over a question set, as the command line asks for it.
struct EvalRunFlags {
  ModelOptions model;
  PixelOptions pixels;
  std::filesystem::path data;
  std::string split;
  bool allow_outside = false;
  std::filesystem::path out;
  Replaces replaces = Replaces::kOwn;
  std::vector<std::string> images = {"true", "swapped", "blank"};
  size_t max_new_tokens = 512;
  size_t max_samples = 0;  ///< 0: all
};

/// A line on standard error about a run that is kept in `folder`.
void SayHowItWent(const PredictRunResult& result, const std::filesystem::path& folder);

/// Asks the questions that are not answered yet, keeps the answers in the run folder, and says on
/// standard error how it went.
void RunModelOverQuestions(const EvalRunFlags& flags, ThreadPool& pool, InterruptWatch& interrupt);

}  // namespace roentgen::app
