#include "roentgen/text/chat_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

std::string RenderPart(const ChatPart& part, bool add_vision_id, VisionCounters& counters) {
  switch (part.kind) {
    case ChatPart::Kind::kImage:
      ++counters.pictures;
      return (add_vision_id ? fmt::format("Picture {}: ", counters.pictures) : "") +
             "<|vision_start|><|image_pad|><|vision_end|>";
    case ChatPart::Kind::kVideo:
      ++counters.videos;
      return (add_vision_id ? fmt::format("Video {}: ", counters.videos) : "") +
             "<|vision_start|><|video_pad|><|vision_end|>";
    case ChatPart::Kind::kText:
      break;
  }
  return part.text;
}

void CheckPads(std::span<const int32_t> ids, const VisionPads& pads, const char* what) {
  const auto places = static_cast<size_t>(std::count(ids.begin(), ids.end(), pads.id));
  if (places != pads.counts.size()) {
    throw Error(fmt::format("the text has {0} {2} place{3}, but {1} {2}{4} given", places,
                            pads.counts.size(), what, places == 1 ? "" : "s",
                            pads.counts.size() == 1 ? " is" : "s are"),
                "Text that spells a placeholder, such as <|image_pad|>, counts as one");
  }
  const auto empty = std::find(pads.counts.begin(), pads.counts.end(), size_t{0});
  if (empty != pads.counts.end()) {
    throw Error(fmt::format("{} {} has no tokens", what, empty - pads.counts.begin() + 1));
  }
}

}  // namespace

std::string RenderMessage(const ChatMessage& message, bool add_vision_id,
                          VisionCounters& counters) {
  std::string text = "<|im_start|>" + message.role + "\n";
  for (const ChatPart& part : message.parts) text += RenderPart(part, add_vision_id, counters);
  return text + "<|im_end|>\n";
}

std::string RenderChat(std::span<const ChatMessage> messages, bool add_generation_prompt,
                       bool add_vision_id) {
  std::string text;
  VisionCounters counters;
  if (!messages.empty() && messages.front().role != "system") {
    const ChatMessage system{"system",
                             {{ChatPart::Kind::kText, std::string(kDefaultSystemPrompt)}}};
    text += RenderMessage(system, add_vision_id, counters);
  }
  for (const ChatMessage& message : messages) {
    text += RenderMessage(message, add_vision_id, counters);
  }
  if (add_generation_prompt) text += kGenerationPrompt;
  return text;
}

std::vector<int32_t> ExpandVisionPads(std::span<const int32_t> ids, const VisionPads& images,
                                      const VisionPads& videos) {
  CheckPads(ids, images, "image");
  CheckPads(ids, videos, "video");
  std::vector<int32_t> expanded;
  auto image = images.counts.begin();
  auto video = videos.counts.begin();
  for (const int32_t id : ids) {
    const size_t repeats = id == images.id ? *image++ : id == videos.id ? *video++ : 1;
    expanded.insert(expanded.end(), repeats, id);
  }
  return expanded;
}

}  // namespace roentgen
