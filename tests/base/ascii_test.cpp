#include "roentgen/base/ascii.h"

#include <gtest/gtest.h>

namespace roentgen {
namespace {

TEST(LowerAscii, LeavesAllElseAsItIs) {
  EXPECT_EQ(LowerAscii("AZaz@[`{09"), "azaz@[`{09");
  EXPECT_EQ(LowerAscii("CT 平扫 ÄÉ"), "ct 平扫 ÄÉ");
  EXPECT_EQ(LowerAscii(""), "");
}

TEST(EndingOf, IsTheExtensionInLowerCase) {
  EXPECT_EQ(EndingOf("a.b/Report.PDF"), ".pdf");
  EXPECT_EQ(EndingOf("报告.FHIR.Json"), ".json");
  EXPECT_EQ(EndingOf("folder.d/name"), "");
  EXPECT_EQ(EndingOf(".Hidden"), "");
}

}  // namespace
}  // namespace roentgen
