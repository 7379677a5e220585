#include "roentgen/language/segments.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitWords, InBothLanguages) {
  EXPECT_THAT(SplitWords("Is the heart enlarged?"), ElementsAre("Is", "the", "heart", "enlarged"));
  EXPECT_THAT(SplitWords("图像中有骨折吗？"), testing::Contains("骨折"));
  EXPECT_THAT(SplitWords("这是CT图像，3.5厘米。"), testing::IsSupersetOf({"CT", "3.5"}));
  EXPECT_THAT(SplitWords(" ，。"), IsEmpty());
  EXPECT_THAT(SplitWords(""), IsEmpty());
}

TEST(SplitWords, ATermIsAWord) {
  EXPECT_THAT(SplitWords("右侧胸腔积液"), testing::Contains("胸腔积液"));
}

}  // namespace
}  // namespace roentgen
