// `roentgen replay`, and transcripts in `chat` that meet another model, as a user meets them.

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>

#include "apps/small_model.h"
#include "imaging/dicom_writer.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "roentgen/base/random.h"
#include "support/long_checks.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class ReplayProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<test::TemporaryFolder>();
    test::MakePhantomsAndModel(made_->path(), "6");
    // Another model in a folder of the same name.
    fs::create_directories(made_->path() / "other");
    fs::copy(made_->path() / "model", made_->path() / "other/model");
    const fs::path weights = made_->path() / "other/model/model.safetensors";
    std::string bytes = test::ReadAll(weights);
    bytes[bytes.size() - 1] ^= 1;
    WriteFile(weights, bytes);
  }
  static void TearDownTestSuite() { made_.reset(); }

  static std::string Tiny() { return (made_->path() / "model").string(); }
  static std::string Other() { return (made_->path() / "other/model").string(); }
  static std::string Trained() { return (test::SourceDir() / "models/phantom").string(); }
  static std::string Adapter() { return (test::SourceDir() / "models/phantom-radiology").string(); }
  static std::string Picture(size_t number) {
    return (made_->path() / fmt::format("data/images/phantom-{:06}.png", number)).string();
  }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  Outcome Chat(const std::string& lines, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"chat", "--audit", Path("audit.jsonl")};
    if (std::find(more.begin(), more.end(), "--model") == more.end()) {
      arguments.insert(arguments.end(), {"--model", Tiny()});
    }
    arguments.insert(arguments.end(), {"--max-new-tokens", "6"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = RunProgram(arguments, lines);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome;
  }
  Outcome Replay(std::vector<std::string> more = {"--model", Tiny()},
                 const std::string& name = "a.jsonl") const {
    std::vector<std::string> arguments = {"replay", Path(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }

  std::vector<Json> Lines(const std::string& name) const {
    std::vector<Json> lines;
    std::istringstream text(test::ReadAll(Path(name)));
    for (std::string line; std::getline(text, line);) lines.push_back(ParseJson(line, name));
    return lines;
  }
  /// b.jsonl is a.jsonl with changed lines of this type.
  void Tamper(const std::string& type, const std::function<void(Json&)>& change) const {
    std::string text;
    for (Json& line : Lines("a.jsonl")) {
      if (line["type"] == type) change(line);
      text += line.dump() + "\n";
    }
    WriteFile(Path("b.jsonl"), text);
  }

  static std::unique_ptr<test::TemporaryFolder> made_;
  test::TemporaryFolder folder_;
};
std::unique_ptr<test::TemporaryFolder> ReplayProgram::made_;

TEST_F(ReplayProgram, EveryAnswerIsAskedAgainWithItsOwnSettings) {
  Chat(fmt::format("{} Is it normal?\n/set temperature 3\n/set seed 5\nWhy?\n/regenerate\n"
                   "/set max_new_tokens 3\nAnd?\n/undo\n/new {}\n/indication fever\n这正常吗？\n"
                   "/save {}\n",
                   Picture(1), Picture(2), Path("a.jsonl")),
       {"--kv-cache", "q8", "--system", "Be brief."});
  const Outcome equal = Replay();
  EXPECT_EQ(equal.status, 0) << equal.err << equal.out;
  EXPECT_THAT(equal.out, HasSubstr("  1  equal    6 tokens\n"));
  EXPECT_THAT(equal.out, HasSubstr("  3  equal    3 tokens\n"));
  EXPECT_THAT(equal.out, HasSubstr("3 of 3 answers equal, token by token\n"));
  EXPECT_EQ(Lines("a.jsonl").back()["indication"], "fever");
  const Outcome json = Replay({"--model", Tiny(), "--json"});
  EXPECT_EQ(json.status, 0);
  const Json read = ParseJson(json.out, "out");
  EXPECT_EQ(read["equal"], true);
  EXPECT_THAT(read["answers"], SizeIs(3));
  EXPECT_EQ(read["answers"][2]["study"], Lines("a.jsonl").back()["study"]);
  EXPECT_THAT(read["answers"][0]["differences"], SizeIs(0));
}

TEST_F(ReplayProgram, AnotherModelIsRefusedOrSaid) {
  Chat(fmt::format("{} Is it normal?\n/save {}\n", Picture(1), Path("a.jsonl")));
  const Outcome refused = Replay({"--model", Other()});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("answer 1: model: model ("));
  EXPECT_EQ(refused.out, "");
  const Outcome said = Replay({"--model", Other(), "--other-model"});
  EXPECT_THAT(said.out, AllOf(HasSubstr("answer 1: model: model ("), HasSubstr("  1  ")));
  const Outcome cache = Replay({"--model", Tiny(), "--kv-cache", "q8"});
  EXPECT_THAT(cache.err, HasSubstr("answer 1: key-value cache: f32 then, q8 now"));
  const Outcome unnamed = RunProgram({"replay", Path("a.jsonl")});
  EXPECT_EQ(unnamed.status, 1);
  EXPECT_THAT(unnamed.err, AllOf(HasSubstr("the transcript's model, model ("),
                                 HasSubstr("Say where it is with --model.")));
}

TEST_F(ReplayProgram, AdaptersAndQuantisedWeightsAreThoseOfTheAnswers) {
  const std::string lines =
      fmt::format("{} Is there a fracture?\n/save {}\n", Picture(1), Path("a.jsonl"));
  Chat(lines, {"--model", Trained(), "--adapter", Adapter(), "--quant", "q4"});
  const Outcome equal = Replay({"--model", Trained(), "--adapter", Adapter()});
  EXPECT_EQ(equal.status, 0) << equal.err << equal.out;
  const Outcome missing = Replay({"--model", Trained()});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("the transcript's adapter, phantom-radiology ("));
  const Outcome without = Replay({"--model", Trained(), "--other-model"});
  EXPECT_THAT(without.out, AllOf(HasSubstr("answer 1: adapter: phantom-radiology ("),
                                 HasSubstr("answer 1: weights: decoder q4"),
                                 HasSubstr("answer 1: key-value cache: bf16 then, f32 now")));
  const Outcome other = Replay({"--model", Trained(), "--adapter", Adapter(), "--quant", "q8"});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("answer 1: weights: decoder q4"));
}

TEST_F(ReplayProgram, WhatWasChangedInTheFileIsNamed) {
  Chat(fmt::format("{} Is it normal?\nWhy?\n/save {}\n", Picture(1), Path("a.jsonl")));
  const std::string hash = Lines("a.jsonl")[2]["sha256"].get<std::string>().substr(0, 12);
  Chat(fmt::format("{} Is it?\n/save {}\n", Picture(2), Path("c.jsonl")));
  const Json other = Lines("c.jsonl")[2]["png"];
  const auto expect = [&](const std::string& type, const std::function<void(Json&)>& change,
                          const std::string& message) {
    Tamper(type, change);
    const Outcome outcome = Replay({"--model", Tiny()}, "b.jsonl");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err + outcome.out, HasSubstr(message));
    return outcome;
  };
  expect(
      "picture", [&](Json& line) { line["png"] = other; }, "image " + hash + " was changed");
  expect(
      "picture", [](Json& line) { line["facts"] = "PNG"; }, "image " + hash + " was changed");
  for (const auto& [key, value] :
       {std::pair<const char*, Json>{"model_sha256", std::string(64, '0')},
        {"adapters", {{{"name", "x"}, {"sha256", std::string(64, '0')}}}},
        {"key_values", "q8"},
        {"context_tokens", 100}}) {
    expect(
        "made_with", [&, key = key, value = value](Json& line) { line[key] = value; },
        "b.jsonl:2: what the answers behind it were made with was changed");
  }
  expect(
      "made_with", [](Json& line) { line["sampling"]["temperature"] = 0.1; },
      "b.jsonl:2: what the answers behind it were made with was changed");
  const Outcome edited = expect(
      "exchange", [](Json& line) { line["answer"] = "clear"; }, "  1  edited ");
  EXPECT_THAT(edited.out, HasSubstr("0 of 2 answers equal, token by token; 2 changed"));
  expect(
      "exchange", [](Json& line) { line["parts"].back()["text"] = "What?"; }, "  2  edited ");
}

TEST_F(ReplayProgram, LoadingUnderOtherSettingsSaysSoAndAttributesNothing) {
  Chat(fmt::format("{} Is it normal?\n/save {}\n", Picture(1), Path("a.jsonl")));
  const std::string save = fmt::format("And?\n/save {}\n", Path("b.jsonl"));
  const Outcome same = Chat(save, {"--load", Path("a.jsonl")});
  EXPECT_THAT(same.err, Not(HasSubstr(" then, ")));
  const Outcome other = Chat("/save " + Path("c.jsonl") + "\nAnd?\n/save " + Path("c.jsonl") + "\n",
                             {"--load", Path("a.jsonl"), "--model", Other(), "--temperature", "0.5",
                              "--kv-cache", "bf16", "--max-pixels", "100352"});
  for (const char* line : {"answer 1: model: model (", "answer 1: temperature: 0 then, 0.5 now",
                           "answer 1: key-value cache: f32 then, bf16 now",
                           "answer 1: most pixels of an image: 65536 then, 100352 now"}) {
    EXPECT_THAT(other.err, HasSubstr(line));
  }
  const std::vector<Json> lines = Lines("c.jsonl");
  ASSERT_THAT(lines, SizeIs(6));  // head, made_with, image, exchange, made_with, exchange
  EXPECT_EQ(lines[1], Lines("a.jsonl")[1]);
  EXPECT_NE(lines[4]["model_sha256"], lines[1]["model_sha256"]);
  EXPECT_EQ(lines[4]["key_values"], "bf16");
  const Outcome mixed = Replay({"--model", Tiny()}, "c.jsonl");
  EXPECT_EQ(mixed.status, 1);
  EXPECT_THAT(mixed.err, HasSubstr("answer 2: model: model ("));
  // What went on from a file is reproduced, too.
  EXPECT_EQ(Replay({"--model", Tiny()}, "b.jsonl").status, 0);
}

TEST_F(ReplayProgram, LinesOfTheAuditHaveAllImagesAndSettings) {
  Chat(fmt::format("{} Is it normal?\n/add {}\nAnd?\n/report en\n", Picture(1), Picture(2)),
       {"--temperature", "0.5", "--seed", "3"});
  const std::vector<Json> lines = Lines("audit.jsonl");
  ASSERT_GT(lines.size(), 4u);
  EXPECT_THAT(lines[0]["pixels_sha256"], SizeIs(1));
  for (size_t i = 1; i < lines.size(); ++i) EXPECT_THAT(lines[i]["pixels_sha256"], SizeIs(2)) << i;
  EXPECT_EQ(lines[0]["conversation"], lines[1]["conversation"]);
  EXPECT_NE(lines[1]["conversation"], lines[2]["conversation"]);  // the report's own
  EXPECT_EQ(lines[1]["study"], lines.back()["study"]);
  EXPECT_EQ(lines.back()["sampling"]["seed"], 3);
  EXPECT_EQ(lines.back()["key_values"], "f32");
  EXPECT_THAT(test::ReadAll(Path("audit.jsonl")), Not(HasSubstr("normal")));
}

TEST_F(ReplayProgram, NothingOfAPatientIsInAReplay) {
  test::DicomWriter file;
  file.Text(0x00080020, "DA", "20190407").Text(0x00080060, "CS", "CT QZX");
  file.Text(0x00100010, "PN", "Qzx^Jane").Text(0x00100020, "LO", "Qzx-4711");
  file.Text(0x0020000d, "UI", "1.2.3");
  file.Word(0x00280002, 1).Text(0x00280004, "CS", "MONOCHROME2");
  file.Word(0x00280010, 64).Word(0x00280011, 64).Word(0x00280100, 8).Word(0x00280101, 8);
  file.Word(0x00280102, 7).Word(0x00280103, 0);
  file.Raw(0x7fe00010, "OB", std::string(64 * 64, 'x'));
  fs::create_directories(folder_.path() / "Qzx");
  WriteFile(folder_.path() / "Qzx/Qzx.dcm", file.bytes());
  Chat(fmt::format("{} Is it?\n/save {}\n", Path("Qzx/Qzx.dcm"), Path("a.jsonl")));
  for (const char* form : {"--model", "--json"}) {
    std::vector<std::string> more = {"--model", Tiny()};
    if (std::string(form) == "--json") more.emplace_back(form);
    const Outcome outcome = Replay(more);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("Qzx")));
    EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("QZX")));
  }
  for (const char* name : {"a.jsonl", "audit.jsonl"}) {
    const std::string text = test::ReadAll(Path(name));
    EXPECT_THAT(text, AllOf(Not(HasSubstr("Qzx")), Not(HasSubstr("QZX")), Not(HasSubstr("4711"))));
  }
}

/// A chat at random: settings change between questions, studies begin, turns are taken back and
/// asked again, and the conversation is kept and goes on.
std::string RandomChat(uint64_t seed, const std::function<std::string(size_t)>& picture,
                       const std::string& file) {
  Random random(seed);
  const auto draw = [&](size_t count) { return static_cast<size_t>(random.NextBits() % count); };
  std::string lines = picture(1 + draw(6)) + " Is it normal?\n";
  bool asked = true;  // about the current study
  for (size_t step = 0; step < 8; ++step) {
    const size_t kind = draw(8);
    if (kind < 2 || !asked) {
      lines += draw(2) == 0 ? "Why?\n" : "这是什么？\n";
      asked = true;
    } else if (kind == 2) {
      lines += fmt::format("/set temperature 0.{}\n/set seed {}\n", draw(10), draw(100));
    } else if (kind == 3) {
      lines += fmt::format("/set max_new_tokens {}\n/set top_k {}\n", 1 + draw(8), 1 + draw(20));
    } else if (kind == 4) {
      lines += fmt::format("/new {}\nIs it?\n", picture(1 + draw(6)));
    } else if (kind == 5) {
      lines += fmt::format("/add {}\nAnd this?\n", picture(1 + draw(6)));
    } else if (kind == 6) {
      lines += draw(2) == 0 ? "/regenerate\n" : "And?\n/undo\n";
    } else {
      lines += fmt::format("/save --force {0}\n/load {0}\n", file);
    }
  }
  return lines + "/save --force " + file + "\n";
}

TEST_F(ReplayProgram, TranscriptsReproduceTokenByToken) {
  for (uint64_t seed = 0; seed < test::Trials(4, 50); ++seed) {
    SCOPED_TRACE(seed);
    std::vector<std::string> model = {"--model", seed % 2 == 0 ? Tiny() : Trained()};
    if (seed % 4 == 3) model.insert(model.end(), {"--adapter", Adapter()});
    std::vector<std::string> chat = model;
    if (seed % 3 == 1) chat.insert(chat.end(), {"--quant", seed % 2 == 0 ? "q8" : "q4"});
    if (seed % 3 == 2) chat.insert(chat.end(), {"--kv-cache", "q8"});
    if (seed % 8 == 7) chat.insert(chat.end(), {"--merge"});
    Chat(RandomChat(seed, Picture, Path("a.jsonl")), chat);
    const Outcome outcome = Replay(model);
    EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
    EXPECT_THAT(outcome.out, Not(HasSubstr(" then, ")));
  }
}

}  // namespace
}  // namespace roentgen
