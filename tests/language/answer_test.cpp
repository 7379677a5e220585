#include "roentgen/language/answer.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

TEST(Answers, YesAndNoStandAlone) {
  EXPECT_EQ(YesOrNo(" Yes."), true);
  EXPECT_EQ(YesOrNo("No"), false);
  EXPECT_EQ(YesOrNo("不包含"), false);
  EXPECT_EQ(YesOrNo("是的。"), true);
  EXPECT_EQ(YesOrNo("no change"), std::nullopt);
  EXPECT_EQ(YesOrNo("left"), std::nullopt);
}

}  // namespace
}  // namespace roentgen
