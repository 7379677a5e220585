#include "roentgen/assistant/transcript.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "assistant/dialogue_set_up.h"
#include "roentgen/assistant/audit_log.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class TranscriptTest : public test::DialogueSetUp {
 protected:
  TranscriptTest() {
    run_.program = "roentgen 1";
    run_.model = "demo";
    run_.model_sha256 = std::string(64, 'a');
    run_.weights = "as published";
    run_.key_values = "f32";
    run_.instruction_set = "AVX2";
    run_.context_tokens = 8192;
    run_.max_pixels = 589824;
  }

  /// Asks, and says what gave the answer.
  void Tell(const std::string& question, std::vector<PreparedPicture> pictures = {}) {
    Ask(question, std::move(pictures));
    RunFacts run = run_;
    run.system_prompt = session_.options().system_prompt;
    dialogue_.Attribute(run);
  }

  Transcript Read(const std::string& text) const {
    WriteFile(path_, text);
    return ReadTranscript(path_);
  }

  static std::vector<std::string> LinesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  static std::vector<std::string> TypesOf(const std::string& text) {
    std::vector<std::string> types;
    for (const std::string& line : LinesOf(text)) {
      types.push_back(ParseJson(line, "line")["type"].get<std::string>());
    }
    return types;
  }

  /// The text with one line, from 1, changed.
  static std::string With(const std::string& text, size_t number,
                          const std::function<void(Json&)>& change) {
    std::vector<std::string> lines = LinesOf(text);
    Json json = ParseJson(lines[number - 1], "line");
    change(json);
    lines[number - 1] = json.dump();
    std::string changed;
    for (const std::string& line : lines) changed += line + "\n";
    return changed;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "a.jsonl";
  RunFacts run_;
  Session other_session_{model_, tokenizer_, images_, prefixes_, pool_};
  Dialogue other_{other_session_, tokenizer_, preprocessor_};
};

TEST_F(TranscriptTest, AStoredConversationGoesOnAsIfItHadNotEnded) {
  Tell("one \"quoted\"\n肺", {Picture(1)});
  Tell("two", {Picture(2)});
  other_.Continue(Read(TranscriptLines(dialogue_.exchanges())).exchanges);
  EXPECT_EQ(other_.exchanges()[0].Question(), "one \"quoted\"\n肺");
  EXPECT_EQ(Ask(other_, "three").ids, Ask("three").ids);
}

TEST_F(TranscriptTest, WhatAnswersWereMadeWithStandsOnceUntilItChanges) {
  Tell("one", {Picture(1)});
  Tell("two");
  options_.sampling.temperature = 0.7;
  options_.seed = 7;
  Tell("three");
  run_.adapters = {{"chest", std::string(64, 'b')}};
  Tell("four");
  Tell("five");
  const std::string lines = TranscriptLines(dialogue_.exchanges());
  EXPECT_THAT(TypesOf(lines),
              ElementsAre("roentgen transcript", "made_with", "picture", "exchange", "exchange",
                          "made_with", "exchange", "made_with", "exchange", "exchange"));
  EXPECT_THAT(lines, Not(HasSubstr(dialogue_.exchanges()[0].facts.conversation)));
  const std::vector<Exchange> read = Read(lines).exchanges;
  ASSERT_THAT(read, SizeIs(5));
  for (size_t i = 0; i < read.size(); ++i) {
    const AnswerFacts& told = dialogue_.exchanges()[i].facts;
    EXPECT_EQ(ToJson(read[i].facts.run), ToJson(told.run)) << i;
    EXPECT_EQ(read[i].facts.images, told.images) << i;
    EXPECT_FALSE(read[i].edited);
  }
}

TEST_F(TranscriptTest, SavedAgainEachAnswerKeepsItsOwnFacts) {
  Tell("one", {Picture(1)});
  other_.Continue(Read(TranscriptLines(dialogue_.exchanges())).exchanges);
  Ask(other_, "two");
  RunFacts now = run_;
  now.model = "another";
  now.model_sha256 = std::string(64, 'c');
  other_.Attribute(now);
  const std::vector<Exchange> read = Read(TranscriptLines(other_.exchanges())).exchanges;
  EXPECT_EQ(read[0].facts.run.model, "demo");
  EXPECT_EQ(read[1].facts.run.model, "another");
  EXPECT_TRUE(read[1].retold);
}

TEST_F(TranscriptTest, StudiesKeepTheirIndications) {
  Tell("one", {Picture(1)});
  dialogue_.BeginStudy();
  Tell("two", {Picture(2)});
  dialogue_.BeginStudy();
  Tell("three", {Picture(3)});
  const std::vector<std::string> indications = {"fever", "", "外伤"};
  const std::string lines = TranscriptLines(dialogue_.exchanges(), indications);
  const Transcript read = Read(lines);
  EXPECT_EQ(read.indications, indications);
  EXPECT_THAT(read.exchanges[2].facts.images, SizeIs(1));
  const std::string text = TranscriptMarkdown(dialogue_.exchanges(), indications);
  EXPECT_THAT(text, HasSubstr("**Indication:** fever"));
  EXPECT_THAT(text, HasSubstr("## Study 3\n\n**Indication:** 外伤"));
}

TEST_F(TranscriptTest, AChangedImageIsNamed) {
  Tell("one", {Picture(1)});
  Tell("two", {Picture(2)});
  const std::string lines = TranscriptLines(dialogue_.exchanges());
  const std::string other = ParseJson(LinesOf(lines)[4], "line")["png"];
  const auto expect = [&](const std::function<void(Json&)>& change, const char* message) {
    ROENTGEN_EXPECT_ERROR(Read(With(lines, 3, change)), message);
  };
  expect([&](Json& json) { json["png"] = other; }, "a.jsonl:3: image bbbbbbbbbbbb was changed");
  expect([](Json& json) { json["pixels_sha256"] = std::string(64, '0'); },
         "a.jsonl:3: image bbbbbbbbbbbb was changed");
  expect([](Json& json) { json["pixels_sha256"] = "00"; }, "a.jsonl:3: pixels_sha256: no SHA-256");
  expect([](Json& json) { json["png"] = "AAAA"; }, "a.jsonl:3: the stored image");
  expect([](Json& json) { json["png"] = "*"; }, "a.jsonl:3: png: no base 64");
  expect([](Json& json) { json["sha256"] = std::string(64, '0'); },
         "a.jsonl:3: what is told of image 000000000000 was changed");
  expect([](Json& json) { json["facts"] = "CT"; },
         "a.jsonl:3: what is told of image bbbbbbbbbbbb was changed");
  expect([](Json& json) { json["study_date"] = "2019-01-01"; }, "was changed");
}

TEST_F(TranscriptTest, ImagesOfAnotherStudyAreNamed) {
  Tell("one", {Picture(1)});
  Tell("two", {Picture(2)});
  std::vector<std::string> lines = LinesOf(TranscriptLines(dialogue_.exchanges()));
  std::swap(lines[2], lines[4]);  // both are whole, but the answers are about other images
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  ROENTGEN_EXPECT_ERROR(Read(text), "a.jsonl:4: study: the images before it are not those");
}

TEST_F(TranscriptTest, ChangedSettingsAreNamed) {
  run_.adapters = {{"chest", std::string(64, 'b')}};
  Tell("one");
  const std::string lines = TranscriptLines(dialogue_.exchanges());
  const std::vector<std::function<void(Json&)>> changes = {
      [](Json& json) { json["model_sha256"] = std::string(64, '0'); },
      [](Json& json) { json["adapters"] = Json::array(); },
      [](Json& json) { json["adapters"][0]["name"] = "brain"; },
      [](Json& json) { json["sampling"]["temperature"] = 0.5; },
      [](Json& json) { json["sampling"]["seed"] = 3; },
      [](Json& json) { json["system_prompt"] = "Say yes."; },
      [](Json& json) { json["key_values"] = "q8"; },
      [](Json& json) { json.erase("line_sha256"); },
  };
  for (const auto& change : changes) {
    ROENTGEN_EXPECT_ERROR(Read(With(lines, 2, change)),
                          "a.jsonl:2: what the answers behind it were made with was changed");
  }
  ROENTGEN_EXPECT_ERROR(Read(With(lines, 2, [](Json& json) { json["key_values"] = "q7"; })),
                        "a.jsonl:2: key_values: unknown: \"q7\"");
  ROENTGEN_EXPECT_ERROR(Read(With(lines, 2, [](Json& json) { json["system_prompt"] = 7; })),
                        "a.jsonl:2: system_prompt");
  ROENTGEN_EXPECT_ERROR(Read(With(lines, 2, [](Json& json) { json["sampling"]["top_p"] = 0; })),
                        "a.jsonl:2: sampling");
  ROENTGEN_EXPECT_ERROR(
      Read(With(lines, 2, [](Json& json) { json["sampling"]["max_new_tokens"] = 0; })),
      "max_new_tokens: an answer has at least 1");
}

TEST_F(TranscriptTest, AnExchangeBelongsToTheSettingsBeforeIt) {
  Tell("one");
  options_.seed = 3;
  Tell("two");
  std::vector<std::string> lines = LinesOf(TranscriptLines(dialogue_.exchanges()));
  lines.erase(lines.begin() + 3);
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  ROENTGEN_EXPECT_ERROR(Read(text), "a.jsonl:4: made_with: ");
}

TEST_F(TranscriptTest, AChangedExchangeIsReadAndMarked) {
  Tell("one");
  const std::string lines = TranscriptLines(dialogue_.exchanges());
  const auto changed = [&](const std::function<void(Json&)>& change) {
    return Read(With(lines, 3, change)).exchanges[0].edited;
  };
  EXPECT_TRUE(changed([](Json& json) { json["answer"] = "clear"; }));
  EXPECT_TRUE(changed([](Json& json) { json["parts"][0]["text"] = "two"; }));
  EXPECT_TRUE(changed([](Json& json) { json["tokens"][0] = 1; }));
  EXPECT_TRUE(changed([](Json& json) { json.erase("line_sha256"); }));
  EXPECT_FALSE(changed([](Json&) {}));  // the order of keys is free
  // It stays marked, and everybody is told.
  const Transcript read = Read(With(lines, 3, [](Json& json) { json["answer"] = "clear"; }));
  EXPECT_TRUE(Read(TranscriptLines(read.exchanges)).exchanges[0].edited);
  EXPECT_THAT(TranscriptMarkdown(read.exchanges), HasSubstr("changed after it was given"));
  EXPECT_THAT(DescribeDifferences(read.exchanges, read.exchanges[0].facts.run),
              ElementsAre(std::string("answer 1: ") + kEditedNotice));
}

TEST_F(TranscriptTest, AMissingDoubledOrMovedExchangeIsMarked) {
  Tell("one");
  Tell("二");
  Tell("three");
  const std::vector<std::string> lines = LinesOf(TranscriptLines(dialogue_.exchanges()));
  ASSERT_THAT(lines, SizeIs(5));  // head, made_with, three exchanges
  const auto edited = [&](std::initializer_list<size_t> places) {
    std::string text;
    for (const size_t place : places) text += lines[place] + "\n";
    std::vector<bool> marks;
    for (const Exchange& exchange : Read(text).exchanges) marks.push_back(exchange.edited);
    return marks;
  };
  EXPECT_THAT(edited({0, 1, 2, 3, 4}), ElementsAre(false, false, false));
  EXPECT_THAT(edited({0, 1, 3, 4}), ElementsAre(true, false));
  EXPECT_THAT(edited({0, 1, 2, 4}), ElementsAre(false, true));
  EXPECT_THAT(edited({0, 1, 2, 2, 3, 4}), ElementsAre(false, true, false, false));
  EXPECT_THAT(edited({0, 1, 2, 4, 3}), ElementsAre(false, true, true));
  // What is given behind a changed one is not changed itself.
  const Transcript changed = Read(
      With(TranscriptLines(dialogue_.exchanges()), 3, [](Json& json) { json["answer"] = "x"; }));
  const Transcript again = Read(TranscriptLines(changed.exchanges));
  EXPECT_TRUE(again.exchanges[0].edited);
  EXPECT_FALSE(again.exchanges[2].edited);
}

TEST_F(TranscriptTest, ALineThatIsNoneSaysWhere) {
  Tell("one", {Picture(1)});
  const std::string lines = TranscriptLines(dialogue_.exchanges());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = lines;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  ROENTGEN_EXPECT_ERROR(Read(with("roentgen transcript", "novel")),
                        "a.jsonl:1: it is no transcript");
  ROENTGEN_EXPECT_ERROR(Read(with("\"version\":2", "\"version\":3")),
                        "a.jsonl:1: a transcript of version 3");
  ROENTGEN_EXPECT_ERROR(Read(with("{\"picture\":true},", "")),
                        "a.jsonl:4: parts: 0 places for 1 pictures");
  ROENTGEN_EXPECT_ERROR(Read(with("\"finish\":\"length\"", "\"finish\":\"soon\"")),
                        "a.jsonl:4: finish: unknown: \"soon\"");
  ROENTGEN_EXPECT_ERROR(Read(with("\"answer\":", "\"anser\":")), "a.jsonl:4: answer");
  ROENTGEN_EXPECT_ERROR(Read(with("\"type\":\"exchange\"", "\"type\":\"exchange")), "a.jsonl:4");
  ROENTGEN_EXPECT_ERROR(Read(with("\"parts\":", "\"pars\":")), "a.jsonl:4: parts: expected a list");
  ROENTGEN_EXPECT_ERROR(Read(with("one", "\xff")), "a.jsonl:4: not valid UTF-8");
  ROENTGEN_EXPECT_ERROR(Read(""), "it is no transcript");
}

TEST_F(TranscriptTest, VersionOneIsReadAndItsSettingsAreAssumed) {
  Tell("one", {Picture(1)});
  const ShownPicture& picture = dialogue_.exchanges()[0].pictures[0];
  const Json now = ParseJson(LinesOf(TranscriptLines(dialogue_.exchanges()))[2], "line");
  const Json head = {{"type", "roentgen transcript"},
                     {"version", 1},
                     {"program", "roentgen 0.1.0"},
                     {"model", "demo"},
                     {"model_sha256", std::string(64, 'a')},
                     {"adapters", Json::array()},
                     {"weights", "as published"},
                     {"system_prompt", "Be brief."},
                     {"sampling", {{"temperature", 0.5}, {"seed", 9}, {"max_new_tokens", 6}}},
                     {"max_pixels", 589824}};
  const Json old = {{"type", "picture"},
                    {"sha256", picture.sha256},
                    {"facts", picture.facts},
                    {"png", now["png"]}};
  const Json exchange = {{"type", "exchange"},
                         {"parts", {{{"picture", true}}, {{"text", "one"}}}},
                         {"answer", dialogue_.exchanges()[0].answer},
                         {"tokens", dialogue_.exchanges()[0].tokens},
                         {"finish", "length"},
                         {"seed", 4},
                         {"date", "2026-01-01T00:00:00Z"}};
  const Transcript read = Read(head.dump() + "\n" + old.dump() + "\n" + exchange.dump() + "\n");
  const Exchange& one = read.exchanges[0];
  EXPECT_EQ(one.pictures[0].pixels_sha256, picture.pixels_sha256);
  EXPECT_TRUE(one.facts.assumed);
  EXPECT_FALSE(one.edited);
  EXPECT_EQ(one.facts.run.generation.seed, 4u);
  EXPECT_EQ(one.facts.run.system_prompt, "Be brief.");
  // Saved again, it still says so.
  const Transcript again = Read(TranscriptLines(read.exchanges));
  EXPECT_TRUE(again.exchanges[0].facts.assumed);
  EXPECT_THAT(DescribeDifferences(again.exchanges, run_), testing::Contains(HasSubstr("assumed")));
  EXPECT_THAT(DescribeDifferences(again.exchanges, run_),
              testing::Contains("answer 1: key-value cache: not recorded then, f32 now"));
}

TEST_F(TranscriptTest, VersionOneWithImagesOfSeveralQuestionsIsTakenForSeveralStudies) {
  Tell("one", {Picture(1)});
  Tell("二");
  Tell("three", {Picture(2)});
  std::string old =
      Json{{"type", "roentgen transcript"}, {"version", 1}, {"model", "demo"}}.dump() + "\n";
  for (const std::string& line : LinesOf(TranscriptLines(dialogue_.exchanges()))) {
    Json json = ParseJson(line, "line");
    for (const char* later :
         {"begins_study", "study", "images", "line_sha256", "made_with", "follows"}) {
      json.erase(later);
    }
    const bool kept = json["type"] == "picture" || json["type"] == "exchange";
    if (kept) old += json.dump() + "\n";
  }
  const Transcript read = Read(old);
  ASSERT_THAT(read.exchanges, SizeIs(3));
  EXPECT_TRUE(read.studies_assumed);
  EXPECT_FALSE(read.exchanges[0].begins_study);
  EXPECT_FALSE(read.exchanges[1].begins_study);
  EXPECT_TRUE(read.exchanges[2].begins_study);
  EXPECT_THAT(read.exchanges[2].facts.images, SizeIs(1));
  EXPECT_FALSE(Read(TranscriptLines(read.exchanges)).studies_assumed);
}

TEST_F(TranscriptTest, WhatWaitsForAQuestionIsKept) {
  Tell("one", {Picture(1)});
  UnaskedStudy unasked{true, {Picture(2).shown}, "发热"};
  const std::string lines = TranscriptLines(dialogue_.exchanges(), {}, unasked);
  EXPECT_THAT(TypesOf(lines), ElementsAre("roentgen transcript", "made_with", "picture", "exchange",
                                          "picture", "unasked"));
  const Transcript read = Read(lines);
  EXPECT_THAT(read.exchanges, SizeIs(1));
  EXPECT_TRUE(read.unasked.begins_study);
  EXPECT_EQ(read.unasked.indication, "发热");
  ASSERT_THAT(read.unasked.pictures, SizeIs(1));
  EXPECT_EQ(read.unasked.pictures[0].pixels_sha256, Picture(2).shown.pixels_sha256);
  EXPECT_EQ(TranscriptLines(dialogue_.exchanges(), {}, {}), TranscriptLines(dialogue_.exchanges()));
  const auto indication = [](Json& json) { json["indication"] = "fever"; };
  ROENTGEN_EXPECT_ERROR(Read(With(lines, 6, indication)), "what waits for a question was changed");
  std::vector<std::string> without = LinesOf(lines);
  without.erase(without.begin() + 4);
  std::string text;
  for (const std::string& line : without) text += line + "\n";
  ROENTGEN_EXPECT_ERROR(Read(text), "not those that wait for a question");
  EXPECT_THAT(TranscriptMarkdown(dialogue_.exchanges(), {}, unasked), HasSubstr("## Study 2"));
}

TEST_F(TranscriptTest, ThatFilesNameDifferentPatientsIsKept) {
  Tell("one", {Picture(1)});
  dialogue_.TellPatients(false);
  Tell("二", {Picture(2)});
  dialogue_.TellPatients(true);
  Tell("three");
  const UnaskedStudy unasked{false, {Picture(3).shown}, "", true};
  const std::string lines = TranscriptLines(dialogue_.exchanges(), {}, unasked);
  const Transcript read = Read(lines);
  ASSERT_THAT(read.exchanges, SizeIs(3));
  EXPECT_EQ(read.exchanges[0].different_patients, false);
  EXPECT_EQ(read.exchanges[1].different_patients, true);
  EXPECT_EQ(read.exchanges[2].different_patients, std::nullopt);
  EXPECT_EQ(read.unasked.different_patients, true);
  EXPECT_EQ(TypesOf(lines), TypesOf(TranscriptLines(read.exchanges, {}, read.unasked)));
  EXPECT_TRUE(Read(With(lines, 4, [](Json& json) { json["different_patients"] = true; }))
                  .exchanges[0]
                  .edited);
  EXPECT_THAT(TranscriptMarkdown(dialogue_.exchanges()),
              HasSubstr("**Patients:** the files name different patients"));
}

TEST_F(TranscriptTest, WhatLoadingDiffersInIsToldLineByLine) {
  run_.adapters = {{"chest", std::string(64, 'b')}, {"lung", std::string(64, 'c')}};
  Tell("one");
  Tell("two");
  options_.sampling.temperature = 0.7;
  Tell("three");
  RunFacts now = dialogue_.exchanges()[0].facts.run;
  EXPECT_THAT(DescribeDifferences(std::span(dialogue_.exchanges()).first(2), now), IsEmpty());
  now.program = "roentgen 2";
  now.model = "another\x1b[31m";
  now.model_sha256 = std::string(64, 'd');
  now.adapters = {{"chest", std::string(64, 'e')}, {"brain", std::string(64, 'f')}};
  now.weights = "decoder q4, vision q8, head q8";
  now.key_values = "q8";
  now.context_tokens = 100;
  const std::vector<std::string> lines = DescribeDifferences(dialogue_.exchanges(), now);
  EXPECT_THAT(
      lines,
      ElementsAre(
          "answers 1 to 3: program: roentgen 1 then, roentgen 2 now",
          "answers 1 to 3: model: demo (aaaaaaaaaaaa) then, another [31m (dddddddddddd) now",
          "answers 1 to 3: adapter: chest (bbbbbbbbbbbb) then, chest (eeeeeeeeeeee) now",
          "answers 1 to 3: adapter: lung (cccccccccccc) then, none now",
          "answers 1 to 3: adapter: none then, brain (ffffffffffff) now",
          "answers 1 to 3: weights: as published then, decoder q4, vision q8, head q8 now",
          "answers 1 to 3: key-value cache: f32 then, q8 now",
          "answers 1 to 3: context: 8192 then, 100 now", "answer 3: temperature: 0.7 then, 0 now"));
}

TEST_F(TranscriptTest, ModelsThatAreOnlyCalledOtherwiseAreTheSame) {
  run_.adapters = {{"chest", std::string(64, 'b')}, {"lung", std::string(64, 'c')}};
  RunFacts now = run_;
  now.model = "copy";
  now.adapters[0].name = "renamed";
  EXPECT_THAT(DifferencesOf(run_, now), IsEmpty());
  std::swap(now.adapters[0], now.adapters[1]);
  ASSERT_THAT(DifferencesOf(run_, now), SizeIs(1));
  EXPECT_EQ(DifferencesOf(run_, now)[0].name, "order of adapters");
  EXPECT_TRUE(DifferencesOf(run_, now)[0].model);
  now = run_;
  now.adapters_merged = true;
  EXPECT_EQ(Describe(DifferencesOf(run_, now).at(0)),
            "adapters: beside them then, merged into the weights now");
}

TEST_F(TranscriptTest, TheTranscriptToReadTellsSettingsWhereTheyChange) {
  Tell("Is it <b>normal</b>?\n# yes", {Picture(1)});
  options_.seed = 7;
  Tell("Why?");
  Tell("And?");
  const std::string text = TranscriptMarkdown(dialogue_.exchanges());
  EXPECT_THAT(text, HasSubstr("**Question:** Is it "));
  EXPECT_THAT(text, HasSubstr("\\<b>"));  // text from outside is text
  EXPECT_THAT(text, Not(HasSubstr("\n# yes")));
  EXPECT_THAT(text, HasSubstr("For research use only"));
  EXPECT_THAT(text, HasSubstr("- model: demo (`aaaaaaaaaaaa`)\n"));
  EXPECT_THAT(text, HasSubstr("- seed: 0 before, 7 from here on\n\n**Question:** Why?"));
  EXPECT_EQ(text.find("from here on"), text.rfind("from here on"));
  EXPECT_THAT(text, HasSubstr("tokens, `bbbbbbbbbbbb`"));
}

TEST_F(TranscriptTest, AuditLinesTellTheirStudyImagesAndSettingsByHash) {
  const auto path = folder_.path() / "state/audit.jsonl";
  AuditLog log(path);
  run_.adapters = {{"Jane's adapter", std::string(64, 'f')}};
  run_.model = "Jane";
  Tell("Is Jane well?", {Picture(1)});
  Tell("Jane?", {Picture(2)});
  for (const Exchange& exchange : dialogue_.exchanges()) log.Add(exchange);
  const std::string text = ReadFile(path, 1 << 20);
  EXPECT_THAT(text, Not(HasSubstr("Jane")));
  ASSERT_THAT(LinesOf(text), SizeIs(2));
  const Json first = ParseJson(LinesOf(text)[0], "line");
  const Json second = ParseJson(LinesOf(text)[1], "line");
  EXPECT_EQ(second["pictures_sha256"],
            Json({std::string(64, 'b'), std::string(64, 'c')}));  // all that was shown
  EXPECT_THAT(second["pixels_sha256"], SizeIs(2));
  EXPECT_EQ(first["conversation"], second["conversation"]);
  EXPECT_EQ(first["study"], StudyId(dialogue_.exchanges()[0].facts.images));
  EXPECT_NE(first["study"], second["study"]);
  EXPECT_EQ(second["adapters_sha256"], Json({std::string(64, 'f')}));
  EXPECT_EQ(second["key_values"], "f32");
  EXPECT_EQ(second["weights"], "as published");
  EXPECT_EQ(second["sampling"]["max_new_tokens"], 6);
  EXPECT_EQ(second["max_pixels"], 589824);
  EXPECT_EQ(second["context_tokens"], 8192);
  EXPECT_EQ(second["system_prompt_sha256"], Sha256Hex(std::string(kDefaultSystemPrompt)));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace roentgen
