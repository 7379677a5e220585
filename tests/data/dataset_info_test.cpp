// Entries of dataset_info.json and the rows behind them, as LLaMA-Factory 0.9.5 takes them
// (data/parser.py, converter.py, loader.py): what is read, what is dropped, what is an error.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "data/generated_set.h"
#include "roentgen/base/error.h"
#include "roentgen/data/mend.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DatasetInfo : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  void Put(const std::string& name, const std::string& text) const {
    fs::create_directories(Path(name).parent_path());
    WriteFile(Path(name), text);
  }
  void PutEntry(const std::string& entry) const {
    Put("dataset_info.json", fmt::format(R"({{"d": {}}})", entry));
  }
  std::vector<SourceSample> Read(const std::vector<std::string>& names = {"d"}) const {
    return test::ReadAll(*OpenLlamaFactory(folder_.path(), names));
  }
  /// Question and answer of each row without a flaw.
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const SourceSample& row : Read()) {
      if (row.flaw) continue;
      texts.push_back(row.sample.turns.at(0).text + "|" + row.sample.turns.back().text);
    }
    return texts;
  }
  std::vector<std::string> Flaws() const {
    std::vector<std::string> reasons;
    for (const SourceSample& row : Read()) reasons.push_back(row.flaw ? row.flaw->reason : "");
    return reasons;
  }
  void ExpectRefused(const std::string& message, const std::string& hint = "") const {
    try {
      Read();
      ADD_FAILURE() << "expected an Error with: " << message;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
      EXPECT_THAT(error.hint(), HasSubstr(hint));
    }
  }

  test::TemporaryFolder folder_;
};

// --- H3: split

TEST_F(DatasetInfo, SplitTakesItsRows) {
  std::string rows;
  for (int i = 0; i < 6; ++i) {
    rows += fmt::format("{{\"instruction\": \"Q{0}\", \"output\": \"A{0}\"}}\n\n", i);
  }
  Put("d.jsonl", rows);
  const auto taken = [&](const std::string& split) {
    PutEntry(fmt::format(R"({{"file_name": "d.jsonl", "split": "{}"}})", split));
    return Texts();
  };
  EXPECT_THAT(taken("train"), SizeIs(6));
  EXPECT_THAT(taken("train[:2]"), ElementsAre("Q0|A0", "Q1|A1"));
  EXPECT_THAT(taken("train[-1:]+train[:1]"), ElementsAre("Q5|A5", "Q0|A0"));
  EXPECT_THAT(taken("train[:50%]"), ElementsAre("Q0|A0", "Q1|A1", "Q2|A2"));
  PutEntry(R"({"file_name": "d.jsonl", "split": "train[1:2]"})");
  EXPECT_EQ(Read()[0].sample.source.row, 3u);  // the line, blank ones counted
  PutEntry(R"({"file_name": "d.jsonl", "split": "test"})");
  ExpectRefused("d: split: unknown split \"test\"", "train[90%:]");
  PutEntry(R"({"file_name": "d.jsonl", "split": "train[10%:20%]"})");
  ExpectRefused("d: split \"train[10%:20%]\" takes none of the 6 rows");
  PutEntry(R"({"file_name": "d.jsonl", "num_samples": 3})");
  ExpectRefused("num_samples: drawing rows at random", "train[:1000]");
  // For a local file LLaMA-Factory looks at neither of these.
  PutEntry(R"({"file_name": "d.jsonl", "subset": "x", "folder": "y", "num_samples": null})");
  EXPECT_THAT(Texts(), SizeIs(6));
}

// --- H4, T3: columns that name only some

TEST_F(DatasetInfo, ColumnsThatAreNotNamedAreNotThere) {
  Put("d.json", R"([{"instruction": "Q1", "input": "ctx", "output": "A1"}])");
  const auto entry = [&](const std::string& columns) {
    PutEntry(fmt::format(R"({{"file_name": "d.json", "columns": {{{}}}}})", columns));
  };
  entry(R"("prompt": "instruction", "response": "output")");
  EXPECT_THAT(Texts(), ElementsAre("Q1|A1"));
  EXPECT_EQ(Read()[0].sample.extra["input"], "ctx");
  entry(R"("prompt": "instruction", "query": null, "response": "output")");
  EXPECT_THAT(Texts(), ElementsAre("Q1|A1"));
  entry(R"("prompt": "instruction", "query": "", "response": "output")");
  EXPECT_THAT(Texts(), ElementsAre("Q1|A1"));
  entry(R"("query": "input", "response": "output")");
  EXPECT_THAT(Texts(), ElementsAre("ctx|A1"));
  entry(R"("response": "output")");
  EXPECT_THAT(Texts(), ElementsAre("|A1"));  // as LLaMA-Factory: an empty question
  entry(R"("prompt": "input", "response": "output", "system": "instruction")");
  EXPECT_THAT(Texts(), ElementsAre("ctx|A1"));
  EXPECT_EQ(Read()[0].sample.system, "Q1");
  entry(R"("prompt": "instruction")");
  ExpectRefused("columns: response: no column with answers is named");
  PutEntry(R"({"file_name": "d.json"})");
  EXPECT_THAT(Texts(), ElementsAre("Q1\nctx|A1"));
}

TEST_F(DatasetInfo, ShareGptColumnsAndTagsThatAreNotNamedAreNotThere) {
  Put("d.json", R"([{"system": "column", "conversations": [{"from": "system", "value": "S"},
      {"from": "human", "value": "?"}, {"from": "gpt", "value": "!"}]}])");
  PutEntry(R"({"file_name": "d.json", "formatting": "sharegpt"})");
  EXPECT_THAT(Texts(), ElementsAre("?|!"));
  EXPECT_EQ(Read()[0].sample.system, "S");
  PutEntry(R"({"file_name": "d.json", "formatting": "sharegpt", "columns": {"images": "i"}})");
  ExpectRefused("columns: messages: missing");
  const std::string tags = R"("role_tag": "from", "content_tag": "value", "user_tag": "human")";
  PutEntry(fmt::format(R"({{"file_name": "d.json", "formatting": "sharegpt", "tags": {{{},
      "assistant_tag": "gpt"}}}})",
                       tags));
  EXPECT_THAT(Flaws(), ElementsAre("message 1 is from \"system\", not from \"human\""));
  PutEntry(
      fmt::format(R"({{"file_name": "d.json", "formatting": "sharegpt", "tags": {{{}}}}})", tags));
  ExpectRefused("tags: assistant_tag: missing");
}

// --- H5: a column that no row has

TEST_F(DatasetInfo, AColumnThatNoRowHasIsAnError) {
  Put("d.json", R"([{"question": "Q", "answer": "A"}, {"question": "R", "answer": "B"}])");
  const auto refused = [&](const std::string& columns, const std::string& message) {
    PutEntry(fmt::format(R"({{"file_name": "d.json", "columns": {{{}}}}})", columns));
    ExpectRefused(message, "There are: answer, question");
  };
  refused(R"("prompt": "questoin", "response": "answer")",
          "d: columns: prompt: no row of d.json has the column \"questoin\"");
  refused(R"("prompt": "question", "response": "答案")", "columns: response: no row");
  for (const char* key : {"query", "system", "history", "images"}) {
    refused(fmt::format(R"("prompt": "question", "response": "answer", "{}": "x")", key),
            fmt::format("columns: {}: no row of d.json has the column \"x\"", key));
  }
  PutEntry(R"({"file_name": "d.json"})");
  ExpectRefused("no row of d.json has the column");
  PutEntry(R"({"file_name": "d.json", "formatting": "sharegpt"})");
  ExpectRefused("d: no row of d.json has the column \"conversations\"");
  PutEntry(R"({"file_name": "d.json", "formatting": "sharegpt", "columns": {"messages": "m"},
      "tags": {"role_tag": "from", "content_tag": "text", "user_tag": "u", "assistant_tag": "a"}})");
  Put("d.json", R"([{"m": [{"from": "u", "value": "?"}, {"from": "a", "value": "!"}]}])");
  ExpectRefused("tags: content_tag: no message of d.json has the key \"text\"", "from, value");
}

TEST_F(DatasetInfo, AColumnThatSomeRowsLackIsEmptyInThese) {
  Put("d.json", R"([{"q": "Q", "a": "A"}, {"q": "R", "a": "B", "s": "S", "h": [["x", "y"]]},
                    {"q": null, "a": "C", "s": null, "h": null}])");
  PutEntry(R"({"file_name": "d.json", "columns":
      {"prompt": "q", "response": "a", "system": "s", "history": "h"}})");
  EXPECT_THAT(Texts(), ElementsAre("Q|A", "x|B", "|C"));
}

// --- M17: a row without an answer

TEST_F(DatasetInfo, RowsWithoutAnAnswerAreDroppedWithAReason) {
  PutEntry(R"({"file_name": "d.json"})");
  Put("d.json", R"([{"instruction": "Q1", "input": "", "output": null},
      {"instruction": "Q2", "input": ""}, {"instruction": "Q3", "output": ["x"]},
      {"instruction": "Q4", "output": ""}, {"instruction": "Q5", "output": "有"}])");
  EXPECT_THAT(Flaws(),
              ElementsAre("no answer: \"output\" is null", "no answer: \"output\" is missing",
                          "no answer: \"output\" is a list, not a text", "", ""));
  EXPECT_EQ(Read()[0].flaw->rule, Rule::kEmptyText);
  PutEntry(R"({"file_name": "d.json", "formatting": "sharegpt"})");
  Put("d.json", R"([{"conversations": [{"from": "human", "value": "?"}, {"from": "gpt"}]},
      {"conversations": null}, {"conversations": [{"from": "human", "value": "?"}, {"value": "!"}]},
      {"conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": "!"}]}])");
  EXPECT_THAT(Flaws(), ElementsAre("message 2 has no text", "\"conversations\" is null",
                                   "message 2 is from \"\", not from \"gpt\"", ""));
}

// --- M6, M7: tools, videos, audio

TEST_F(DatasetInfo, CallsOfToolsStopTheReading) {
  const std::string call = R"({"from": "human", "value": "?"}, {"from": "function_call",
      "value": "f"}, {"from": "observation", "value": "1"}, {"from": "gpt", "value": "!"})";
  Put("d.json", fmt::format(R"([{{"conversations": [{}]}}])", call));
  PutEntry(R"({"file_name": "d.json", "formatting": "sharegpt"})");
  ExpectRefused("d.json: row 1: conversations: message 2 is to or from a tool", "Leave such rows");
  // Under other tags, too.
  Put("d.json", R"([{"m": [{"r": "u", "c": "?"}, {"r": "a", "c": "!"}, {"r": "结果", "c": "1"},
                           {"r": "a", "c": "!"}]}])");
  const std::string tags = R"("role_tag": "r", "content_tag": "c", "user_tag": "u",
      "assistant_tag": "a")";
  PutEntry(fmt::format(R"({{"file_name": "d.json", "formatting": "sharegpt", "columns":
      {{"messages": "m"}}, "tags": {{{}, "observation_tag": "结果"}}}})",
                       tags));
  ExpectRefused("message 3 is to or from a tool");
  // Tags that are not given are nobody's: LLaMA-Factory drops the row.
  PutEntry(fmt::format(R"({{"file_name": "d.json", "formatting": "sharegpt", "columns":
      {{"messages": "m"}}, "tags": {{{}}}}})",
                       tags));
  EXPECT_THAT(Flaws(), ElementsAre("message 3 is from \"结果\", not from \"u\""));
  PutEntry(R"({"file_name": "d.json", "columns": {"messages": "m", "tools": "t"}})");
  ExpectRefused("columns: tools: calls of tools are not supported");
}

TEST_F(DatasetInfo, VideosAndAudioStopTheReading) {
  PutEntry(R"({"file_name": "d.json", "formatting": "sharegpt"})");
  for (const char* place : {"<video>", "<audio>"}) {
    Put("d.json", fmt::format(R"([{{"conversations": [{{"from": "human", "value": "{}Why?"}},
        {{"from": "gpt", "value": "!"}}], "videos": ["a.mp4"]}}])",
                              place));
    ExpectRefused(fmt::format("d.json: row 1: a text has {}: videos and audio", place));
    ROENTGEN_EXPECT_ERROR(test::ReadAll(*OpenShareGpt(Path("d.json"))), place);
  }
  for (const char* column : {"videos", "audios", "tools"}) {
    const char* row = R"([{{"instruction": "?", "output": "!", "{}": {}}}])";
    Put("e.json", fmt::format(fmt::runtime(row), column, R"(["a"])"));
    ROENTGEN_EXPECT_ERROR(test::ReadAll(*OpenAlpaca(Path("e.json"))),
                          fmt::format("e.json: row 1: {}: ", column));
    Put("e.json", fmt::format(fmt::runtime(row), column, "[]"));
    EXPECT_THAT(test::ReadAll(*OpenAlpaca(Path("e.json"))), SizeIs(1));
  }
  PutEntry(R"({"file_name": "d.json", "columns": {"audios": "a"}})");
  ExpectRefused("columns: audios: videos and audio are not supported");
}

// --- M16, L2, L4, L5, L6: entries that are not read here

TEST_F(DatasetInfo, EntriesThatAreNotReadHereSayWhy) {
  Put("d.json", R"([{"instruction": "?", "output": "!"}])");
  const auto refused = [&](const std::string& entry, const std::string& message,
                           const std::string& hint) {
    PutEntry(entry);
    ExpectRefused(message, hint);
  };
  refused(R"({"hf_hub_url": "x/y", "subset": "s"})", "d: hf_hub_url: it is on a hub", "Download");
  refused(R"({"ms_hub_url": "x/y", "file_name": "d.json"})",
          "ms_hub_url: it is on a hub, and LLaMA-Factory passes over file_name",
          "Remove ms_hub_url");
  refused(R"({"script_url": "x"})", "script_url: a script makes it", "Download");
  refused(R"({"cloud_file_name": "s3://x"})", "cloud_file_name: it is in a cloud", "Download");
  refused(R"({"file_name": "d.json", "ranking": true})", "ranking: these are preferences",
          "one right answer a row");
  refused(R"({"file_name": "d.json", "columns": {"kto_tag": "k"}})",
          "columns: kto_tag: these are preferences", "one right answer");
  refused(R"({"file_name": "d.json", "columns": {"prompt": "p", "chosen": "c"}})",
          "columns: chosen: these are preferences", "");
  refused(R"({"file_name": "d.csv"})", "d.csv is neither .json nor .jsonl", "data import csv");
  refused(R"({"file_name": "d.parquet"})", "neither .json nor .jsonl", "JSON lines");
  refused(R"({"file_name": "."})", "file_name: a folder", "Name one of its files");
  refused(R"({"file_name": "d.json", "formatting": "xml"})", "none of alpaca, sharegpt, openai",
          "");
  refused(R"({})", "d: file_name: missing", "");
}

TEST_F(DatasetInfo, AFileOutsideOfTheFolderIsNotReadUnlessThatIsAllowed) {
  const test::TemporaryFolder other;
  const fs::path outside = other.path() / "外.json";
  WriteFile(outside, R"([{"instruction": "?", "output": "!"}])");
  fs::create_symlink(outside, Path("link.json"));
  for (const fs::path& name :
       {outside, outside.lexically_relative(folder_.path()), fs::path("link.json")}) {
    PutEntry(fmt::format(R"({{"file_name": "{}"}})", name.string()));
    ExpectRefused("lies outside of the set's folder", "--allow-outside");
    EXPECT_THAT(test::ReadAll(*OpenLlamaFactory(folder_.path(), {"d"}, ImageOptions({}, true))),
                SizeIs(1));
  }
  Put("in/d.json", R"([{"instruction": "?", "output": "!"}])");
  PutEntry(R"({"file_name": "in/../in/d.json"})");
  EXPECT_THAT(Read(), SizeIs(1));
}

TEST_F(DatasetInfo, WithoutNamesTheLocalOnesAreReadAndTheOthersNamed) {
  Put("d.json", R"([{"instruction": "?", "output": "!"}])");
  Put("dataset_info.json", R"({"adgen": {"hf_hub_url": "x/y"}, "胸片": {"file_name": "d.json"},
      "zoo": {"ms_hub_url": "x/z"}, "dpo": {"file_name": "d.json", "ranking": true},
      "gone": {"file_name": "gone.json"}})");
  const auto source = OpenLlamaFactory(folder_.path(), {});
  EXPECT_THAT(test::ReadAll(*source), SizeIs(1));
  EXPECT_THAT(source->Notes(),
              testing::UnorderedElementsAre(
                  HasSubstr("passed over: adgen, zoo: it is on a hub, not in a file here"),
                  HasSubstr("passed over: dpo: these are preferences"),
                  AllOf(HasSubstr("passed over: gone: "), HasSubstr("no such file"))));
  EXPECT_THAT(OpenLlamaFactory(folder_.path(), {"胸片"})->Notes(), IsEmpty());
  // One that is asked for is not passed over, and nothing at all is an error.
  ROENTGEN_EXPECT_ERROR(OpenLlamaFactory(folder_.path(), {"胸片", "adgen"}), "adgen: hf_hub_url");
  PutEntry(R"({"hf_hub_url": "x/y"})");
  ROENTGEN_EXPECT_ERROR(OpenLlamaFactory(folder_.path(), {}), "d: hf_hub_url: it is on a hub");
  Put("dataset_info.json", "{}");
  ROENTGEN_EXPECT_ERROR(OpenLlamaFactory(folder_.path(), {}), "no datasets in it");
}

TEST_F(DatasetInfo, OpenAiMessagesGetLlamaFactorysSystemPrompt) {
  const std::string turns =
      R"({"role": "user", "content": "?"}, {"role": "assistant", "content": "有"})";
  Put("d.json", fmt::format(R"([{{"messages": [{0}]}},
      {{"messages": [{{"role": "system", "content": "S"}}, {0}]}},
      {{"messages": [{{"role": "system", "content": "detailed thinking on"}}, {0}]}}])",
                            turns));
  const std::string tags = R"("tags": {"role_tag": "role", "content_tag": "content",
      "user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"})";
  for (const std::string& more :
       {std::string(), R"(, "columns": {"messages": "messages"}, )" + tags}) {
    PutEntry(fmt::format(R"({{"file_name": "d.json", "formatting": "openai"{}}})", more));
    const auto rows = Read();
    ASSERT_THAT(rows, SizeIs(3));
    EXPECT_EQ(rows[0].sample.turns[1].text, "有");
    EXPECT_EQ(rows[0].sample.system, "detailed thinking off");
    EXPECT_EQ(rows[1].sample.system, "S\ndetailed thinking off");
    EXPECT_EQ(rows[2].sample.system, "detailed thinking on");
    EXPECT_THAT(OpenLlamaFactory(folder_.path(), {"d"})->Notes(),
                ElementsAre(HasSubstr("\"detailed thinking off\" is added")));
  }
  Put("d.json", R"([{"messages": [{"role": "user", "content": "?"}, {"role": "assistant",
      "content": null, "tool_calls": [{"function": {"name": "f"}}]}, {"role": "tool",
      "content": "1"}, {"role": "tool", "content": "2"}, {"role": "assistant", "content": "!"}]}])");
  PutEntry(R"({"file_name": "d.json", "formatting": "openai"})");
  ExpectRefused("message 2 is to or from a tool");
}

// --- T2: media_dir

TEST_F(DatasetInfo, ImagesAreLookedForInTheMediaFolder) {
  test::PutImage(Path("img"), "a.png");
  test::PutImage(Path("json"), "b.png");
  Put("json/d.json", R"([{"instruction": "<image>?", "output": "!", "images": ["a.png"]},
                         {"instruction": "<image>?", "output": "!", "images": ["b.png"]}])");
  Put("json/dataset_info.json",
      R"({"d": {"file_name": "d.json", "columns": {"prompt": "instruction", "response": "output",
          "images": "images"}}})");
  const auto images = [&](const fs::path& media) {
    std::vector<std::string> found;
    for (const SourceSample& row : test::ReadAll(*OpenLlamaFactory(Path("json"), {"d"}, media))) {
      found.push_back(row.sample.images.at(0));
    }
    return found;
  };
  EXPECT_THAT(images(Path("img")), ElementsAre(Path("img/a.png"), Path("img/b.png")));
  EXPECT_THAT(images({}), ElementsAre(Path("json/a.png"), Path("json/b.png")));
  for (const auto& row : test::ReadAll(*OpenAlpaca(Path("json/d.json"), Path("img")))) {
    EXPECT_EQ(fs::path(row.sample.images.at(0)).parent_path(), Path("img"));
  }
}

// --- L12: LLaVA's files, and images that nobody reads

TEST_F(DatasetInfo, LlavaFilesNameOneImage) {
  Put("llava.json", R"([{"id": "1", "image": "x.jpg", "conversations": [
      {"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "CT"}]},
      {"id": "2", "conversations": [
      {"from": "human", "value": "什么？"}, {"from": "gpt", "value": "CT"}]}])");
  const auto rows = test::ReadAll(*OpenShareGpt(Path("llava.json")));
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_THAT(rows[0].sample.images, ElementsAre(Path("x.jpg").string()));
  EXPECT_EQ(rows[0].sample.id, "1");
  EXPECT_THAT(rows[1].sample.images, IsEmpty());
  // As a dataset its columns count, and the reason names the one that is not read.
  PutEntry(R"({"file_name": "llava.json", "formatting": "sharegpt"})");
  EXPECT_EQ(
      FindUnusable(Read()[0])->reason,
      "0 images for 1 <image>; the column \"image\" is not read: \"columns\" does not name it");
}

// --- T8: other encodings

TEST_F(DatasetInfo, OtherEncodingsAreNamed) {
  Put("dataset_info.json", "{\"\xd0\xd8\xc6\xac\": {\"file_name\": \"d.json\"}}");
  ExpectRefused("dataset_info.json: not valid JSON at byte", "iconv -f GB18030");
  ExpectRefused("not UTF-8 but perhaps GBK");
  Put("dataset_info.json", std::string("{\0\"\0d\0", 6));
  ExpectRefused("dataset_info.json: not UTF-8 but perhaps UTF-16", "iconv -f UTF-16");
  Put("dataset_info.json", "\xef\xbb\xbf{\r\n\"d\": {\"file_name\": \"d.json\"}\r\n}\r\n");
  Put("d.json", "\xef\xbb\xbf[\r\n{\"instruction\": \"有吗？\", \"output\": \"有\"}\r\n]\r\n");
  EXPECT_THAT(Texts(), ElementsAre("有吗？|有"));
}

}  // namespace
}  // namespace roentgen
