#include "roentgen/base/json_rows.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;

/// "1:{"a":1}" for every row, "2:oversized" for one that is too large.
std::vector<std::string> Rows(const std::string& text, const JsonRowLimits& limits = {}) {
  std::istringstream stream(text);
  std::vector<std::string> rows;
  ForEachJsonRow(
      stream, "f.json",
      [&](const JsonRow& row) {
        rows.push_back(
            fmt::format("{}:{}", row.number, row.oversized ? "oversized" : row.value.dump()));
      },
      limits);
  return rows;
}

TEST(JsonRows, ListsAndLines) {
  EXPECT_THAT(Rows(R"( [{"a":[1,{"b":"x"}]}, 2, "s", [], {}] )"),
              ElementsAre(R"(1:{"a":[1,{"b":"x"}]})", "2:2", R"(3:"s")", "4:[]", "5:{}"));
  EXPECT_THAT(Rows("{\"a\":1}\n\n  {\"a\":null}\r\n"),
              ElementsAre(R"(1:{"a":1})", R"(3:{"a":null})"));
  EXPECT_THAT(Rows("\xef\xbb\xbf[true]"), ElementsAre("1:true"));
  EXPECT_THAT(Rows("\xef\xbb\xbf{\"a\":1}"), ElementsAre(R"(1:{"a":1})"));
  EXPECT_THAT(Rows("[]"), ElementsAre());
}

TEST(JsonRows, BrokenTextIsRefusedWithItsPlace) {
  ROENTGEN_EXPECT_ERROR(Rows("[{\"a\": 1},\n {\"图\": x}]"),
                        "f.json: line 2, column 8: not valid JSON");
  ROENTGEN_EXPECT_ERROR(Rows("[1, 2"), "line 1, column 5");
  ROENTGEN_EXPECT_ERROR(Rows("[1] 2"), "line 1, column 5");
  ROENTGEN_EXPECT_ERROR(Rows("{\"a\":1}\n{\"a\":\n"), "line 2, column 6");
  ROENTGEN_EXPECT_ERROR(Rows("{\"a\":1} {\"a\":2}"), "line 1, column 9");
  ROENTGEN_EXPECT_ERROR(Rows("[\"\xc4\xe3\"]"), "line 1, column 4: not valid JSON: not UTF-8");
  ROENTGEN_EXPECT_ERROR(Rows(std::string("\xff\xfe[\0", 4)), "UTF-16");
  ROENTGEN_EXPECT_ERROR(Rows("[1e999]"), "number is too large");
  ROENTGEN_EXPECT_ERROR(Rows(" \n"), "f.json: empty");
  ROENTGEN_EXPECT_ERROR(Rows(std::string(70, '[') + std::string(70, ']')), "nested deeper than 64");
}

TEST(JsonRows, NestingIsBoundedWithItsPlace) {
  const std::string open(80'000, '[');
  ROENTGEN_EXPECT_ERROR(Rows(open), "f.json: line 1, column 65: nested deeper than 64");
  ROENTGEN_EXPECT_ERROR(Rows("[{\"a\":\n" + open), "f.json: line 2, column 63: nested deeper");
  ROENTGEN_EXPECT_ERROR(Rows("{}\n{\"肺\":" + open), "f.json: line 2, column 69: nested deeper");
}

TEST(JsonRows, AKeyThatIsThereTwiceIsTold) {
  std::istringstream stream("{\"a\":1,\"b\":[{\"图\":1,\"图\":2}]}\n{\"a\":1,\"b\":{\"a\":1}}\n");
  std::vector<std::string> keys;
  ForEachJsonRow(stream, "f",
                 [&](const JsonRow& row) { keys.push_back(row.repeated_key.value_or("-")); });
  EXPECT_THAT(keys, ElementsAre("图", "-"));
}

TEST(JsonRows, AZeroByteEndsNoText) {
  using std::string_literals::operator""s;
  ROENTGEN_EXPECT_ERROR(Rows("[{\"图\": 1},\n2]\0[3]"s),
                        "f.json: line 2, column 3: not valid JSON: a zero byte");
  ROENTGEN_EXPECT_ERROR(Rows("[1]\0"s), "line 1, column 4: not valid JSON: a zero byte");
  ROENTGEN_EXPECT_ERROR(Rows("[1,\0 2]"s), "line 1, column 4: not valid JSON");
  ROENTGEN_EXPECT_ERROR(Rows("{\"a\":1}\n{\"a\":2}\0{\"a\":3}"s),
                        "line 2, column 8: not valid JSON: a zero byte");
  ROENTGEN_EXPECT_ERROR(Rows("{\"a\":1}\n\0"s), "line 2, column 1: not valid JSON: a zero byte");
  EXPECT_THAT(Rows(R"({"a":"\u0000"})"), ElementsAre(R"(1:{"a":"\u0000"})"));
}

TEST(JsonRows, GigabytesOfZeroBytesAreNotReadOver) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "sparse.jsonl";
  for (const char* begin : {"{\"a\": 1}\n{", "[{\"a\": 1},", "[{\"a\": 1}]", "{\"a\": \""}) {
    WriteFile(path, begin);
    std::filesystem::resize_file(path, uintmax_t{1} << 42);
    ROENTGEN_EXPECT_ERROR(ForEachJsonRow(path, [](const JsonRow&) {}), "not valid JSON");
  }
}

TEST(JsonRows, LargeRowsAreReadOver) {
  JsonRowLimits limits;
  limits.values = 10;
  limits.text_bytes = 40;
  const std::string many = "[0,0,0,0,0,0,0,0,0,0,0,[{\"a\":1}],0]";
  const std::string text = fmt::format("\"{}\"", std::string(50, 'x'));
  EXPECT_THAT(
      Rows("[1," + many + "," + text + ",[" + text + "],{" + text + ":1},2]", limits),
      ElementsAre("1:1", "2:oversized", "3:oversized", "4:oversized", "5:oversized", "6:2"));
  EXPECT_THAT(Rows("{\"a\":" + many + "}\n{\"a\":\"" + std::string(500, 'x') + "\"}\n{}", limits),
              ElementsAre("1:oversized", "2:oversized", "3:{}"));
}

TEST(JsonRows, AConversationOfAMillionTurnsIsReadOver) {
  std::string text = "[{\"messages\":[";
  for (int i = 0; i < 500'000; ++i) {
    text += R"({"role":"user","content":"?"},{"role":"assistant","content":"!"},)";
  }
  text += "{}]},7]";
  EXPECT_THAT(Rows(text), ElementsAre("1:oversized", "2:7"));
}

TEST(JsonRows, ATextWithoutEndIsNotHeld) {
  JsonRowLimits limits;
  limits.text_bytes = 1 << 20;
  const std::string endless(size_t{20} << 20, 'x');
  ROENTGEN_EXPECT_ERROR(Rows(fmt::format("[\"{}", endless), limits),
                        "f.json: a text of more than 3 MB");
  std::string escapes;
  for (int i = 0; i < 1'000'000; ++i) escapes += R"(\u80ba)";  // 3 MB of text in 6
  ROENTGEN_EXPECT_ERROR(Rows(fmt::format("[\"{}\"]", escapes), limits), "a text of more than 3 MB");
}

TEST(JsonRows, TextsEndAtTheirOwnQuotes) {
  JsonRowLimits limits;
  limits.text_bytes = 1 << 20;
  std::string list;
  std::vector<std::string> rows;
  // Together they are too long for one text; blocks of the reader may end anywhere in them.
  for (size_t i = 0; i < 6; ++i) {
    const std::string text = fmt::format(R"("\"\\{}\\")", std::string((1 << 20) - 20 - i, 'y'));
    list += fmt::format("{}{}", i == 0 ? "[" : ",", text);
    rows.push_back(fmt::format("{}:{}", i + 1, text));
  }
  list += ']';
  EXPECT_EQ(Rows(list, limits), rows);
}

TEST(JsonRows, OtherEncodingsAreNamed) {
  // A file half UTF-8, half GB18030; one of UTF-16 without a mark; bytes that are no text.
  ROENTGEN_EXPECT_ERROR(Rows("[{\"a\":\"肺\"},\n{\"a\":\"\xb7\xce\"}]"),
                        "line 2, column 6: not valid JSON: not UTF-8");
  ROENTGEN_EXPECT_ERROR(Rows("{\"a\":\"肺\"}\n{\"a\":\"\xb7\xce\"}"), "not UTF-8");
  ROENTGEN_EXPECT_ERROR(Rows("[{\"a\":\"\xaf\xdd\xa4\xf9\"}]"), "not UTF-8 but perhaps Big5");
  ROENTGEN_EXPECT_ERROR(Rows("{\"a\":\"\xaf\xdd\xa4\xf9\"}"), "not UTF-8 but perhaps Big5");
  ROENTGEN_EXPECT_ERROR(Rows(std::string("[\0{\0", 4)), "f.json: not UTF-8 but perhaps UTF-16");
  ROENTGEN_EXPECT_ERROR(Rows("\xff\xfe[\0"), "UTF-16");
  ROENTGEN_EXPECT_ERROR(Rows(std::string("\0[\0{", 4)), "UTF-16");
  ROENTGEN_EXPECT_ERROR(Rows(std::string("[\"a\0b\"]", 7)), "line 1, column 4: not valid JSON");
  EXPECT_THAT(Rows(R"(["a\u0000b"])"), ElementsAre(R"(1:"a\u0000b")"));  // a fair character
}

TEST(JsonRows, FilesThatCannotBeRead) {
  const test::TemporaryFolder folder;
  const auto ignore = [](const JsonRow&) {};
  ROENTGEN_EXPECT_ERROR(ForEachJsonRow(folder.path() / "none.json", ignore), "none.json");
  ROENTGEN_EXPECT_ERROR(ForEachJsonRow(folder.path(), ignore), "a folder");
}

}  // namespace
}  // namespace roentgen
