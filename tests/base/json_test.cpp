#include "roentgen/base/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

JsonObject Parse(const char* text) {
  return {ParseJson(text, "file.json"), "file.json"};
}

TEST(Json, BrokenSyntaxNamesFileAndPlace) {
  ROENTGEN_EXPECT_ERROR(Parse(R"({"a": )"), "file.json: not valid JSON at byte 7");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"a": 1e999})"),
                        "not valid JSON at byte 11: a number is too large");
}

TEST(Json, GitLfsPointersAreRecognised) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "config.json";
  WriteFile(path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n");
  try {
    ReadJsonFile(path, 1 << 20);
    ADD_FAILURE() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("config.json: a Git LFS pointer"));
    EXPECT_THAT(error.hint(), testing::HasSubstr("git lfs pull"));
  }
}

TEST(Json, OtherEncodingsAreNamed) {
  const auto refused = [](const std::string& text, const std::string& message,
                          const std::string& hint) {
    try {
      ParseJson(text, "file.json");
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(message));
      EXPECT_THAT(error.hint(), testing::HasSubstr(hint));
    }
  };
  // "name": "胸片" in GBK and Big5; the same without a mark in UTF-16, both byte orders, and with a
  // mark.
  const char* gbk = "not UTF-8 but perhaps GBK";
  refused("{\"name\": \"\xd0\xd8\xc6\xac\"}", gbk, "iconv -f GB18030 -t UTF-8");
  refused("{\"name\": \"\xaf\xdd\xa4\xf9\"}", "not UTF-8 but perhaps Big5",
          "iconv -f BIG5 -t UTF-8");
  refused("\xd0\xd8", "not valid JSON at byte 1", "");
  for (const std::string& text : {std::string("{\0\"\0", 4), std::string("\0{\0\"", 4),
                                  std::string("\xff\xfe{\0", 4), std::string("\xfe\xff\0{", 4)}) {
    refused(text, "file.json: not UTF-8 but perhaps UTF-16", "iconv -f UTF-16 -t UTF-8");
  }
  EXPECT_EQ(ParseJson("\xef\xbb\xbf{\r\n\"名\": 1}\r\n", "f")["名"], 1);
}

TEST(Json, NestingIsBoundedWithItsPlace) {
  const std::string open(80'000, '[');
  for (const std::string& text : {open, open + std::string(80'000, ']')}) {
    ROENTGEN_EXPECT_ERROR(ParseJson(text, "f"), "f: nested deeper than 64 at byte 65");
    ROENTGEN_EXPECT_ERROR(ParseOrderedJson(text, "f"), "f: nested deeper than 64 at byte 65");
    EXPECT_EQ(TryParseJson(text), std::nullopt);
  }
  std::string objects;
  for (int i = 0; i < 80'000; ++i) objects += "{\"肺\":\n";
  ROENTGEN_EXPECT_ERROR(ParseJson(objects, "f"), "(line 65, column 1)");
  // Brackets in texts are none, and 64 levels are read.
  EXPECT_EQ(ParseJson("[\"" + open + "\\\"[[\"]", "f").size(), 1u);
  EXPECT_EQ(ParseJson(std::string(64, '[') + std::string(64, ']'), "f").size(), 1u);
}

TEST(Json, AKeyThatIsThereTwiceIsRefusedWithBothPlaces) {
  const char* text = "{\n \"层\": 1,\n \"b\": {\"层\": 2},\n \"层\": 3}";
  ROENTGEN_EXPECT_ERROR(ParseJson(text, "config.json"),
                        "config.json: \"层\" is given twice in one object: at byte 8 (line 2, "
                        "column 4) and at byte ");
  ROENTGEN_EXPECT_ERROR(ParseOrderedJson(text, "config.json"), "(line 4, column 4)");
  ROENTGEN_EXPECT_ERROR(ParseJson(R"({"a": 1, "\u0061": 2})", "f"), "\"a\" is given twice");
  ROENTGEN_EXPECT_ERROR(
      ParseJson(fmt::format(R"({{"{0}": 1, "{0}": 2}})", std::string(5000, 'k')), "f"),
      "a key of 5000 bytes is given twice");
  EXPECT_EQ(ParseJson(R"([{"a": 1}, {"a": 2}])", "f").size(), 2u);
}

TEST(Json, NumbersOfPythonAndOutOfRange) {
  ROENTGEN_EXPECT_ERROR(Parse("{\"a\":\n NaN}"), "at byte 8 (line 2, column 2): NaN is no number");
  ROENTGEN_EXPECT_ERROR(Parse("{\"a\": -Infinity}"), "Infinity is no number of JSON");
  ROENTGEN_EXPECT_ERROR(Parse("{\"a\": -1e999}"), "a number is too large");
  EXPECT_EQ(Parse("{\"a\": 1e-999}").Get<double>("a"), 0);
  ROENTGEN_EXPECT_ERROR(Parse("{\"a\": 99999999999999999999}").Get<int>("a"), "whole number");
}

TEST(Json, AZeroByteEndsNoText) {
  using std::string_literals::operator""s;
  ROENTGEN_EXPECT_ERROR(ParseJson("{\"名\":\n 1}\0junk"s, "config.json"),
                        "config.json: not valid JSON at byte 12 (line 2, column 4): a zero byte");
  ROENTGEN_EXPECT_ERROR(ParseJson("{}\0"s, "f"), "f: not valid JSON at byte 3: a zero byte");
  ROENTGEN_EXPECT_ERROR(ParseJson("[1,\0 2]"s, "f"), "f: not valid JSON at byte 4");
  ROENTGEN_EXPECT_ERROR(ParseJson("[\"a\0b\"]"s, "f"), "f: not valid JSON at byte 4");
  EXPECT_FALSE(TryParseJson("{}\0{}"s));
  EXPECT_EQ(ParseJson(R"(["a\u0000"])", "f")[0], "a\0"s);
}

TEST(Json, ValuesAreCountedBeforeTheyAreBuilt) {
  std::string list = "[";
  for (int i = 0; i < 1'000; ++i) list += "[],";
  list += "0]";
  ROENTGEN_EXPECT_ERROR(ParseJson(list, "f", {.values = 1'000}), "f: more than 1000 values");
  EXPECT_EQ(ParseJson(list, "f", {.values = 3'000}).size(), 1'001u);
}

TEST(Json, BytesThatAreNoTextAreRefused) {
  uint32_t state = 1;
  for (int round = 0; round < 200; ++round) {
    std::string junk;
    for (int i = 0; i < 100; ++i) {
      state = state * 1664525 + 1013904223;
      junk += static_cast<char>(state >> 24);
    }
    EXPECT_THROW(ParseJson(junk, "f"), Error);
    EXPECT_EQ(TryParseJson(junk), std::nullopt);
  }
}

TEST(Json, OrderIsKeptWhereItIsAskedFor) {
  EXPECT_EQ(ParseOrderedJson(R"({"z": 1, "a": [{"y": -0, "b": 2.5}]})", "f").dump(),
            R"({"z":1,"a":[{"y":0,"b":2.5}]})");
  std::string many = "{\"k\": 0";
  for (int i = 0; i < 300'000; ++i) many += fmt::format(",\"{}\":0", i);
  EXPECT_EQ(ParseOrderedJson(many + "}", "f").size(), 300'001u);  // in less than minutes
}

TEST(Json, TypesAreChecked) {
  const JsonObject object = Parse(R"({"n": 3, "f": 2.5, "whole": 4.0, "s": "x", "list": [1, 2],
                                      "none": null, "big": 5000000000, "inner": {"k": 1}})");
  EXPECT_EQ(object.Get<int>("n"), 3);
  EXPECT_EQ(object.Get<int>("whole"), 4);
  EXPECT_EQ(object.Get<double>("f"), 2.5);
  EXPECT_EQ(object.Get<std::vector<int>>("list"), (std::vector<int>{1, 2}));
  EXPECT_EQ(object.Find<int>("none"), std::nullopt);
  EXPECT_EQ(object.GetOr<int>("absent", 7), 7);
  ROENTGEN_EXPECT_ERROR(object.Get<int>("absent"), "file.json: absent: missing");
  ROENTGEN_EXPECT_ERROR(object.Get<int>("f"), "f: expected a whole number, found 2.5");
  ROENTGEN_EXPECT_ERROR(object.Get<int>("big"), "out of range");
  ROENTGEN_EXPECT_ERROR(object.Get<int>("s"), R"(s: expected a whole number, found "x")");
  ROENTGEN_EXPECT_ERROR(object.Object("inner").Get<bool>("k"),
                        "file.json: inner: k: expected true or false, found 1");
}

}  // namespace
}  // namespace roentgen
