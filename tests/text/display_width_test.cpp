#include "roentgen/text/display_width.h"

#include <gtest/gtest.h>

namespace roentgen {
namespace {

TEST(DisplayWidth, ChineseTakesTwoCells) {
  EXPECT_EQ(DisplayWidth("lung"), 4u);
  EXPECT_EQ(DisplayWidth("肺叶"), 4u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u);  // a combining accent
}

TEST(FitToWidth, CutsAndFills) {
  EXPECT_EQ(FitToWidth("肺", 5), "肺   ");
  EXPECT_EQ(FitToWidth("abcdef", 4), "abc…");
  EXPECT_EQ(FitToWidth("肺叶肺叶", 6), "肺叶… ");  // half a character is none
  EXPECT_EQ(FitToWidth("abc", 0), "");
}

TEST(WrapText, BreaksBetweenWords) {
  EXPECT_EQ(WrapText("one two three", 20), "one two three");
  EXPECT_EQ(WrapText("one two three", 8), "one two\nthree");
  EXPECT_EQ(WrapText("one two three", 9, 2), "one two\n  three");
  EXPECT_EQ(WrapText("extraordinary a b", 5, 2), "extraordinary\n  a b");
  EXPECT_EQ(WrapText("  肺叶 肺叶", 6), "  肺叶\n肺叶");
  EXPECT_EQ(WrapText("", 5), "");
}

}  // namespace
}  // namespace roentgen
