#include "roentgen/base/json.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "support/paths.h"

namespace roentgen {
namespace {

JsonObject Parse(const char* text) {
  return {ParseJson(text, "file.json"), "file.json"};
}

TEST(Json, BrokenSyntaxNamesFileAndPlace) {
  ROENTGEN_EXPECT_ERROR(Parse(R"({"a": )"), "file.json: not valid JSON at byte 7");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"a": 1e999})"), "file.json: not valid JSON: a number is too");
}

TEST(Json, GitLfsPointersAreRecognised) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "config.json";
  WriteFileAtomically(path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n");
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
