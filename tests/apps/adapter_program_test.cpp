// Adapters as their users have them: by name, with other weights beside them, with whole modules.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "apps/program.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;
using testing::Not;

class AdapterProgram : public testing::Test {
 protected:
  AdapterProgram() {
    ::setenv("HF_HUB_CACHE", Path("hub").c_str(), 1);
    ::setenv("XDG_DATA_HOME", Path("data").c_str(), 1);
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  static std::string Repository(const std::string& name) {
    return (test::SourceDir() / name).string();
  }

  /// A copy of the adapter that comes with the program.
  std::string CopyAdapter(const std::string& to) const {
    fs::create_directories(Path(to));
    for (const auto& entry : fs::directory_iterator(Repository("models/phantom-radiology"))) {
      fs::copy_file(entry.path(), fs::path(Path(to)) / entry.path().filename());
    }
    return Path(to);
  }

  Outcome Ask(const std::string& adapter) const {
    return RunProgram({"ask", "--model", base_, "--adapter", adapter, "--audit", "none",
                       "--temperature", "0", "--max-new-tokens", "8", "What is a fracture?"});
  }

  test::TemporaryFolder folder_;
  std::string base_ = Repository("models/phantom");
};

TEST_F(AdapterProgram, WeightsBesideItAreToldByEveryCommand) {
  const std::string adapter = CopyAdapter("adapter");
  EXPECT_THAT(Ask(adapter).err, Not(HasSubstr("not read")));
  fs::copy_file(Repository("tests/field/M5/non_lora_state_dict.bin"),
                adapter + "/non_lora_state_dict.bin");
  const std::string told = "non_lora_state_dict.bin: not read; only adapter_model.safetensors is";
  const Outcome answer = Ask(adapter);
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.err, HasSubstr(told));
  const std::vector<std::string> model = {"--model", base_, "--adapter", adapter};
  const auto run = [&](std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), model.begin(), model.end());
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command);
  };
  EXPECT_THAT(run({"merge"}, {"--out", Path("merged")}).err, HasSubstr(told));
  EXPECT_THAT(run({"inspect", "model"}, {}).err, HasSubstr(told));
  EXPECT_THAT(run({"doctor"}, {}).out, HasSubstr(told));
}

TEST_F(AdapterProgram, ItIsFoundByItsName) {
  const std::string path = CopyAdapter("adapter");
  const std::string answer = Ask(path).out;
  EXPECT_THAT(Ask("someone/an-adapter").err,
              HasSubstr("adapter someone/an-adapter: no such folder, and no adapter of that name"));
  CopyAdapter("hub/models--someone--an-adapter/snapshots/abc");
  fs::create_directories(Path("hub/models--someone--an-adapter/refs"));
  WriteFile(Path("hub/models--someone--an-adapter/refs/main"), "abc\n");
  EXPECT_EQ(Ask("someone/an-adapter").out, answer);
  CopyAdapter("data/roentgen/models/pulled");
  EXPECT_EQ(Ask("pulled").out, answer);
  EXPECT_EQ(Ask("A/pulled").out, answer);
  const Outcome inspected =
      RunProgram({"inspect", "model", "--model", base_, "--adapter", "A/pulled", "--json"});
  EXPECT_TRUE(nlohmann::json::parse(inspected.out).contains("adapter A/pulled")) << inspected.out;
  EXPECT_EQ(RunProgram({"doctor", "--model", base_, "--adapter", "A/pulled"}).status, 0);
  EXPECT_EQ(RunProgram({"merge", "--model", base_, "--adapter", "someone/an-adapter", "--out",
                        Path("merged")})
                .status,
            0);
}

TEST_F(AdapterProgram, WhatLiesInTheOutputFolderIsLookedAtFirst) {
  fs::create_directories(Path("out"));
  WriteFile(Path("out/chat_template.jinja"), "HELLO");
  WriteFile(Path("file"), "");
  const std::string adapter = Repository("models/phantom-radiology");
  const auto expect = [&](const std::string& out, const std::string& says, const char* hint) {
    for (std::vector<std::string> command :
         {std::vector<std::string>{"merge", "--model", base_, "--adapter", adapter},
          {"quantize", "--model", base_, "--quant", "q8"},
          {"new", "--texts", Path("no-such-texts")}}) {
      command.insert(command.end(), {"--out", out});
      const Outcome outcome = RunProgram(command);
      EXPECT_EQ(outcome.status, 1) << command.front();
      EXPECT_THAT(outcome.err, HasSubstr(says)) << command.front();
      EXPECT_THAT(outcome.err, HasSubstr(hint)) << command.front();
    }
  };
  expect(Path("out"), "out is not empty, and was not made by this program",
         "Name a new folder, or an empty one");
  expect(Path("file"), "a file where a folder is to be", "Name another folder");
}

TEST_F(AdapterProgram, NothingIsMergedIntoQuantisedWeights) {
  const std::string adapter = Repository("models/phantom-radiology");
  ASSERT_EQ(RunProgram({"quantize", "--model", base_, "--quant", "q4", "--out", Path("q4")}).status,
            0);
  const auto merge = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"merge", "--adapter", adapter, "--out", Path("merged")});
    return RunProgram(more);
  };
  const Outcome flag = merge({"--model", base_, "--quant", "q4"});
  EXPECT_EQ(flag.status, 2);
  EXPECT_THAT(flag.err, HasSubstr("Merge first"));
  EXPECT_THAT(flag.err, HasSubstr("roentgen quantize --model " + Path("merged")));
  const Outcome folder = merge({"--model", Path("q4")});
  EXPECT_EQ(folder.status, 1);
  EXPECT_THAT(folder.err, HasSubstr("no adapter can be merged into quantised weights"));
  EXPECT_THAT(folder.err, HasSubstr("roentgen quantize"));
  EXPECT_FALSE(fs::exists(Path("merged")));
  for (const char* option : {"--quant", "--kv-cache"}) {
    EXPECT_THAT(RunProgram({"merge", "--help"}).out, testing::Not(HasSubstr(option)));
  }
  EXPECT_THAT(RunProgram({"quantize", "--help"}).out, testing::Not(HasSubstr("--kv-cache")));
}

TEST_F(AdapterProgram, AnAdapterThatLacksWhatItSavedIsRefused) {
  const std::string adapter = CopyAdapter("adapter");
  nlohmann::json config = nlohmann::json::parse(test::ReadAll(adapter + "/adapter_config.json"));
  config["modules_to_save"] = {"merger"};
  WriteFile(adapter + "/adapter_config.json", config.dump());
  EXPECT_EQ(Ask(adapter).status, 1);
  EXPECT_THAT(Ask(adapter).err, HasSubstr("no tensor for visual.merger."));
}

TEST_F(AdapterProgram, WholeModulesGoIntoTheMergedModel) {
  for (const char* kind : {"M7-lnq", "norms"}) {
    SCOPED_TRACE(kind);
    const std::string adapter = Repository(std::string("tests/field/M7/") + kind);
    const std::string merged = Path(std::string(kind) + "-merged");
    const Outcome outcome =
        RunProgram({"merge", "--model", base_, "--adapter", adapter, "--out", merged});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("the same next token"));
    const auto answer = [&](std::vector<std::string> command) {
      const std::vector<std::string> more = {
          "--image",          Repository("fuzz/seeds/image_fuzz/rgb.png"),
          "--audit",          "none",
          "--temperature",    "0",
          "--max-new-tokens", "12",
          "What is shown?"};
      command.insert(command.end(), more.begin(), more.end());
      return RunProgram(command).out;
    };
    EXPECT_EQ(answer({"ask", "--model", merged}),
              answer({"ask", "--model", base_, "--adapter", adapter}));
  }
}

}  // namespace
}  // namespace roentgen
