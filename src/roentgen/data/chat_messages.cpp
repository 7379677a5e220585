#include "roentgen/data/chat_messages.h"

#include <string_view>
#include <utility>

namespace roentgen {
namespace {

std::vector<ChatPart> PartsOf(std::string_view text) {
  std::vector<ChatPart> parts;
  for (size_t begin = 0; begin < text.size();) {
    const size_t image = text.find(kImagePlaceholder, begin);
    const std::string_view before = text.substr(begin, image - begin);
    if (!before.empty()) parts.push_back({ChatPart::Kind::kText, std::string(before)});
    if (image == std::string_view::npos) break;
    parts.push_back({ChatPart::Kind::kImage, {}});
    begin = image + kImagePlaceholder.size();
  }
  return parts;
}

}  // namespace

std::vector<ChatMessage> ToChatMessages(const Sample& sample) {
  std::vector<ChatMessage> messages;
  if (!sample.system.empty()) {
    messages.push_back({"system", {{ChatPart::Kind::kText, sample.system}}});
  }
  for (const Turn& turn : sample.turns) {
    messages.push_back({turn.role == Role::kUser ? "user" : "assistant", PartsOf(turn.text)});
  }
  return messages;
}

std::string WithoutImagePlaces(std::string text) {
  for (size_t at = text.find(kImagePlaceholder); at != std::string::npos;
       at = text.find(kImagePlaceholder, at)) {
    text.erase(at, kImagePlaceholder.size());
  }
  return text;
}

}  // namespace roentgen
