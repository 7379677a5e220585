#include "roentgen/text/chat_template.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using Ids = std::vector<int32_t>;
using Kind = ChatPart::Kind;

const ChatMessage kQuestion{"user", {{Kind::kImage, ""}, {Kind::kText, "Fracture?"}}};

TEST(ChatTemplate, AConversationIsItsMessagesOneByOne) {
  const ChatMessage answer{"assistant", {{Kind::kText, "No."}}};
  const std::vector<ChatMessage> chat = {kQuestion, answer, kQuestion};
  std::string turns = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n";
  VisionCounters counters;
  for (const ChatMessage& message : chat) turns += RenderMessage(message, true, counters);
  EXPECT_EQ(counters.pictures, 2u);
  EXPECT_THAT(turns, testing::HasSubstr("Picture 2: <|vision_start|><|image_pad|><|vision_end|>"));
  EXPECT_EQ(RenderChat(chat, true, true), turns + std::string(kGenerationPrompt));
}

TEST(ChatTemplate, VideosAreCountedByThemselves) {
  VisionCounters counters{.pictures = 4, .videos = 0};
  EXPECT_EQ(RenderMessage({"user", {{Kind::kVideo, ""}}}, true, counters),
            "<|im_start|>user\nVideo 1: <|vision_start|><|video_pad|><|vision_end|><|im_end|>\n");
}

TEST(ChatTemplate, NoMessagesGiveNoSystemPrompt) {
  EXPECT_EQ(RenderChat({}, false), "");
  EXPECT_EQ(RenderChat({}, true), kGenerationPrompt);
}

TEST(ChatTemplate, PadsExpandInOrder) {
  const std::vector<size_t> images = {2, 1};
  const std::vector<size_t> videos = {3};
  EXPECT_EQ(ExpandVisionPads(Ids{9, 7, 5, 8, 7}, {7, images}, {8, videos}),
            (Ids{9, 7, 7, 5, 8, 8, 8, 7}));
  EXPECT_EQ(ExpandVisionPads(Ids{9, 5}, {7, {}}, {8, {}}), (Ids{9, 5}));
}

TEST(ChatTemplate, AnImageWithoutAPlaceIsAnError) {
  const std::vector<size_t> two = {4, 4};
  const std::vector<size_t> one = {4};
  const std::vector<size_t> empty = {0};
  ROENTGEN_EXPECT_ERROR(ExpandVisionPads(Ids{7}, {7, two}, {8, {}}),
                        "the text has 1 image place, but 2 images are given");
  ROENTGEN_EXPECT_ERROR(ExpandVisionPads(Ids{7, 7}, {7, one}, {8, {}}),
                        "the text has 2 image places, but 1 image is given");
  ROENTGEN_EXPECT_ERROR(ExpandVisionPads(Ids{8}, {7, {}}, {8, {}}),
                        "the text has 1 video place, but 0 videos are given");
  ROENTGEN_EXPECT_ERROR(ExpandVisionPads(Ids{7}, {7, empty}, {8, {}}), "image 1 has no tokens");
}

}  // namespace
}  // namespace roentgen
