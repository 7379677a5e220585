// `roentgen data` as a user meets it: what it prints and how it ends, and what is left on the disk
// when it does not get to its end.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "apps/program.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Program;
using test::ReadAll;
using test::RunProgram;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DataProgram : public testing::Test {
 protected:
  DataProgram() {
    fs::copy_file(test::SourceDir() / "fuzz/seeds/image_fuzz/rgb.png", Path("a.png"));
    PutRows(3);
  }

  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  std::string Out() const { return Path("out").string(); }

  static std::string Row(size_t i, const std::string& image) {
    return fmt::format(
        R"({{"messages": [{{"role": "user", "content": "<image>Question {0}?"}}, {{"role": )"
        R"("assistant", "content": "answer {0} {1}"}}], "images": ["{2}"], "id": "row-{0}"}})"
        "\n",
        i, std::string(200, 'x'), image);
  }

  void PutRows(size_t count, const std::string& more = "") const {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += Row(i, "a.png");
    WriteFile(Path("set.jsonl"), text + more);
  }

  std::vector<std::string> Import() const {
    return {"data", "import", "sharegpt", Path("set.jsonl").string(), "--out", Out(), "--jsonl"};
  }

  /// The files of the output folder with what they hold.
  std::set<std::string> OutFiles() const {
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(Out())) {
      if (!entry.is_regular_file()) continue;
      files.insert(entry.path().filename().string() + ": " + ReadAll(entry.path()));
    }
    return files;
  }

  /// Starts an import of many rows into a folder with an earlier one, and returns once it writes.
  std::unique_ptr<Program> StartLongImport() const {
    EXPECT_EQ(RunProgram(Import()).status, 0);
    PutRows(100'000);
    auto program = std::make_unique<Program>(Import());
    for (int i = 0; i < 60'000 && !Writing(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(Writing());
    return program;
  }
  bool Writing() const { return FileExists(Path("out/.roentgen-staging-sharegpt")); }

  test::TemporaryFolder folder_;
};

TEST_F(DataProgram, ImportsAndSaysSo) {
  const Outcome outcome = RunProgram(Import());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, HasSubstr("3 rows, 1 image"));
  for (const char* file : {"sharegpt_train.jsonl", "sharegpt_report.html", "dataset_info.json"}) {
    EXPECT_TRUE(FileExists(Path("out") / file)) << file;
    EXPECT_THAT(outcome.out, HasSubstr(file));
  }
  const Outcome again = RunProgram({"data", "check", "llamafactory", Out()});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("3 rows kept, 0 dropped"));
  EXPECT_THAT(again.out, HasSubstr("Images and texts go together"));
}

TEST_F(DataProgram, CheckNamesTheRowsThatNobodyCanUse) {
  PutRows(2, Row(7, "gone.png"));
  const std::vector<std::string> check = {"data", "check", "sharegpt", Path("set.jsonl").string()};
  const Outcome outcome = RunProgram(check);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out,
              HasSubstr("row-7 (set.jsonl, row 3): missing-image: gone.png: no such file"));
  EXPECT_THAT(outcome.out, HasSubstr("Images and texts do not go together in 1 row"));
}

TEST_F(DataProgram, CheckNamesTheSamplesThatTrainingMustRefuse) {
  const Outcome outcome =
      RunProgram({"data", "check", "sharegpt", Path("set.jsonl").string(), "--cutoff-len", "3"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("3 would lose image tokens; training must refuse them"));
  EXPECT_THAT(outcome.out, HasSubstr("row-2 (set.jsonl, row 3): 6 tokens, 6 of images"));
}

TEST_F(DataProgram, CountsForPeopleAndPrograms) {
  const std::vector<std::string> stats = {"data", "stats", "sharegpt", Path("set.jsonl").string()};
  const Outcome text = RunProgram(stats);
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("Questions"));
  std::vector<std::string> json = stats;
  json.insert(json.end(), {"--json", "--html", Path("page.html").string()});
  EXPECT_EQ(nlohmann::json::parse(RunProgram(json).out)["samples"]["train"], 3);
  EXPECT_THAT(ReadAll(Path("page.html")), HasSubstr("<h1>set.jsonl</h1>"));
  // No text without its reader: what cannot be printed is an error.
  const Outcome full =
      Program(stats, "", [] { (void)!std::freopen("/dev/full", "w", stdout); }).Wait();
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.err, HasSubstr("standard output"));
}

TEST_F(DataProgram, WithoutDatasetTheLocalOnesAreTakenAndTheOthersNamed) {
  WriteFile(Path("dataset_info.json"), R"({"adgen": {"hf_hub_url": "x/y"},
      "胸片": {"file_name": "set.jsonl", "formatting": "sharegpt",
      "columns": {"messages": "messages", "images": "images"}, "tags": {"role_tag": "role",
      "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}}})");
  const std::string folder = folder_.path().string();
  const char* note = "passed over: adgen: it is on a hub, not in a file here";
  const Outcome check = RunProgram({"data", "check", "llamafactory", folder});
  EXPECT_EQ(check.status, 0) << check.err;
  EXPECT_THAT(check.out, HasSubstr("3 rows kept, 0 dropped"));
  EXPECT_THAT(check.out, HasSubstr(note));
  EXPECT_THAT(RunProgram({"data", "stats", "llamafactory", folder}).err, HasSubstr(note));
  EXPECT_THAT(RunProgram({"data", "import", "llamafactory", folder, "--out", Out()}).out,
              HasSubstr(note));
  EXPECT_THAT(RunProgram({"doctor", "--data", folder}).out, HasSubstr(note));
  const Outcome named = RunProgram({"data", "check", "llamafactory", folder, "--dataset", "adgen"});
  EXPECT_EQ(named.status, 1);
  EXPECT_THAT(named.err, HasSubstr("adgen: hf_hub_url: it is on a hub"));
}

TEST_F(DataProgram, ACheckThatKeepsNothingNamesTheRows) {
  WriteFile(Path("set.jsonl"), Row(1, "gone.png") + Row(2, "没有.png"));
  const Outcome check = RunProgram({"data", "check", "sharegpt", Path("set.jsonl").string()});
  EXPECT_EQ(check.status, 1);
  EXPECT_THAT(check.out, HasSubstr("row-1 (set.jsonl, row 1): missing-image"));
  EXPECT_THAT(check.out, HasSubstr("没有.png"));
  EXPECT_THAT(check.out, HasSubstr("No row is left"));
  EXPECT_THAT(RunProgram(Import()).err, HasSubstr("images are missing"));
}

TEST_F(DataProgram, ImagesOfTheSetAreCountedWithoutMissingOnes) {
  WriteFile(Path("t.csv"), "image,question,answer\na.png,有吗？,有\ngone.png,Is it?,no\n");
  const std::vector<std::string> check = {"data", "check", "csv", Path("t.csv").string()};
  EXPECT_THAT(RunProgram(check).out, HasSubstr("2 rows, 2 images, 1 of the 1 in the set's folder"));
  WriteFile(Path("t.csv"), "image,question,answer\na.png,有吗？,有\n");
  EXPECT_THAT(RunProgram(check).out, HasSubstr("1 row, 1 image of 1 in the set\n"));
}

TEST_F(DataProgram, OfVeryManyPartsTheFirstAreNamed) {
  std::string rows = "image,question,answer,split\na.png,Q?,有," + std::string(100'000, 'p') + "\n";
  for (int i = 0; i < 2000; ++i) rows += fmt::format("a.png,Q{0}?,有,外部{0}\n", i);
  WriteFile(Path("t.csv"), rows);
  const Outcome check = RunProgram({"data", "check", "csv", Path("t.csv").string()});
  EXPECT_LT(check.out.size(), 10'000u);
  EXPECT_THAT(check.out, HasSubstr("and 1981 more:"));
  EXPECT_THAT(check.out, HasSubstr("… and 1981 more parts"));
}

TEST_F(DataProgram, ErrorsLeaveOutTheMiddleOfALongName) {
  std::string name;
  for (int i = 0; i < 40'000; ++i) name += "肺";
  WriteFile(Path("p.jsonl"), fmt::format("{{\"{0}\": 1, \"{0}\": 2}}\n", name));
  const Outcome outcome = RunProgram({"eval", "--predictions", Path("p.jsonl").string()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_LT(outcome.err.size(), 10'000u);
  EXPECT_THAT(outcome.err, HasSubstr("p.jsonl: row 1: \"肺肺"));
  EXPECT_THAT(outcome.err, HasSubstr("肺 … 肺"));
  EXPECT_THAT(outcome.err, HasSubstr("肺\" is given twice"));
}

TEST_F(DataProgram, DoctorFindsIdsThatTwoSetsOfAFolderShare) {
  const char* entries = R"({{"一": {{"file_name": "set.jsonl", "formatting": "openai",
      "columns": {{"messages": "messages", "images": "images"}}}},
      "two": {{"file_name": "{}", "formatting": "openai",
      "columns": {{"messages": "messages", "images": "images"}}}}}})";
  const auto doctor = [&](const std::string& file) {
    fs::copy_file(Path("set.jsonl"), Path(file));
    WriteFile(Path("dataset_info.json"), fmt::format(fmt::runtime(entries), file));
    return RunProgram({"doctor", "--data", folder_.path().string()});
  };
  const Outcome same = doctor("more.jsonl");
  EXPECT_EQ(same.status, 1);
  EXPECT_THAT(same.out, HasSubstr("WRONG question set"));
  EXPECT_THAT(same.out, HasSubstr("more.jsonl: row 1 (part \"train\") and set.jsonl: row 1"));
  EXPECT_THAT(same.out, HasSubstr("Name one of the files"));
  const Outcome parts = doctor("test.jsonl");
  EXPECT_THAT(parts.out, HasSubstr("weak  question set"));
  EXPECT_THAT(parts.out, HasSubstr("--split test"));
}

TEST_F(DataProgram, ImagesMayLieInAMediaFolder) {
  fs::create_directories(Path("pictures"));
  fs::rename(Path("a.png"), Path("pictures/a.png"));
  std::vector<std::string> check = {"data", "check", "sharegpt", Path("set.jsonl").string()};
  EXPECT_EQ(RunProgram(check).status, 1);
  check.insert(check.end(), {"--media-dir", Path("pictures").string()});
  EXPECT_EQ(RunProgram(check).status, 0);
}

TEST_F(DataProgram, RowsWithoutAnAnswerAreDroppedAndListed) {
  WriteFile(Path("a.json"), R"([{"instruction": "Q1", "output": null},
                                          {"instruction": "Q2", "output": "A2"}])");
  const Outcome outcome = RunProgram(
      {"data", "import", "alpaca", Path("a.json").string(), "--out", Out(), "--name", "a"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("1 row kept, 1 dropped"));
  EXPECT_THAT(ReadAll(Path("out/a_cleaning.jsonl")),
              HasSubstr(R"("reason":"no answer: \"output\" is null")"));
}

TEST_F(DataProgram, FitsANarrowTerminal) {
  PutRows(2, Row(7, "gone.png"));
  const Program::Prepare narrow = [] { setenv("COLUMNS", "40", 1); };
  for (const char* command : {"check", "stats"}) {
    const Outcome outcome =
        Program({"data", command, "sharegpt", Path("set.jsonl").string()}, "", narrow).Wait();
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 40u) << line;
  }
}

TEST_F(DataProgram, WrongUsageEndsWithTwo) {
  for (std::vector<std::string> more : {std::vector<std::string>{"--rule", "nonsense=off"},
                                        {"--rule", "blur=maybe"},
                                        {"--split", "half"},
                                        {"--folds", "1"},
                                        {"--test-share", "0.9", "--validation-share", "0.5"},
                                        {"--cutoff-len", "0"},
                                        {"--blur-threshold", "7"}}) {
    more.insert(more.begin(), {"data", "import", "sharegpt", "x", "--out", Out()});
    const Outcome outcome = RunProgram(more);
    EXPECT_EQ(outcome.status, 2) << testing::PrintToString(more);
    EXPECT_THAT(outcome.err, HasSubstr("roentgen: "));
  }
  EXPECT_THAT(RunProgram({"data", "import", "sharegpt"}).err,
              HasSubstr("roentgen data import --help"));
  EXPECT_EQ(RunProgram({"data", "check", "sharegpt", "/no/such/file"}).status, 1);
}

TEST_F(DataProgram, AnInterruptLeavesWhatWasThere) {
  const auto program = StartLongImport();
  program->Interrupt();
  const Outcome outcome = program->Wait();
  EXPECT_EQ(outcome.status, 130);
  EXPECT_THAT(outcome.err, HasSubstr("roentgen: interrupted"));
  EXPECT_FALSE(Writing());  // nor anything unfinished
  PutRows(3);
  const std::set<std::string> left = OutFiles();
  EXPECT_EQ(RunProgram(Import()).status, 0);
  EXPECT_EQ(left, OutFiles());
}

TEST_F(DataProgram, WhatAKilledRunLeftIsRemovedByTheNext) {
  const auto program = StartLongImport();
  program->Kill();
  EXPECT_EQ(program->Wait().status, 128 + SIGKILL);
  EXPECT_TRUE(Writing());
  const std::set<std::string> left = OutFiles();
  PutRows(3);
  EXPECT_EQ(RunProgram(Import()).status, 0);
  // What has its name is that of the run before.
  for (const std::string& file : OutFiles()) EXPECT_TRUE(left.contains(file));
  EXPECT_FALSE(Writing());
  EXPECT_EQ(nlohmann::json::parse(ReadAll(Path("out/dataset_info.json"))).size(), 1u);
}

TEST_F(DataProgram, TwoRunsOfOneDatasetAtOnceAreOneTooMany) {
  const auto program = StartLongImport();
  const Outcome second = RunProgram(Import());
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("another run is writing the dataset \"sharegpt\" there"));
  program->Kill();
  program->Wait();
}

TEST_F(DataProgram, AFullDiskIsAnErrorAndLeavesWhatWasThere) {
  ASSERT_EQ(RunProgram(Import()).status, 0);
  const std::set<std::string> before = OutFiles();
  PutRows(1000);
  // A file may have 64 KB; to write more fails, as on a full disk.
  const Outcome outcome = Program(Import(), "", [] {
                            const rlimit limit = {64 << 10, 64 << 10};
                            setrlimit(RLIMIT_FSIZE, &limit);
                            std::signal(SIGXFSZ, SIG_IGN);
                          }).Wait();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("sharegpt_train.jsonl: cannot write"));
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(OutFiles(), before);
}

}  // namespace
}  // namespace roentgen
