// Text and image files as Qwen2VLProcessor prepares them: the rendered conversation, its ids with
// every placeholder expanded, and the patches.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "roentgen/base/hash.h"
#include "roentgen/imaging/load.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/text/chat_template.h"
#include "roentgen/text/tokenizer.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

std::vector<ChatMessage> MessagesOf(const Json& json) {
  std::vector<ChatMessage> messages;
  for (const Json& message : json) {
    ChatMessage& to = messages.emplace_back();
    to.role = message.at("role");
    for (const Json& part : message.at("content")) {
      if (part.at("type") == "image") {
        to.parts.push_back({ChatPart::Kind::kImage, ""});
      } else {
        to.parts.push_back({ChatPart::Kind::kText, part.at("text")});
      }
    }
  }
  return messages;
}

TEST(ProcessorGolden, EveryCase) {
  const fs::path folder = test::GoldenRoot() / "vision";
  ROENTGEN_NEED(folder / "processor.jsonl");
  const fs::path model = test::SharedRoot() / "models" / "qwen2-vl-2b-instruct";
  ROENTGEN_NEED(model);
  const Tokenizer tokenizer = Tokenizer::Load(model);
  const ModelConfig config = ModelConfig::Load(model);
  const PreprocessorConfig preprocessor = PreprocessorConfig::Load(model);
  LoadOptions as_transformers;
  as_transformers.grey16 = Grey16::kClip;

  const std::vector<Json> cases = test::JsonLines(folder / "processor.jsonl");
  EXPECT_FALSE(cases.empty());
  for (const Json& sample : cases) {
    SCOPED_TRACE(sample.at("files").dump());
    std::vector<std::vector<int>> grids;
    std::vector<size_t> tokens;
    uint64_t hash = kFnv1a64Offset;
    size_t values = 0;
    for (const std::string file : sample.at("files")) {
      const Patches patches = MakePatches(LoadImage(folder / file, as_transformers), preprocessor);
      grids.push_back({patches.grid.t, patches.grid.h, patches.grid.w});
      tokens.push_back(MergedTokens(patches.grid, config.vision));
      hash = Fnv1a64({reinterpret_cast<const char*>(patches.values.data()),
                      patches.values.size() * sizeof(float)},
                     hash);
      values += patches.values.size();
    }
    EXPECT_EQ(grids, sample.at("image_grid_thw").get<std::vector<std::vector<int>>>());
    const auto shape = sample.at("pixel_values_shape").get<std::vector<size_t>>();
    EXPECT_EQ(values, shape.at(0) * shape.at(1));
    EXPECT_EQ(fmt::format("{:016x}", hash), sample.at("pixel_values_fnv1a64").get<std::string>());

    const std::string text = RenderChat(MessagesOf(sample.at("messages")), true);
    EXPECT_EQ(text, sample.at("text").get<std::string>());
    const std::vector<int32_t> ids = ExpandVisionPads(
        tokenizer.Encode(text), {config.image_token_id, tokens}, {config.video_token_id, {}});
    EXPECT_EQ(ids, sample.at("input_ids").get<std::vector<int32_t>>());
    std::vector<int> types;  // 1: an image's
    for (const int32_t id : ids) types.push_back(id == config.image_token_id ? 1 : 0);
    EXPECT_EQ(types, sample.at("mm_token_type_ids").get<std::vector<int>>());
  }
}

}  // namespace
}  // namespace roentgen
