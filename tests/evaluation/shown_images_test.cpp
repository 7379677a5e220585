#include "roentgen/evaluation/shown_images.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

/// Pictures of three files: two of one size, one of another.
class ShownPicturesTest : public testing::Test {
 protected:
  static Patches Prepare(const std::filesystem::path& path) {
    const int number = path.string().back() - '0';
    const int h = number == 2 ? 4 : 2;
    Patches patches{{1, h, 2}, {}, {28, 14 * h}};
    patches.values.assign(static_cast<size_t>(h * 2) * PreprocessorConfig().PatchValues(),
                          static_cast<float>(number));
    return patches;
  }

  static std::vector<Sample> Samples() {
    std::vector<Sample> samples(3);
    for (size_t i = 0; i < 3; ++i) samples[i].images = {"image" + std::to_string(i)};
    return samples;
  }

  ThreadPool pool_{1};
  std::vector<Sample> samples_ = Samples();
  ImageSet images_{samples_, Prepare, 2, pool_};
  ShownPictures pictures_{images_, {.min_pixels = 28 * 28}, {2, 0, 1}};
};

TEST_F(ShownPicturesTest, ASwappedImageIsTheOtherOnesTruePicture) {
  const auto own = pictures_.For(2, ShownImages::kTrue);
  const auto swapped = pictures_.For(0, ShownImages::kSwapped);
  EXPECT_EQ(swapped.number, own.number);
  EXPECT_EQ(swapped.image, 2u);
  EXPECT_EQ(swapped.tokens, 2u);  // the other one's, not its own
  EXPECT_EQ(pictures_.Load(swapped.number).values.front(), 2);
}

TEST_F(ShownPicturesTest, ABlankOneIsShownOnceForEachSize) {
  const auto first = pictures_.For(0, ShownImages::kBlank);
  EXPECT_EQ(pictures_.For(1, ShownImages::kBlank).number, first.number);
  EXPECT_NE(pictures_.For(2, ShownImages::kBlank).number, first.number);
  const Patches blank = pictures_.Load(first.number);
  EXPECT_EQ(blank.grid.h, 2);
  // Mid grey in the first channel's scale.
  const PreprocessorConfig config;
  EXPECT_NEAR(blank.values.front(), (128 / 255.0 - config.image_mean[0]) / config.image_std[0],
              1e-6);
}

TEST_F(ShownPicturesTest, NoiseIsEachImagesOwnAndAlwaysTheSame) {
  const auto first = pictures_.For(0, ShownImages::kNoise);
  const auto second = pictures_.For(1, ShownImages::kNoise);
  EXPECT_NE(first.number, second.number);
  const Patches noise = pictures_.Load(first.number);
  EXPECT_EQ(pictures_.Load(first.number).values, noise.values);
  EXPECT_NE(pictures_.Load(second.number).values, noise.values);
  EXPECT_GT(std::set<float>(noise.values.begin(), noise.values.end()).size(), 200u);
}

TEST_F(ShownPicturesTest, EachIsCountedOnce) {
  for (const ShownImages shown :
       {ShownImages::kTrue, ShownImages::kSwapped, ShownImages::kBlank, ShownImages::kNoise}) {
    for (size_t image = 0; image < 3; ++image) pictures_.For(image, shown);
  }
  EXPECT_EQ(pictures_.size(), 3u + 2u + 3u);
}

TEST(ShownImages, HaveNames) {
  for (const ShownImages shown :
       {ShownImages::kTrue, ShownImages::kSwapped, ShownImages::kBlank, ShownImages::kNoise}) {
    EXPECT_EQ(ShownImagesNamed(NameOf(shown)), shown);
  }
  ROENTGEN_EXPECT_ERROR(ShownImagesNamed("inverted"), "no images called \"inverted\"");
}

}  // namespace
}  // namespace roentgen
