#include "roentgen/data/blur_limits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "roentgen/base/random.h"

namespace roentgen {
namespace {

/// Images of these sharpnesses, each of its own pixels.
std::vector<ImageFacts> Blurred(const std::vector<double>& blur) {
  std::vector<ImageFacts> images(blur.size());
  for (size_t i = 0; i < blur.size(); ++i) images[i].blur = blur[i];
  return images;
}

/// So many values around a middle.
void Add(std::vector<double>& blur, int count, double middle, double spread) {
  Random random(blur.size());
  for (int i = 0; i < count; ++i) {
    blur.push_back(middle + spread * (2 * random.NextUniform() - 1));
  }
}

std::vector<BlurLimit> Limits(const std::vector<double>& blur,
                              const std::vector<uint32_t>& modality) {
  std::vector<uint32_t> same(blur.size());
  std::iota(same.begin(), same.end(), 0u);
  return CalibrateBlurLimits(Blurred(blur), same, modality);
}

TEST(BlurLimits, ABlurredImageAmongMany) {
  std::vector<double> blur;
  Add(blur, 60, 0.4, 0.05);
  blur.push_back(0.9);
  const auto limits = Limits(blur, std::vector<uint32_t>(blur.size(), 1));
  ASSERT_EQ(limits.size(), 1u);
  EXPECT_NEAR(limits[0].median, 0.4, 0.03);
  EXPECT_GT(limits[0].threshold, 0.45);
  EXPECT_LT(limits[0].threshold, 0.9);
}

TEST(BlurLimits, TwoBlurredImagesAmongThirty) {
  std::vector<double> blur;
  Add(blur, 28, 0.4, 0.05);
  blur.push_back(0.9);
  blur.push_back(0.95);
  EXPECT_LT(Limits(blur, std::vector<uint32_t>(30, 1))[0].threshold, 0.9);
}

TEST(BlurLimits, AnotherModalityIsNotBlurred) {
  std::vector<double> blur;
  Add(blur, 41, 0.3, 0.01);
  Add(blur, 6, 0.6, 0.01);
  // Known: too few of the second to say anything.
  std::vector<uint32_t> modality(47, 1);
  std::fill(modality.begin() + 41, modality.end(), 2u);
  const auto apart = Limits(blur, modality);
  ASSERT_EQ(apart.size(), 2u);
  EXPECT_LT(apart[0].threshold, 0.6);
  EXPECT_TRUE(std::isinf(apart[1].threshold));
  // Unknown: six of 47 are no outliers.
  EXPECT_TRUE(std::isinf(Limits(blur, std::vector<uint32_t>(47, 0))[0].threshold));
}

TEST(BlurLimits, CopiesCountOnceAndWithoutSpreadNothingIsSaid) {
  std::vector<double> blur;
  Add(blur, 12, 0.4, 0.1);
  std::vector<uint32_t> same(26);
  std::iota(same.begin(), same.end(), 0u);
  for (size_t i = 12; i < 26; ++i) {
    blur.push_back(0.31);
    same[i] = 12;
  }
  const std::vector<uint32_t> modality(26, 1);
  const auto copies = CalibrateBlurLimits(Blurred(blur), same, modality);
  EXPECT_EQ(copies[0].images, 13u);
  EXPECT_TRUE(std::isinf(copies[0].threshold));
  std::vector<double> equal(40, 0.3);
  equal.push_back(0.31);
  EXPECT_TRUE(std::isinf(Limits(equal, std::vector<uint32_t>(41, 1))[0].threshold));
}

}  // namespace
}  // namespace roentgen
