#pragma once

#include <string>
#include <vector>

#include "roentgen/data/sample.h"
#include "roentgen/text/chat_template.h"

namespace roentgen {

/// The sample's conversation for RenderChat: its system prompt, if any, then its turns with each
/// <image> as a place for an image. LLaMA-Factory's template qwen2_vl renders the same text.
std::vector<ChatMessage> ToChatMessages(const Sample& sample);

/// A message's words: the text without its images' places.
std::string WithoutImagePlaces(std::string text);

}  // namespace roentgen
