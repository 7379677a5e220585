#include "roentgen/data/token_budget.h"

#include <algorithm>
#include <string>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/imaging/resize.h"
#include "roentgen/text/chat_template.h"

namespace roentgen {

SequenceLengths InferSequenceLengths(SequenceLengths wanted, size_t cutoff_len) {
  size_t target = cutoff_len;
  if (wanted.target * 2 < cutoff_len) {
    target = wanted.target;
  } else if (wanted.source * 2 < cutoff_len) {
    target = cutoff_len - wanted.source;
  } else {
    // Rounded down in double, as int() does in Python.
    const double share =
        static_cast<double>(wanted.target) / static_cast<double>(wanted.source + wanted.target);
    target = static_cast<size_t>(static_cast<double>(cutoff_len) * share);
  }
  target = std::min(target, wanted.target);
  return {std::min(cutoff_len - target, wanted.source), target};
}

std::optional<size_t> CountImageTokens(Size size, const LlamaFactoryLimits& limits,
                                       const PreprocessorConfig& preprocessor) {
  try {
    const LlamaFactoryResizes resizes = PlanLlamaFactoryResizes(size, limits);
    if (!resizes.own_mode.empty()) size = resizes.own_mode.back();
    if (!resizes.rgb.empty()) size = resizes.rgb.back();
    const int factor = preprocessor.patch_size * preprocessor.merge_size;
    const Size seen = SmartResize(size, factor, preprocessor.min_pixels, preprocessor.max_pixels);
    return static_cast<size_t>(seen.width / factor) * static_cast<size_t>(seen.height / factor);
  } catch (const Error&) {
    return std::nullopt;
  }
}

TokenCounter::TokenCounter(const Tokenizer& tokenizer, size_t cutoff_len)
    : tokenizer_(tokenizer),
      image_pad_(tokenizer.Special("<|image_pad|>")),
      cutoff_len_(cutoff_len) {}

TokenCounter::Piece TokenCounter::Measure(std::string_view text,
                                          std::span<const size_t>& image_tokens) const {
  Piece piece;
  for (const int32_t id : tokenizer_.Encode(text)) {
    if (id != image_pad_ || image_tokens.empty()) {
      ++piece.tokens;
      continue;
    }
    piece.tokens += image_tokens.front();
    piece.image_tokens += image_tokens.front();
    piece.after_images = piece.tokens;
    image_tokens = image_tokens.subspan(1);
  }
  return piece;
}

TokenBudget TokenCounter::Count(const Sample& sample, std::span<const size_t> image_tokens) const {
  TokenBudget budget;
  std::string prompt;  // what has come since the last answer
  VisionCounters counters;
  std::vector<ChatMessage> messages = ToChatMessages(sample);
  if (sample.system.empty()) {
    messages.insert(messages.begin(),
                    {"system", {{ChatPart::Kind::kText, std::string(kDefaultSystemPrompt)}}});
  }
  for (const ChatMessage& message : messages) {
    const std::string text = RenderMessage(message, /*add_vision_id=*/false, counters);
    if (message.role != "assistant") {
      prompt += text;
      continue;
    }
    // The answer's own frame belongs to the prompt: the model is given it.
    const Piece source = Measure(std::exchange(prompt, {}).append(kGenerationPrompt), image_tokens);
    const Piece target =
        Measure(std::string_view(text).substr(kGenerationPrompt.size()), image_tokens);
    const SequenceLengths kept =
        InferSequenceLengths({source.tokens, target.tokens}, cutoff_len_ - budget.kept);
    budget.tokens += source.tokens + target.tokens;
    budget.image_tokens += source.image_tokens + target.image_tokens;
    budget.kept += kept.source + kept.target;
    budget.cuts_images = budget.cuts_images || kept.source < source.after_images ||
                         kept.target < target.after_images;
  }
  return budget;
}

}  // namespace roentgen
