#include "roentgen/text/chat_template.h"

#include <gmock/gmock.h>

#include "roentgen/text/tokenizer.h"
#include "text/text_goldens.h"

namespace roentgen {
namespace {

using Ids = std::vector<int32_t>;
using Kind = ChatPart::Kind;

/// A part of a message as the template's author meant it: by its type, or by the key it has.
ChatPart ToPart(const Json& part) {
  const std::string type = part.value("type", "");
  if (type == "image" || part.contains("image") || part.contains("image_url")) {
    return {Kind::kImage, ""};
  }
  if (type == "video" || part.contains("video")) return {Kind::kVideo, ""};
  return {Kind::kText, part.at("text")};
}

std::vector<ChatMessage> ToMessages(const Json& rows) {
  std::vector<ChatMessage> messages;
  for (const Json& row : rows) {
    ChatMessage message{row.at("role"), {}};
    const Json& content = row.at("content");
    if (content.is_string()) {
      message.parts.push_back({Kind::kText, content});
    } else {
      for (const Json& part : content) message.parts.push_back(ToPart(part));
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

/// Tokens of each image or video: two by two patches make one.
std::vector<size_t> TokenCounts(const JsonObject& row, const char* key) {
  std::vector<size_t> counts;
  for (const Json& grid : row.json().at(key)) {
    counts.push_back(grid.at(0).get<size_t>() * grid.at(1).get<size_t>() *
                     grid.at(2).get<size_t>() / 4);
  }
  return counts;
}

TEST(ChatTemplateGolden, RenderedAndEncoded) {
  ROENTGEN_NEED(test::TextGolden("chat.jsonl"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  const auto cases = test::ReadJsonLines(test::TextGolden("chat.jsonl"));
  ASSERT_EQ(cases.size(), 88u);
  for (const JsonObject& row : cases) {
    const auto messages = ToMessages(row.json().at("messages"));
    const std::string rendered = RenderChat(messages, row.Get<bool>("add_generation_prompt"),
                                            row.Get<bool>("add_vision_id"));
    EXPECT_EQ(rendered, row.Get<std::string>("rendered")) << row.where();
    EXPECT_EQ(tokenizer.Encode(rendered), row.Get<Ids>("ids")) << row.where();
  }
}

TEST(ChatTemplateGolden, VisionPadsExpand) {
  ROENTGEN_NEED(test::TextGolden("chat.jsonl"));
  ROENTGEN_NEED(test::QwenFolder());
  const int32_t image_pad = test::QwenTokenizer().Special("<|image_pad|>");
  const int32_t video_pad = test::QwenTokenizer().Special("<|video_pad|>");
  size_t expanded_cases = 0;
  for (const JsonObject& row : test::ReadJsonLines(test::TextGolden("chat.jsonl"))) {
    if (!row.Has("expanded_ids")) continue;
    ++expanded_cases;
    const auto images = TokenCounts(row, "image_grid_thw");
    const auto videos = TokenCounts(row, "video_grid_thw");
    const Ids expanded =
        ExpandVisionPads(row.Get<Ids>("ids"), {image_pad, images}, {video_pad, videos});
    EXPECT_EQ(expanded, row.Get<Ids>("expanded_ids")) << row.where();
    Ids types;
    for (const int32_t id : expanded)
      types.push_back(id == image_pad ? 1 : id == video_pad ? 2 : 0);
    EXPECT_EQ(types, row.Get<Ids>("mm_token_type_ids")) << row.where();
  }
  EXPECT_EQ(expanded_cases, 32u);
}

TEST(ChatTemplateGolden, PromptsOfTheTinyModel) {
  const std::filesystem::path model = test::SharedRoot() / "models" / "tiny-rad";
  ROENTGEN_NEED(model / "reference.jsonl");
  const Tokenizer tokenizer = Tokenizer::Load(model);
  const auto cases = test::ReadJsonLines(model / "reference.jsonl");
  ASSERT_EQ(cases.size(), 60u);
  for (const JsonObject& row : cases) {
    std::vector<std::string> texts;  // question, answer, question, …
    for (const Json& turn : row.json().at("history")) {
      texts.insert(texts.end(), {turn.at(0), turn.at(1)});
    }
    texts.push_back(row.Get<std::string>("question"));
    std::vector<ChatMessage> messages;
    for (const std::string& text : texts) {
      messages.push_back({messages.size() % 2 == 0 ? "user" : "assistant", {{Kind::kText, text}}});
    }
    messages.front().parts.insert(messages.front().parts.begin(), {Kind::kImage, ""});

    const auto grid = row.Get<std::vector<size_t>>("image_grid_thw");
    const std::vector<size_t> count = {grid[0] * grid[1] * grid[2] / 4};
    const Ids prompt = ExpandVisionPads(tokenizer.Encode(RenderChat(messages, true)),
                                        {tokenizer.Special("<|image_pad|>"), count},
                                        {tokenizer.Special("<|video_pad|>"), {}});
    EXPECT_EQ(prompt, row.Get<Ids>("prompt_ids")) << row.where();
    EXPECT_EQ(tokenizer.Decode(row.Get<Ids>("answer_ids"), true), row.Get<std::string>("answer"));
  }
}

}  // namespace
}  // namespace roentgen
