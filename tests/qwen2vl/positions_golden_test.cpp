// M-RoPE positions against get_rope_index of Transformers 5, batches with padding among them.

#include <gmock/gmock.h>

#include "roentgen/base/json.h"
#include "roentgen/qwen2vl/positions.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

constexpr size_t kFileLimit = size_t{16} << 20;

/// One sequence of a batch, without its padding.
struct Row {
  std::vector<int32_t> ids;
  std::vector<Position> positions;
  std::vector<GridThw> images;
  std::vector<GridThw> videos;
  int64_t delta = 0;
};

GridThw ToGrid(const Json& json) {
  return {json.at(0), json.at(1), json.at(2)};
}

/// Keeps the tokens that the mask keeps. axes: the positions of t, h and w.
Row WithoutPadding(const Json& ids, const Json& mask, const std::array<Json, 3>& axes) {
  Row row;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (mask.at(i) == 0) continue;
    row.ids.push_back(ids.at(i));
    row.positions.push_back({axes[0].at(i), axes[1].at(i), axes[2].at(i)});
  }
  return row;
}

void Check(const Row& row, const ModelConfig& config) {
  const TokenPositions is = ComputePositions(row.ids, row.images, row.videos, config, 0);
  EXPECT_EQ(is.tokens, row.positions);
  EXPECT_EQ(is.next - static_cast<int64_t>(row.ids.size()), row.delta);
}

TEST(PositionsGolden, SingleSequences) {
  const auto path = test::GoldenRoot() / "model" / "rope_index.json";
  ROENTGEN_NEED(path);
  const Json cases = ReadJsonFile(path, kFileLimit);
  EXPECT_FALSE(cases.empty());
  for (const Json& json : cases) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    ModelConfig config;
    config.image_token_id = json.at("image_token_id");
    config.video_token_id = json.at("video_token_id");
    const Json& positions = json.at("position_ids");
    Row row = WithoutPadding(json.at("input_ids"), json.at("attention_mask"),
                             {positions.at(0), positions.at(1), positions.at(2)});
    for (const Json& grid : json.at("image_grid_thw")) row.images.push_back(ToGrid(grid));
    for (const Json& grid : json.at("video_grid_thw")) row.videos.push_back(ToGrid(grid));
    row.delta = json.at("rope_delta");
    Check(row, config);
  }
}

TEST(PositionsGolden, PaddedBatches) {
  const auto path = test::GoldenRoot() / "vision" / "mrope.jsonl";
  ROENTGEN_NEED(path);
  ModelConfig config;  // the ids of the published checkpoints
  config.image_token_id = 151655;
  config.video_token_id = 151656;
  size_t rows = 0;
  for (const Json& json : test::JsonLines(path)) {
    SCOPED_TRACE(json.at("layout").dump());
    for (size_t b = 0; b < json.at("input_ids").size(); ++b) {
      const Json& positions = json.at("position_ids");
      Row row =
          WithoutPadding(json.at("input_ids").at(b), json.at("attention_mask").at(b),
                         {positions.at(0).at(b), positions.at(1).at(b), positions.at(2).at(b)});
      for (const Json& part : json.at("layout").at(b)) {
        if (part.at(0) == "i") row.images.push_back(ToGrid(part.at(1)));
        if (part.at(0) == "v") row.videos.push_back(ToGrid(part.at(1)));
      }
      row.delta = json.at("delta").at(b);
      Check(row, config);
      ++rows;
    }
  }
  EXPECT_GT(rows, 0u);
}

}  // namespace
}  // namespace roentgen
