#include "roentgen/qwen2vl/positions.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

constexpr int32_t kText = 1;
constexpr int32_t kImage = 100;
constexpr int32_t kVideo = 101;

ModelConfig Config() {
  ModelConfig config;
  config.image_token_id = kImage;
  config.video_token_id = kVideo;
  return config;
}

/// Runs of one id.
std::vector<int32_t> Ids(std::initializer_list<std::pair<int32_t, size_t>> runs) {
  std::vector<int32_t> ids;
  for (const auto& [id, count] : runs) ids.insert(ids.end(), count, id);
  return ids;
}

TokenPositions Positions(const std::vector<int32_t>& ids, const std::vector<GridThw>& images,
                         int64_t start = 0) {
  return ComputePositions(ids, images, {}, Config(), start);
}

TEST(Positions, TextAfterAnImageStartsBehindItsLongerSide) {
  const GridThw wide{1, 2, 6};  // 1×3 merged
  const TokenPositions is = Positions(Ids({{kText, 2}, {kImage, 3}, {kText, 1}}), {wide});
  EXPECT_EQ(is.tokens, (std::vector<Position>{
                           {0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {2, 2, 3}, {2, 2, 4}, {5, 5, 5}}));
  EXPECT_EQ(is.next, 6);
}

TEST(Positions, ImagesDirectlyBehindEachOtherAreStillTwo) {
  const std::vector<GridThw> grids{{1, 2, 4}, {1, 4, 2}};
  const TokenPositions is = Positions(Ids({{kImage, 4}, {kText, 1}}), grids);
  EXPECT_EQ(is.tokens,
            (std::vector<Position>{{0, 0, 0}, {0, 0, 1}, {2, 2, 2}, {2, 3, 2}, {4, 4, 4}}));
}

TEST(Positions, OfAnImageAtTheEndCountForTheNextToken) {
  EXPECT_EQ(Positions(Ids({{kText, 1}, {kImage, 4}}), {{1, 2, 8}}).next, 5);
}

TEST(Positions, OfNothingStayWhereTheyAre) {
  const TokenPositions is = Positions({}, {}, 7);
  EXPECT_TRUE(is.tokens.empty());
  EXPECT_EQ(is.next, 7);
}

TEST(Positions, ContinuingEqualsTheWhole) {
  const std::vector<int32_t> ids =
      Ids({{kText, 3}, {kImage, 6}, {kText, 2}, {kImage, 4}, {kText, 4}});
  const std::vector<GridThw> grids{{1, 4, 6}, {1, 8, 2}};
  const TokenPositions whole = Positions(ids, grids);
  // Everywhere but inside an image.
  for (const size_t cut : {size_t{0}, size_t{2}, size_t{3}, size_t{9}, size_t{10}, size_t{11},
                           size_t{15}, size_t{17}, ids.size()}) {
    SCOPED_TRACE(cut);
    const size_t images = cut >= 15 ? 2 : cut >= 9 ? 1 : 0;
    const auto middle = ids.begin() + static_cast<ptrdiff_t>(cut);
    const auto first_images = grids.begin() + static_cast<ptrdiff_t>(images);
    TokenPositions parts = Positions({ids.begin(), middle}, {grids.begin(), first_images});
    const TokenPositions rest =
        Positions({middle, ids.end()}, {first_images, grids.end()}, parts.next);
    parts.tokens.insert(parts.tokens.end(), rest.tokens.begin(), rest.tokens.end());
    EXPECT_EQ(parts.tokens, whole.tokens);
    EXPECT_EQ(rest.next, whole.next);
  }
}

TEST(Positions, PlaceholdersMustMatchTheGrids) {
  const GridThw four{1, 4, 4};
  ROENTGEN_EXPECT_ERROR(Positions(Ids({{kText, 2}, {kImage, 3}, {kText, 1}}), {four}),
                        "3 placeholders for the image at token 2, but it takes 4");
  ROENTGEN_EXPECT_ERROR(Positions(Ids({{kImage, 5}}), {four}), "more than the 1 images given");
  ROENTGEN_EXPECT_ERROR(Positions(Ids({{kImage, 1}}), {}), "more than the 0 images given");
  ROENTGEN_EXPECT_ERROR(Positions(Ids({{kImage, 4}}), {four, four}),
                        "2 images were given, but the text has placeholders for 1");
  ROENTGEN_EXPECT_ERROR(Positions(Ids({{kVideo, 4}}), {four}), "more than the 0 videos given");
}

}  // namespace
}  // namespace roentgen
