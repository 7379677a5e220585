#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// The system message that Qwen2-VL Instruct's template puts first when the conversation has none.
inline constexpr std::string_view kDefaultSystemPrompt = "You are a helpful assistant.";

/// What the model continues: the beginning of its own message.
inline constexpr std::string_view kGenerationPrompt = "<|im_start|>assistant\n";

/// A piece of a message: text, or a place for an image or a video.
struct ChatPart {
  enum class Kind { kText, kImage, kVideo };
  Kind kind = Kind::kText;
  std::string text;  // of kText
};

/// A message whose content is a plain text is one with a single text part: both read the same.
struct ChatMessage {
  std::string role;  // "system", "user" or "assistant"; others are written as they are
  std::vector<ChatPart> parts;
};

/// The pictures and videos of a conversation so far, for "Picture 2: " before the next one.
struct VisionCounters {
  size_t pictures = 0;
  size_t videos = 0;
};

/// One message with the template's frame, "<|im_start|>user\n…<|im_end|>\n". Text is copied as it
/// is: whoever writes "<|image_pad|>" into it gets that token. With add_vision_id, pictures and
/// videos are announced by their numbers, which go on from the counters.
std::string RenderMessage(const ChatMessage& message, bool add_vision_id, VisionCounters& counters);

/// A whole conversation as chat_template.json of Qwen2-VL Instruct renders it. The default system
/// message is put first unless the first message is a system message.
std::string RenderChat(std::span<const ChatMessage> messages, bool add_generation_prompt,
                       bool add_vision_id = false);

/// A placeholder token, and for each of its places, in order, how many tokens the image or video
/// there has (t · h · w / 4 of its grid).
struct VisionPads {
  int32_t id;
  std::span<const size_t> counts;
};

/// The ids with every placeholder repeated as often as its image or video has tokens. Throws Error
/// unless there are exactly as many places as counts and no count is 0: an image that the model
/// would not see, or a place that has none, is a mistake.
std::vector<int32_t> ExpandVisionPads(std::span<const int32_t> ids, const VisionPads& images,
                                      const VisionPads& videos);

}  // namespace roentgen
