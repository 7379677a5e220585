#include "roentgen/data/image_facts.h"

#include <gmock/gmock.h>

#include <cmath>

#include "data/generated_set.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {
namespace {

using testing::HasSubstr;

/// A picture of grey levels given by a formula.
template <class Level>
Image Picture(int width, int height, const Level& level) {
  Image image{width, height, {}, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.rgb.insert(image.rgb.end(), 3, level(x, y));
  }
  return image;
}

uint8_t Texture(int x, int y) {
  return static_cast<uint8_t>((x * x + 3 * y * y + x * y / 2) % 251);
}

/// The mean of the (2 reach + 1)² pixels around, within the picture.
Image Blurred(const Image& image, int reach) {
  return Picture(image.width, image.height, [&](int x, int y) {
    int sum = 0;
    int count = 0;
    for (int v = std::max(0, y - reach); v <= std::min(image.height - 1, y + reach); ++v) {
      for (int u = std::max(0, x - reach); u <= std::min(image.width - 1, x + reach); ++u) {
        sum += image.rgb[static_cast<size_t>(3 * (v * image.width + u))];
        ++count;
      }
    }
    return static_cast<uint8_t>(sum / count);
  });
}

TEST(Blur, EqualsScikitImage) {
  // skimage.measure.blur_effect(image, h_size=11, channel_axis=-1) of scikit-image 0.26.
  EXPECT_NEAR(MeasureBlur(Picture(64, 48, Texture)), 0.1250560, 1e-5);
  EXPECT_NEAR(MeasureBlur(Picture(
                  40, 50, [](int x, int y) { return static_cast<uint8_t>(3 * x + 2 * y); })),
              0.9361702, 1e-5);
}

TEST(Blur, GrowsAsDetailGoes) {
  const Image sharp = Picture(96, 96, Texture);
  double last = MeasureBlur(sharp);
  for (const int reach : {1, 2, 4, 8}) {
    const double blur = MeasureBlur(Blurred(sharp, reach));
    EXPECT_GT(blur, last) << reach;
    last = blur;
  }
}

TEST(Blur, IsTheSameAtLowContrast) {
  const auto faint = [](int x, int y) { return static_cast<uint8_t>(100 + Texture(x, y) / 8 * 2); };
  const auto strong = [](int x, int y) { return static_cast<uint8_t>(Texture(x, y) / 8 * 8); };
  EXPECT_NEAR(MeasureBlur(Picture(64, 64, faint)), MeasureBlur(Picture(64, 64, strong)), 1e-5);
}

TEST(Blur, APictureOfNothingIsBlurred) {
  EXPECT_EQ(MeasureBlur(Picture(32, 32, [](int, int) { return uint8_t{7}; })), 1);
  EXPECT_EQ(MeasureBlur(Picture(1, 1, [](int, int) { return uint8_t{7}; })), 1);
}

uint8_t Shape(int x, int y) {
  const bool disc = (x - 60) * (x - 60) + (y - 40) * (y - 40) < 900;
  return static_cast<uint8_t>(disc ? 200 : 40 + (x + y) / 4);
}

TEST(PerceptualHash, SurvivesScaleContrastAndNoise) {
  const Image image = Picture(160, 120, Shape);
  const uint64_t hash = PerceptualHash(image);
  EXPECT_LE(HammingDistance(hash, PerceptualHash(ResizeBicubic(image, {320, 240}))), 4);
  const auto faint = [](int x, int y) { return static_cast<uint8_t>(30 + Shape(x, y) / 2); };
  EXPECT_LE(HammingDistance(hash, PerceptualHash(Picture(160, 120, faint))), 4);
  const auto noisy = [](int x, int y) {
    return static_cast<uint8_t>(Shape(x, y) + Texture(x, y) % 9);
  };
  EXPECT_LE(HammingDistance(hash, PerceptualHash(Picture(160, 120, noisy))), 4);
  const auto other = [](int x, int y) { return Shape(159 - x, y); };
  EXPECT_GT(HammingDistance(hash, PerceptualHash(Picture(160, 120, other))), 16);
}

TEST(LookAtImage, TellsWhatIsWrong) {
  const test::TemporaryFolder folder;
  test::PutImage(folder.path(), "a.png");
  const ImageFacts sound = LookAtImage(folder.path() / "a.png");
  EXPECT_EQ(sound.problem, "");
  EXPECT_GT(sound.size.width, 0);
  EXPECT_EQ(sound.pixels_sha256.size(), 64u);
  const ImageFacts missing = LookAtImage(folder.path() / "b.png");
  EXPECT_TRUE(missing.missing);
  EXPECT_THAT(missing.problem, HasSubstr("b.png: no such file"));
  WriteFile(folder.path() / "c.png", "text");
  const ImageFacts broken = LookAtImage(folder.path() / "c.png");
  EXPECT_FALSE(broken.missing);
  EXPECT_THAT(broken.problem, HasSubstr("c.png"));
  EXPECT_NE(LookAtImage(folder.path()).problem, "");
}

}  // namespace
}  // namespace roentgen
