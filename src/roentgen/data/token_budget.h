#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "roentgen/data/sample.h"
#include "roentgen/imaging/llamafactory.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/text/tokenizer.h"

namespace roentgen {

/// What a sample costs in training.
struct TokenBudget {
  size_t tokens = 0;        ///< the whole conversation
  size_t image_tokens = 0;  ///< of these, those that stand for images
  size_t kept = 0;          ///< those that cutoff_len leaves
  /// cutoff_len removes image tokens. The rest then does not fit the images' features: training
  /// must refuse the sample.
  bool cuts_images = false;
};

/// How many tokens of a prompt and of its answer are kept when both may have cutoff_len.
/// infer_seqlen in LLaMA-Factory 0.9.5 (data/processor/processor_utils.py).
struct SequenceLengths {
  size_t source;
  size_t target;
};
SequenceLengths InferSequenceLengths(SequenceLengths wanted, size_t cutoff_len);

/// How many tokens an image of this size becomes in training: LLaMA-Factory's resize, then the
/// processor's. Nothing where the size is not known or the model cannot take it.
std::optional<size_t> CountImageTokens(Size size, const LlamaFactoryLimits& limits,
                                       const PreprocessorConfig& preprocessor);

/// Counts as LLaMA-Factory's template qwen2_vl tokenises and cuts: the prompt of every turn (the
/// first with the system prompt) and its answer each by itself, a turn at a time until cutoff_len
/// is reached.
class TokenCounter {
 public:
  /// The tokenizer must outlive this. Throws Error when it has no token for images.
  TokenCounter(const Tokenizer& tokenizer, size_t cutoff_len);

  /// The sample's budget. image_tokens  of each of its images, in order (0: not known)
  TokenBudget Count(const Sample& sample, std::span<const size_t> image_tokens) const;

  /// Tokens of a text by itself.
  size_t CountText(std::string_view text) const { return tokenizer_.Encode(text).size(); }

 private:
  struct Piece {
    size_t tokens = 0;
    size_t image_tokens = 0;
    size_t after_images = 0;  // the place after the last image token; 0 without images
  };

  Piece Measure(std::string_view text, std::span<const size_t>& image_tokens) const;

  const Tokenizer& tokenizer_;
  int32_t image_pad_;
  size_t cutoff_len_;
};

}  // namespace roentgen
