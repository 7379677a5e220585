#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "roentgen/data/sample.h"
#include "roentgen/text/chat_template.h"
#include "roentgen/text/tokenizer.h"
#include "roentgen/training/encoded_sample.h"

namespace roentgen {

/// A sample as tokens: what the model reads before its last answer, and that answer.
struct QuestionPrompt {
  std::vector<int32_t> ids;
  std::vector<int32_t> label;  ///< with "<|im_end|>" and line feed
};

/// Makes prompts as LLaMA-Factory 0.9.5 does with its template qwen2_vl, which for a text without
/// control tokens is what the checkpoint's own chat template gives. Of a conversation the earlier
/// turns are there with their own answers, and the last question is asked.
class PromptEncoder {
 public:
  /// default_system: for samples that have no system prompt; "": they have none then. The tokenizer
  /// is used as long as the object lives.
  PromptEncoder(const Tokenizer& tokenizer,
                const std::string& default_system = std::string(kDefaultSystemPrompt));

  /// image_tokens: how many placeholders each of the sample's images takes. Throws Error, naming
  /// the sample, as SampleEncoder::Encode does.
  QuestionPrompt Encode(const Sample& sample, std::span<const size_t> image_tokens) const;

 private:
  SampleEncoder encoder_;
};

}  // namespace roentgen
