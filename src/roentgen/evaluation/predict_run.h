#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/data/sample.h"
#include "roentgen/evaluation/predictor.h"
#include "roentgen/evaluation/run_folder.h"
#include "roentgen/evaluation/shown_images.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/text/chat_template.h"
#include "roentgen/text/tokenizer.h"
#include "roentgen/training/image_set.h"

namespace roentgen {

/// The seed of the derangement that swaps images: fixed, so that two models see the same ones.
inline constexpr uint64_t kSwapSeed = 1;

struct PredictRunOptions {
  /// What the questions are asked about; the true images among it.
  std::vector<ShownImages> images = {ShownImages::kTrue, ShownImages::kSwapped,
                                     ShownImages::kBlank};
  GenerationOptions generation;  ///< greedy by default
  /// For samples without a system prompt; "": they have none then.
  std::string default_system{kDefaultSystemPrompt};
  size_t max_sample_tokens = SIZE_MAX;  ///< of question and answer; a longer sample is refused
  /// For each image file another one that takes its place; empty: DerangeImages with kSwapSeed.
  std::map<std::string, std::string> swapped;
  RunFolderUse folder_use;
};

/// What is run over what.
struct PredictRunInput {
  const Model& model;
  const Tokenizer& tokenizer;
  PreprocessorConfig preprocessor;  ///< the checkpoint's, with the pixel limit that applies
  std::span<const Sample> samples;
  nlohmann::ordered_json data;       ///< how to call the samples in run.json: path, split
  PrepareImage prepare = {};         ///< pictures; empty: upright, resized by the checkpoint's rule
  std::string settings_sha256 = {};  ///< FingerprintOfSettings; empty: of no model's folder
};

struct PredictRunResult {
  PredictionWork work;           ///< of this call
  size_t answers = 0;            ///< in all files
  size_t answered_before = 0;    ///< of these, by earlier calls
  size_t distinct_pictures = 0;  ///< that the run shows
  double seconds = 0;
};

/// Asks a model the last question of every sample, about the images that the options say, and keeps
/// the answers in a run folder (see RunFolder), in a file for each kind of images, with the scores
/// that LLaMA-Factory's predict writes.
///
/// A run that was stopped or killed is gone on with: nothing that is in the folder is asked again,
/// and the files become the same as without the stop. Throws Error when the folder holds another
/// run; naming the sample when an image is missing or damaged, before the first question; when two
/// samples have one id, or one is too long. Cancelled in a CancelScope.
PredictRunResult PredictRun(const PredictRunInput& input, const PredictRunOptions& options,
                            const std::filesystem::path& folder, ThreadPool& pool,
                            const Progress& progress = {});

}  // namespace roentgen
