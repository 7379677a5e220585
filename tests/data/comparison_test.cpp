#include "roentgen/data/comparison.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

TEST(Comparison, FormLeavesWordsOnly) {
  EXPECT_EQ(ComparisonForm("Is there a T1-weighted\tImage?"), "is there t1 weighted image");
  EXPECT_EQ(ComparisonForm("  The  heart. "), "heart");
  EXPECT_EQ(ComparisonForm("图中有“肺”吗？"), "图中有 肺 吗");
  EXPECT_EQ(ComparisonForm("?!"), "");
}

TEST(Comparison, SynonymsHaveOneUsualName) {
  EXPECT_EQ(UsualName("xray"), "X-ray");
  EXPECT_EQ(UsualName("CXR"), "X-ray");
  EXPECT_EQ(UsualName("Posterior-Anterior"), "PA");
  EXPECT_EQ(UsualName("X-ray"), std::nullopt);
  EXPECT_EQ(UsualName("x-ray of the chest"), std::nullopt);
  EXPECT_EQ(AnswerForm("Computed Tomography"), AnswerForm("ct scan"));
  EXPECT_NE(AnswerForm("PA"), AnswerForm("AP"));
}

TEST(Comparison, YesAndNoStandAlone) {
  EXPECT_EQ(YesOrNo(" Yes."), true);
  EXPECT_EQ(YesOrNo("No"), false);
  EXPECT_EQ(YesOrNo("不包含"), false);
  EXPECT_EQ(YesOrNo("是的。"), true);
  EXPECT_EQ(YesOrNo("no change"), std::nullopt);
  EXPECT_EQ(YesOrNo("left"), std::nullopt);
}

}  // namespace
}  // namespace roentgen
