#include "roentgen/text/unicode.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "roentgen/base/hash.h"
#include "roentgen/text/utf8.h"
#include "text/text_goldens.h"

namespace roentgen {
namespace {

bool IsSurrogate(char32_t c) {
  return c >= 0xd800 && c < 0xe000;
}

Json Classes() {
  return ReadJsonFile(test::TextGolden("char_classes.json"), 1 << 20);
}

TEST(UnicodeGolden, EveryCodePointHasItsClass) {
  ROENTGEN_NEED(test::TextGolden("char_classes.json"));
  const Json classes = Classes();
  const std::pair<const char*, CharClass> kinds[] = {
      {"L", CharClass::kLetter}, {"N", CharClass::kNumber}, {"space", CharClass::kSpace}};
  std::vector<CharClass> expected(0x110000, CharClass::kOther);
  for (const auto& [key, kind] : kinds) {
    size_t count = 0;
    for (const Json& range : classes.at(key)) {
      for (size_t c = range.at(0); c <= range.at(1); ++c, ++count) expected[c] = kind;
    }
    EXPECT_EQ(count, classes.at(std::string(key) + "_count").get<size_t>());
  }
  for (char32_t c = 0; c < expected.size(); ++c) {
    ASSERT_EQ(ClassOf(c), expected[c]) << fmt::format("U+{:04X}", uint32_t{c});
  }
}

TEST(UnicodeGolden, NfcOfEveryCodePointAloneAndAmongOthers) {
  ROENTGEN_NEED(test::TextGolden("char_classes.json"));
  const Json golden = Classes().at("nfc");
  uint64_t hash = kFnv1a64Offset;
  size_t changed = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (IsSurrogate(c)) continue;
    std::string alone;
    AppendUtf8(c, alone);
    const std::string normal = ToNfc(alone);
    changed += normal != alone;
    if (c >= 0x30000 && (c < 0xe0000 || c >= 0xe0200)) continue;
    const std::string among = ToNfc("e\u0323\u0302" + alone + "\u0301\u1161\u11a8");
    hash = Fnv1a64(test::LittleEndian(c) + test::LittleEndian(normal.size()) + normal +
                       test::LittleEndian(among.size()) + among,
                   hash);
  }
  EXPECT_EQ(fmt::format("{:016x}", hash), golden.at("fnv1a64"));
  EXPECT_EQ(changed, golden.at("code_points_changed_alone").get<size_t>());
}

TEST(UnicodeGolden, PairsOfUnicode16DoNotCompose) {
  ROENTGEN_NEED(test::TextGolden("char_classes.json"));
  const Json pairs = Classes().at("nfc").at("unicode16_pairs_compose");
  ASSERT_EQ(pairs.size(), 8u);
  for (const Json& row : pairs) {
    std::string pair;
    unsigned first = 0;
    unsigned second = 0;
    ASSERT_EQ(std::sscanf(row.at(0).get<std::string>().c_str(), "U+%x U+%x", &first, &second), 2);
    AppendUtf8(first, pair);
    AppendUtf8(second, pair);
    EXPECT_EQ(ToNfc(pair), pair) << row;
    EXPECT_EQ(row.at(1), fmt::format("'\\U{:08x}{}{:0{}x}'", first, second > 0xffff ? "\\U" : "\\u",
                                     second, second > 0xffff ? 8 : 4));
  }
}

}  // namespace
}  // namespace roentgen
