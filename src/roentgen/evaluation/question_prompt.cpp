#include "roentgen/evaluation/question_prompt.h"

#include <algorithm>

namespace roentgen {
namespace {

EncodingOptions Options(const std::string& default_system) {
  // Nothing is cut off: an answer to half a question would count like any other.
  constexpr size_t kUncut = size_t{1} << 40;
  return {.cutoff_len = kUncut, .default_system = default_system, .mask_history = true};
}

}  // namespace

PromptEncoder::PromptEncoder(const Tokenizer& tokenizer, const std::string& default_system)
    : encoder_(tokenizer, Options(default_system)) {}

QuestionPrompt PromptEncoder::Encode(const Sample& sample,
                                     std::span<const size_t> image_tokens) const {
  const std::vector<size_t> numbers(image_tokens.size());  // which images they are matters not here
  const EncodedSample encoded = encoder_.Encode(sample, numbers, image_tokens);
  const auto answer = std::find_if(encoded.labels.begin(), encoded.labels.end(),
                                   [](int32_t label) { return label != kIgnoredLabel; });
  const auto begin = encoded.ids.begin() + (answer - encoded.labels.begin());
  return {{encoded.ids.begin(), begin}, {begin, encoded.ids.end()}};
}

}  // namespace roentgen
