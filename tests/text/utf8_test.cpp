#include "roentgen/text/utf8.h"

#include <gmock/gmock.h>

#include "roentgen/base/random.h"

namespace roentgen {
namespace {

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string text;
    AppendUtf8(c, text);
    const Utf8Step step = ReadUtf8(text, 0);
    ASSERT_TRUE(step.valid);
    ASSERT_EQ(step.code_point, c);
    ASSERT_EQ(step.length, text.size());
    ASSERT_EQ(FindInvalidUtf8(text), std::nullopt);
    // Cut off anywhere, it is one maximal subpart.
    for (size_t length = 1; length < text.size(); ++length) {
      ASSERT_EQ(ToValidUtf8(text.substr(0, length)), "\ufffd");
    }
  }
}

TEST(Utf8, TheOffsetIsThatOfTheFirstBadByte) {
  EXPECT_EQ(FindInvalidUtf8(""), std::nullopt);
  EXPECT_EQ(FindInvalidUtf8("plain ASCII of more than eight bytes"), std::nullopt);
  EXPECT_EQ(FindInvalidUtf8("plain ASCII, then \xff"), 18u);
  EXPECT_EQ(FindInvalidUtf8("你好\xe4\xbd"), 6u);
}

TEST(Utf8, MaximalSubparts) {
  const std::pair<std::string, std::string> cases[] = {
      {"\xc0\x80", "\ufffd\ufffd"},                      // overlong
      {"\xe0\x80\x80", "\ufffd\ufffd\ufffd"},            // overlong
      {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},            // a surrogate
      {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},  // above U+10FFFF
      {"\xf0\x9f\x98"
       "a",
       "\ufffd"
       "a"},  // cut off
      {"\xe4\xe4\xbd\xa0\x80z", "\ufffd你\ufffdz"},
      // The example of the Unicode standard, table 3-8.
      {"a\xf1\x80\x80\xe1\x80\xc2"
       "b\x80"
       "c\x80\xbf"
       "d",
       "a\ufffd\ufffd\ufffd"
       "b\ufffd"
       "c\ufffd\ufffd"
       "d"},
  };
  for (const auto& [bytes, text] : cases) EXPECT_EQ(ToValidUtf8(bytes), text);
}

TEST(Utf8, RandomBytesBecomeValidAndValidTextStays) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (size_t n = random.NextBits() % 24; n > 0; --n) {
      // Half of the bytes from the range of leads and continuations, to make real characters.
      bytes.push_back(
          static_cast<char>(random.NextBits() % 2 ? random.NextBits() : 0x80 | random.NextBits()));
    }
    const std::string valid = ToValidUtf8(bytes);
    ASSERT_EQ(FindInvalidUtf8(valid), std::nullopt);
    ASSERT_EQ(ToValidUtf8(valid), valid);
    ASSERT_EQ(valid == bytes, !FindInvalidUtf8(bytes).has_value());
  }
}

}  // namespace
}  // namespace roentgen
