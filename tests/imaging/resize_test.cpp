#include "roentgen/imaging/resize.h"

#include <gmock/gmock.h>

#include <numeric>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "roentgen/imaging/llamafactory.h"
#include "support/paths.h"

namespace roentgen {
namespace {

std::vector<uint8_t> Noise(size_t count) {
  Random random(5);
  std::vector<uint8_t> bytes(count);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.NextBits());
  return bytes;
}

TEST(Resize, SizesAndCountsAreChecked) {
  const std::vector<uint8_t> pixels(12);
  const std::span<const uint8_t> view(pixels);
  EXPECT_THROW(ResizeBicubic(view, {2, 2}, 3, {0, 2}), ShapeError);
  EXPECT_THROW(ResizeBicubic(view, {0, 2}, 3, {2, 2}), ShapeError);
  EXPECT_THROW(ResizeBicubic(view, {2, 2}, 4, {2, 2}), ShapeError);
  EXPECT_THROW(ResizeBicubic(view, {2, 1}, 6, {2, 2}), ShapeError);
  EXPECT_THROW(ResizeNearest(view, {2, 2}, {2, 2}), ShapeError);
}

TEST(Resize, TheSameSizeIsACopy) {
  const std::vector<uint8_t> pixels = Noise(7 * 5 * 3);
  EXPECT_EQ(ResizeBicubic(std::span<const uint8_t>(pixels), {7, 5}, 3, {7, 5}), pixels);
}

TEST(Resize, ChannelsDoNotMix) {
  // Each channel of a picture comes out as if it were resized alone, at widths around the
  // kernel's blocks.
  for (const int width : {1, 2, 15, 31, 33, 100}) {
    const Size from = {width, 37};
    const Size to = {width * 2 / 3 + 1, 50};
    const std::vector<uint8_t> pixels = Noise(static_cast<size_t>(from.width * from.height) * 4);
    const auto together = ResizeBicubic(std::span<const uint8_t>(pixels), from, 4, to);
    for (size_t c = 0; c < 4; ++c) {
      std::vector<uint8_t> channel;
      for (size_t i = c; i < pixels.size(); i += 4) channel.push_back(pixels[i]);
      const auto alone = ResizeBicubic(std::span<const uint8_t>(channel), from, 1, to);
      for (size_t i = 0; i < alone.size(); ++i) ASSERT_EQ(alone[i], together[4 * i + c]);
    }
  }
}

TEST(Resize, FlatPicturesStayFlat) {
  const std::vector<uint8_t> white(50 * 40, 255);
  EXPECT_THAT(ResizeBicubic(std::span<const uint8_t>(white), {50, 40}, 1, {17, 90}),
              testing::Each(255));
  const std::vector<uint16_t> bright(50 * 40, 65535);
  EXPECT_THAT(ResizeBicubic(std::span<const uint16_t>(bright), {50, 40}, {17, 90}),
              testing::Each(65535));
}

TEST(Resize, NearestTakesThePixelUnderTheCentre) {
  const std::vector<uint8_t> row = {0, 1, 2, 3, 4};
  EXPECT_THAT(ResizeNearest(row, {5, 1}, {3, 1}), testing::ElementsAre(0, 2, 4));
  EXPECT_THAT(ResizeNearest(row, {5, 1}, {10, 1}),
              testing::ElementsAre(0, 0, 1, 1, 2, 2, 3, 3, 4, 4));
}

TEST(Resize, SmartResizeRefusesExtremeShapes) {
  EXPECT_EQ(SmartResize({200, 1}, 28, 3136, 12845056).width % 28, 0);
  ROENTGEN_EXPECT_ERROR(SmartResize({201, 1}, 28, 3136, 12845056),
                        "201 × 1 pixels: one side is more than 200 times the other");
  ROENTGEN_EXPECT_ERROR(SmartResize({1, 201}, 28, 3136, 12845056), "more than 200 times");
  ROENTGEN_EXPECT_ERROR(SmartResize({0, 5}, 28, 3136, 12845056), "no content");
}

TEST(LlamaFactory, APictureThatVanishesIsAnError) {
  ROENTGEN_EXPECT_ERROR(PlanLlamaFactoryResizes({1, 1000000}), "vanishes at 589824 pixels");
  ROENTGEN_EXPECT_ERROR(PlanLlamaFactoryResizes({0, 3}), "no content");
  RawImage raw;
  raw.provenance.source = "strip.png";
  ROENTGEN_EXPECT_ERROR(PrepareForLlamaFactory(raw), "strip.png: a picture of 0 × 0");
}

/// Image.fromarray(numpy.arange(48 * 64).reshape(48, 64) − 1000) as "I", and an eighth of it as
/// "F", resized to 29 × 31 by Pillow 13.
TEST(Resize, NumbersEqualPillow) {
  std::vector<double> whole(48 * 64);
  std::iota(whole.begin(), whole.end(), -1000.0);
  const std::vector<double> resized = ResizeBicubic(whole, true, {64, 48}, {29, 31});
  EXPECT_EQ(std::vector(resized.begin(), resized.begin() + 4),
            (std::vector<double>{-979, -977, -975, -973}));
  EXPECT_EQ(resized[15 * 29 + 10], 527);
  EXPECT_EQ(resized.back(), 2050);
  EXPECT_EQ(std::accumulate(resized.begin(), resized.end(), 0.0), 481420);
  for (double& value : whole) value /= 8;
  const std::vector<double> floats = ResizeBicubic(whole, false, {64, 48}, {29, 31});
  EXPECT_EQ(floats[0], -122.4670181274414);
  EXPECT_EQ(floats[15 * 29 + 10], 65.83470916748047);
  EXPECT_EQ(floats.back(), 256.3420104980469);
}

TEST(LlamaFactory, NumbersAreScaledOrClippedBeforeTheLastResize) {
  RawImage raw;
  raw.mode = PixelMode::kNumbers;
  raw.number_kind = "signed 16-bit";
  raw.whole_numbers = true;
  raw.width = raw.height = 40;
  for (int i = 0; i < 1600; ++i) raw.numbers.push_back(i - 800);
  LlamaFactoryLimits limits;
  limits.image_max_pixels = 900;
  limits.image_min_pixels = 1;
  const Image scaled = PrepareForLlamaFactory(raw, limits);
  EXPECT_EQ(scaled.size(), (Size{30, 30}));
  EXPECT_NEAR(scaled.rgb[3 * 450], 127, 6);
  const Image clipped = PrepareForLlamaFactory(raw, limits, Grey16::kClip);
  EXPECT_EQ(clipped.rgb[3 * 400], 0);
  EXPECT_EQ(clipped.rgb[3 * 800], 255);
}

TEST(LlamaFactory, Grey16IsScaledByDefault) {
  RawImage raw;
  raw.mode = PixelMode::kGrey16;
  raw.width = raw.height = 40;
  for (int i = 0; i < 1600; ++i) raw.grey16.push_back(static_cast<uint16_t>(i * 40));
  const Image scaled = PrepareForLlamaFactory(raw);
  EXPECT_EQ(scaled.rgb[3 * 800], 128);
  EXPECT_EQ(PrepareForLlamaFactory(raw, {}, Grey16::kClip).rgb[3 * 800], 255);
}

}  // namespace
}  // namespace roentgen
