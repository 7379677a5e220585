#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "roentgen/data/sample.h"
#include "roentgen/text/chat_template.h"
#include "roentgen/text/tokenizer.h"

namespace roentgen {

/// Stands in labels where the model has nothing to learn.
inline constexpr int32_t kIgnoredLabel = -100;

/// How samples become tokens: LLaMA-Factory's keys of the same names, with its defaults.
struct EncodingOptions {
  size_t cutoff_len = 2048;
  /// For samples that have no system prompt; "": they have none then.
  std::string default_system{kDefaultSystemPrompt};
  bool train_on_prompt = false;  ///< labels for questions and system prompt, too
  bool mask_history = false;     ///< labels for the last answer only
};

/// A sample as the model takes it.
struct EncodedSample {
  std::string name;             ///< "FILE: row 7"
  std::vector<int32_t> ids;     ///< a placeholder for every token of its images
  std::vector<int32_t> labels;  ///< what ids[i] should have been predicted as, or kIgnoredLabel
  std::vector<size_t> images;   ///< numbers in the ImageSet, in the order of their placeholders
  size_t cut_image_tokens = 0;  ///< placeholders that fell to cutoff_len

  /// Tokens that a loss is taken on: the first of a sample follows none.
  size_t LabelTokens() const;
};

/// "FILE: row 7".
std::string NameOf(const Sample& sample);

/// Encodes samples exactly as LLaMA-Factory 0.9.5 does with its template qwen2_vl: ChatML, each
/// message tokenised on its own, an answer with its "<|im_end|>" and line feed as the target.
class SampleEncoder {
 public:
  /// The tokenizer is used as long as the object lives.
  SampleEncoder(const Tokenizer& tokenizer, EncodingOptions options);

  /// images        their numbers, in the order of the sample's
  /// image_tokens  how many placeholders each takes
  ///
  /// Text that spells a control token becomes that token, as there. Throws Error, naming the
  /// sample, when "<image>" does not stand as often as there are images, or when a text spells an
  /// image's or a video's placeholder.
  EncodedSample Encode(const Sample& sample, std::span<const size_t> images,
                       std::span<const size_t> image_tokens) const;

 private:
  struct Exchange {
    std::vector<int32_t> source;
    std::vector<int32_t> target;
  };
  std::vector<Exchange> Exchanges(const Sample& sample, std::span<const size_t> image_tokens) const;
  void CheckPlaceholders(const std::string& name, const std::vector<Exchange>& exchanges,
                         size_t expected) const;

  const Tokenizer& tokenizer_;
  EncodingOptions options_;
  int32_t image_pad_;
  int32_t video_pad_;
};

/// Throws Error, naming the sample, when nothing can be learned from it: cutoff_len cut through an
/// image or left no label. (LLaMA-Factory's run dies on the first and gets NaN from the second.)
void RequireTrainable(const EncodedSample& sample);

}  // namespace roentgen
