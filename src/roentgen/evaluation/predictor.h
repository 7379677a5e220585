#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/yes_no_tokens.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/inference/session.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/text/tokenizer.h"

namespace roentgen {

/// A question as the model reads it.
struct Prompt {
  std::vector<int32_t> ids;      ///< a placeholder for every token of its pictures
  std::vector<size_t> pictures;  ///< their numbers, in the order of the placeholders
};

struct ModelAnswer {
  std::string text;
  size_t tokens = 0;  ///< generated, the end token included
  std::optional<YesNoLogProbabilities> yes_no;
};

struct PredictorOptions {
  GenerationOptions generation;  ///< greedy by default; each prompt draws with a seed of its own
  std::vector<int32_t> end_ids;  ///< any of these ends an answer
};

/// What answering took.
struct PredictionWork {
  size_t questions = 0;      ///< asked
  size_t encodings = 0;      ///< of pictures by the vision tower
  size_t prompt_tokens = 0;  ///< that went through the decoder: shared ones once
  size_t answer_tokens = 0;
};

/// Answers many prompts. Those that show the same pictures are asked one after the other, and what
/// their tokens have in common at the beginning (system prompt and pictures) is computed once; each
/// picture is encoded once, whatever it is shown with. An answer depends on all prompts that show
/// the same pictures, within rounding, but not on which of them are left to answer.
class Predictor {
 public:
  /// picture(number): its patches, called at most once for each number in AnswerAll.
  using LoadPicture = std::function<Patches(size_t number)>;
  using TakeAnswer = std::function<void(size_t prompt, ModelAnswer answer)>;

  /// All of these must live as long as the predictor. Throws Error when an option is out of range.
  Predictor(const Model& model, const Tokenizer& tokenizer, ThreadPool& pool,
            PredictorOptions options);

  /// Calls take for every prompt but those that are `answered` (one flag for each prompt), in an
  /// order of its own. Throws Cancelled in a CancelScope; what was taken before counts.
  PredictionWork AnswerAll(std::span<const Prompt> prompts, const std::vector<bool>& answered,
                           const LoadPicture& picture, const TakeAnswer& take,
                           const Progress& progress = {});

 private:
  ModelAnswer Ask(Sequence& sequence, const Prompt& prompt, size_t number, size_t prefix,
                  std::span<const VisualFeatures> pictures, PredictionWork& work) const;
  bool IsEnd(int32_t id) const;

  const Model& model_;
  const Tokenizer& tokenizer_;
  ThreadPool& pool_;
  PredictorOptions options_;
  YesNoTokens yes_no_;
};

}  // namespace roentgen
