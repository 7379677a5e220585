#include "roentgen/base/yaml.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;

class Yaml : public testing::Test {
 protected:
  std::vector<YamlSetting> Read(const std::string& text) const {
    WriteFile(path(), text);
    return ReadYamlSettings(path());
  }
  std::filesystem::path path() const { return folder_.path() / "run.yaml"; }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(Yaml, ScalarsListsAndNothing) {
  const auto settings = Read("# a comment\na: 1e-4\nb: [x, y]\nc: x, y\nd:\ne: null\nf: 'null'\n");
  ASSERT_EQ(settings.size(), 6u);
  EXPECT_EQ(settings[0].Number(0, 1), 1e-4);
  EXPECT_THAT(settings[1].List(), ElementsAre("x", "y"));
  EXPECT_THAT(settings[2].List(), ElementsAre("x", "y"));
  EXPECT_TRUE(settings[3].IsNull());
  EXPECT_TRUE(settings[4].IsNull());
  EXPECT_EQ(settings[5].Text(), "null");
}

TEST_F(Yaml, WholeNumbersAndWords) {
  const auto settings = Read("a: 4\nb: 4.0\nc: 4.5\nd: Yes\ne: off\nf: 1\n");
  EXPECT_EQ(settings[0].Integer(0, 9), 4);
  EXPECT_EQ(settings[1].Integer(0, 9), 4);
  ROENTGEN_EXPECT_ERROR(settings[2].Integer(0, 9), "run.yaml: line 3: c: expected a whole number");
  ROENTGEN_EXPECT_ERROR(settings[0].Integer(5, 9), "line 1: a: 4 is below 5");
  ROENTGEN_EXPECT_ERROR(settings[0].Integer(0, 3), "4 is above 3");
  EXPECT_TRUE(settings[3].Bool());
  EXPECT_FALSE(settings[4].Bool());
  ROENTGEN_EXPECT_ERROR(settings[5].Bool(), "expected true or false, found \"1\"");
  ROENTGEN_EXPECT_ERROR(settings[3].Number(0, 1), "expected a number, found \"Yes\"");
}

TEST_F(Yaml, NumbersAreThoseOfYaml11) {
  const auto number = [](const std::string& text) {
    return ParseYamlOverride("步数=" + text).Number(-1e9, 1e9);
  };
  const auto whole = [](const std::string& text) {
    return ParseYamlOverride("步数=" + text).Integer(INT64_MIN, INT64_MAX);
  };
  const std::vector<std::pair<std::string, int64_t>> wholes = {
      {"010", 8},      {"-010", -8},       {"+010", 8},
      {"1_000", 1000}, {"0x1F", 31},       {"0b101", 5},
      {"0x_1f", 31},   {"1:30", 90},       {"1:30:15", 5415},
      {"-1:30", -90},  {"0_", 0},          {"00", 0},
      {"-0", 0},       {"1_000e1", 10000}, {"9223372036854775807", INT64_MAX}};
  for (const auto& [text, value] : wholes) {
    EXPECT_EQ(whole(text), value) << text;
    if (value < 1'000'000) {
      EXPECT_EQ(number(text), value) << text;
    }
  }
  EXPECT_EQ(number("1_0.5"), 10.5);
  EXPECT_EQ(number("09.5"), 9.5);
  EXPECT_EQ(number("-1e-4"), -1e-4);
  for (const char* text : {"08", "-09", "0o10", "_1", "1:60", "0:30", "0x", "0b2", "+-1", "٣",
                           "9223372036854775808", "1:307445734561825860:15"}) {
    ROENTGEN_EXPECT_ERROR(whole(text), "expected a whole number");
  }
  ROENTGEN_EXPECT_ERROR(number("08"), "expected a number, found \"08\"");
}

TEST_F(Yaml, AZeroByteIsRefused) {
  using std::string_literals::operator""s;
  ROENTGEN_EXPECT_ERROR(Read("图: 1\n\0b: 2\n"s), "run.yaml: line 2, column 1: a zero byte");
  ROENTGEN_EXPECT_ERROR(Read("a: \"图\0\"\n"s), "run.yaml: line 1, column 6: a zero byte");
  EXPECT_EQ(Read("a: \"\\0\"\n")[0].Text(), "\0"s);
}

TEST_F(Yaml, NestingAndValuesAreBounded) {
  std::string indented = "a:\n";
  for (size_t i = 1; i < 1'000; ++i) indented += std::string(i, ' ') + "a:\n";
  std::string dashes;
  std::string questions;
  for (int i = 0; i < 80'000; ++i) {
    dashes += "- ";
    questions += "? ";
  }
  for (const std::string& text :
       {std::string(80'000, '['), "a: " + std::string(80'000, '{'), indented, dashes, questions}) {
    ROENTGEN_EXPECT_ERROR(Read("层: 1\nb: \n  " + text), "run.yaml: line ");
    ROENTGEN_EXPECT_ERROR(Read(text), "nested deeper than 16");
    ROENTGEN_EXPECT_ERROR(ParseYamlOverride("k=" + text), "nested deeper than 16");
  }
  std::string values = "a: [0";
  for (int i = 0; i < 100'000; ++i) values += ",0";
  ROENTGEN_EXPECT_ERROR(Read(values + "]\n"), "line 1: more than 100000 values");
}

TEST_F(Yaml, WhatIsNotFlatIsRefused) {
  ROENTGEN_EXPECT_ERROR(Read("- a\n"), "expected lines of \"key: value\"");
  ROENTGEN_EXPECT_ERROR(Read(""), "expected lines of \"key: value\"");
  ROENTGEN_EXPECT_ERROR(Read("a: 1\n\nb: 2\na: 3\n"), "line 4: a: given twice");
  ROENTGEN_EXPECT_ERROR(Read("a: 1\nb: [x\n"), "run.yaml: line 3: not valid YAML");
  ROENTGEN_EXPECT_ERROR(ReadYamlSettings(path().string() + ".no"), "run.yaml.no");
}

// PyYAML: "expected a single document in the stream".
TEST_F(Yaml, ASecondDocumentIsRefused) {
  for (const char* text :
       {"a: 1\n---\nb: 2\n", "a: 1\n---\n", "a: 1\n...\n---\nb: 2\n", "问: 1\n---\n答: 2\n"}) {
    ROENTGEN_EXPECT_ERROR(Read(text), "run.yaml: a second document begins in it");
  }
  for (const char* text : {"---\na: 1\n", "a: 1\n...\n", "# 说明\n---\na: 1\n...\n# end\n",
                           "a: |\n  x\n  ---\n  y\n", "%YAML 1.2\n---\na: 1\n"}) {
    EXPECT_EQ(Read(text).size(), 1u) << text;
  }
}

TEST_F(Yaml, MapsAreOneValue) {
  const auto settings = Read("a: 1\nb: {c: 2}\nd: [[1]]\ne: {}\nf: []\ng: ''\n");
  EXPECT_EQ(settings[1].kind(), YamlSetting::Kind::kMap);
  EXPECT_EQ(settings[2].kind(), YamlSetting::Kind::kMap);
  EXPECT_FALSE(settings[1].IsEmpty());
  for (const size_t empty : {3u, 4u, 5u}) EXPECT_TRUE(settings[empty].IsEmpty());
  EXPECT_FALSE(settings[5].IsNull());
  ROENTGEN_EXPECT_ERROR(settings[1].Text(), "line 2: b: expected a value, found keys or lists");
  ROENTGEN_EXPECT_ERROR(settings[2].List(), "line 3: d: expected a value, found keys or lists");
}

TEST_F(Yaml, OtherEncodingsAreNamed) {
  ROENTGEN_EXPECT_ERROR(Read("a: 1\nb: \xc4\xe3\n"), "run.yaml: line 2: not UTF-8 but perhaps GBK");
  ROENTGEN_EXPECT_ERROR(ParseYamlOverride("a=\xc4\xe3"), "not UTF-8");
  EXPECT_EQ(Read("a: 你好\n")[0].Text(), "你好");
  const std::string utf16(
      "\xff\xfe"
      "a\0:\0 \0"
      "\x60\x4f\n\0",
      12);
  EXPECT_EQ(Read(utf16)[0].Text(), "你");
}

TEST(YamlOverride, IsReadAsInTheFile) {
  EXPECT_EQ(ParseYamlOverride("a=1e-3").Number(0, 1), 1e-3);
  EXPECT_EQ(ParseYamlOverride("a=b=c").Text(), "b=c");
  EXPECT_THAT(ParseYamlOverride("a=[x, y]").List(), ElementsAre("x", "y"));
  EXPECT_TRUE(ParseYamlOverride("a=").IsNull());
  ROENTGEN_EXPECT_ERROR(ParseYamlOverride("a"), "\"a\" is not of the form key=value");
  ROENTGEN_EXPECT_ERROR(ParseYamlOverride("a=x").Bool(), "command line: a: expected true");
}

TEST(NearestName, CountsLettersToChange) {
  const std::string names[] = {"lora_rank", "lora_alpha", "learning_rate"};
  EXPECT_EQ(NearestName("lora_rnak", names), "lora_rank");
  EXPECT_EQ(NearestName("learningrate", names), "learning_rate");
  EXPECT_EQ(NearestName("alpha", names), std::nullopt);  // more than half of it would change
}

}  // namespace
}  // namespace roentgen
