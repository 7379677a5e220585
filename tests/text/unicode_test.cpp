#include "roentgen/text/unicode.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

TEST(Unicode, Classes) {
  EXPECT_EQ(ClassOf(U'é'), CharClass::kLetter);
  EXPECT_EQ(ClassOf(U'肺'), CharClass::kLetter);
  EXPECT_EQ(ClassOf(U'½'), CharClass::kNumber);
  EXPECT_EQ(ClassOf(0x3000), CharClass::kSpace);
  EXPECT_EQ(ClassOf(0x200b), CharClass::kOther);
  EXPECT_EQ(ClassOf(0x301), CharClass::kOther);
  EXPECT_EQ(ClassOf(0x10ffff), CharClass::kOther);
}

TEST(Unicode, LookalikesFoldToOneText) {
  EXPECT_EQ(FoldLookalikes("9.41\u202fAM"), "9.41 AM");
  EXPECT_EQ(FoldLookalikes("a\u00a0b\u3000c\u2009d"), "a b c d");
  EXPECT_EQ(FoldLookalikes("Mu\u0308ller"), "M\u00fcller");
  EXPECT_EQ(FoldLookalikes("\u202aC:\u200b\ufeff"), "C:");
  EXPECT_EQ(FoldLookalikes("Jane\u2019s\u2013scan"), "Jane's-scan");
  EXPECT_EQ(FoldLookalikes("胸片（1）"), "胸片(1)");
  EXPECT_EQ(FoldLookalikes("A.PNG"), "A.PNG");
  EXPECT_EQ(FoldLookalikes("Ä.PNG", /*fold_case=*/true), "ä.png");
  EXPECT_EQ(FoldLookalikes("\xff\u00a0"), "\xff\u00a0");
}

TEST(Unicode, LookalikesOrderMarksOfAnyNumber) {
  EXPECT_EQ(FoldLookalikes("q\u0307\u0323"), "q\u0323\u0307");
  EXPECT_EQ(FoldLookalikes("肺\ufdfa").size(), 36u);  // 18 Arabic letters and blanks
  std::string marks = "e";
  std::string below;
  std::string above;
  for (int i = 0; i < 100'000; ++i) {
    marks += "\u0301\u0323";
    below += i > 0 ? "\u0323" : "";
    above += "\u0301";
  }
  EXPECT_EQ(FoldLookalikes(marks), "\u1eb9" + below + above);
}

TEST(Unicode, NfcComposesAndOrders) {
  EXPECT_EQ(ToNfc(""), "");
  EXPECT_EQ(ToNfc("plain 肺部"), "plain 肺部");
  EXPECT_EQ(ToNfc("e\u0301"), "\u00e9");
  EXPECT_EQ(ToNfc("\u212b"), "\u00c5");                // Angstrom sign
  EXPECT_EQ(ToNfc("q\u0307\u0323"), "q\u0323\u0307");  // by class
  EXPECT_EQ(ToNfc("\u1112\u1161\u11ab"), "\ud55c");    // Hangul
  EXPECT_EQ(ToNfc("\u0958"), "\u0915\u093c");          // excluded from composition
}

// What tokenizers 0.23.3 gives.
TEST(Unicode, MarksNewerThanUnicode9KeepTheirPlace) {
  EXPECT_EQ(ToNfc("q\u1df6\u0301"), "q\u1df6\u0301");
  EXPECT_EQ(ToNfc("e\u08d3\u0301"), "e\u08d3\u0301");  // and nothing composes across them
  EXPECT_EQ(ToNfc("\U00011935\U00011930"), "\U00011935\U00011930");
  EXPECT_EQ(ToNfc("\U00011938"), "\U00011938");
  EXPECT_EQ(ToNfc("\u08d3e\u0301"), "\u08d3\u00e9");
  EXPECT_EQ(ToNfc("q\u08d4\u0316"), "q\u0316\u08d4");  // of Unicode 9
}

TEST(Unicode, AMegabyteOfMarksIsSortedInTime) {
  std::string text = "a";
  for (int i = 0; i < 250000; ++i) text += "\u0305\u0316";
  const std::string normal = ToNfc(text);  // with neighbours swapped one by one: minutes
  std::string sorted = "a";
  for (int i = 0; i < 250000; ++i) sorted += "\u0316";
  for (int i = 0; i < 250000; ++i) sorted += "\u0305";
  EXPECT_TRUE(normal == sorted);
}

}  // namespace
}  // namespace roentgen
