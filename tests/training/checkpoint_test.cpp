#include "roentgen/training/checkpoint.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/base/random.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Checkpoints : public testing::Test {
 protected:
  Checkpoint Save(size_t step, const std::string& content = "weights") const {
    return SaveCheckpoint(dir(), step, {{"seed", 1}, {"step", step}}, [&](const fs::path& folder) {
      WriteFile(folder / "adapter_model.safetensors", content);
      fs::create_directory(folder / "more");
      WriteFile(folder / "more" / "trainer_state.json", std::to_string(step));
    });
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  fs::path dir() const { return folder_.path() / "out"; }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(Checkpoints, TheLastOneIsFound) {
  EXPECT_FALSE(FindLastCheckpoint(dir()).checkpoint);
  Save(5);
  Save(20);
  Save(10);
  fs::create_directories(dir() / "checkpoint-best");
  const LastCheckpoint last = FindLastCheckpoint(dir());
  ASSERT_TRUE(last.checkpoint);
  EXPECT_EQ(last.checkpoint->step, 20u);
  EXPECT_EQ(last.checkpoint->folder, dir() / "checkpoint-20");
  EXPECT_EQ(last.checkpoint->state["step"], 20);
  EXPECT_EQ(ReadFile(last.checkpoint->folder / "more" / "trainer_state.json", 10), "20");
  EXPECT_THAT(last.skipped, IsEmpty());
}

TEST_F(Checkpoints, ADamagedOneIsNamedAndPassedOver) {
  for (const size_t step : {1u, 2u, 3u, 4u, 5u}) Save(step);
  WriteFile(dir() / "checkpoint-5" / "adapter_model.safetensors", "weightz");
  WriteFile(dir() / "checkpoint-4" / "adapter_model.safetensors", "weight");
  fs::remove(dir() / "checkpoint-3" / "more" / "trainer_state.json");
  fs::remove(dir() / "checkpoint-2" / "checkpoint.json");
  const LastCheckpoint last = FindLastCheckpoint(dir());
  ASSERT_TRUE(last.checkpoint);
  EXPECT_EQ(last.checkpoint->step, 1u);
  EXPECT_THAT(last.skipped, ElementsAre(HasSubstr("adapter_model.safetensors is damaged"),
                                        HasSubstr("has 6 bytes, not 7"),
                                        HasSubstr("trainer_state.json is missing"),
                                        HasSubstr("checkpoint-2 is passed over: ")));
}

TEST_F(Checkpoints, AManifestThatIsNoneIsPassedOver) {
  Save(1);
  const fs::path manifest = Save(2).folder / "checkpoint.json";
  for (const char* text :
       {"{}", "[]", "{\"format\": 1, \"step\": 2, \"state\": {}}",
        "{\"format\": 2, \"step\": 2, \"state\": {}, \"files\": []}",
        "{\"format\": 1, \"step\": 2, \"state\": {}, \"files\": [3]}", "{\"for"}) {
    WriteFile(manifest, text);
    const LastCheckpoint last = FindLastCheckpoint(dir());
    ASSERT_TRUE(last.checkpoint) << text;
    EXPECT_EQ(last.checkpoint->step, 1u) << text;
    EXPECT_THAT(last.skipped, SizeIs(1)) << text;
  }
}

TEST_F(Checkpoints, AManifestLeadsNowhereElse) {
  Save(1);
  const fs::path manifest = dir() / "checkpoint-1" / "checkpoint.json";
  Json json = ReadJsonFile(manifest, 10'000);
  json["files"][0]["name"] = "../../secret";
  WriteFile(manifest, json.dump());
  EXPECT_THROW(LoadCheckpoint(dir() / "checkpoint-1"), Error);
}

TEST_F(Checkpoints, TheSameStepIsReplaced) {
  Save(3, "old");
  Save(3, "new");
  EXPECT_THAT(Names(), ElementsAre("checkpoint-3"));
  EXPECT_EQ(
      ReadFile(LoadCheckpoint(dir() / "checkpoint-3").folder / "adapter_model.safetensors", 9),
      "new");
}

TEST_F(Checkpoints, FilesOfOthersInThemStay) {
  for (const size_t step : {1u, 2u, 3u}) Save(step, "old");
  const fs::path first = dir() / "checkpoint-1";
  const auto write = [](const fs::path& file) {
    fs::create_directories(file.parent_path());
    WriteFile(file, "mine");
  };
  write(first / "mine.txt");
  write(first / "more" / "笔记.txt");
  write(first / "runs" / "today" / "events");
  fs::create_directory(first / "empty");
  fs::create_symlink("nowhere", first / "link");
  RotateCheckpoints(dir(), 1, dir() / "checkpoint-3");
  EXPECT_THAT(Names(), UnorderedElementsAre("checkpoint-1", "checkpoint-3"));
  EXPECT_EQ(LoadCheckpoint(first).step, 1u);
  for (const char* content : {"new", "newer"}) {
    Save(1, content);
    EXPECT_EQ(ReadFile(LoadCheckpoint(first).folder / "adapter_model.safetensors", 9), content);
    for (const char* file : {"mine.txt", "more/笔记.txt", "runs/today/events"}) {
      EXPECT_EQ(ReadFile(first / file, 9), "mine") << file;
    }
    EXPECT_TRUE(fs::is_directory(first / "empty"));
    EXPECT_EQ(fs::read_symlink(first / "link"), "nowhere");
  }
  EXPECT_THAT(Names(), UnorderedElementsAre("checkpoint-1", "checkpoint-3"));
}

TEST_F(Checkpoints, AFileInTheWayIsNotReplaced) {
  Save(1);
  WriteFile(dir() / "checkpoint-1" / "optimizer.safetensors", "mine");
  const auto save = [&] {
    SaveCheckpoint(dir(), 1, {}, [](const fs::path& folder) {
      WriteFile(folder / "optimizer.safetensors", "ours");
    });
  };
  ROENTGEN_EXPECT_ERROR(save(), "optimizer.safetensors: cannot keep this file of yours");
  EXPECT_EQ(ReadFile(dir() / "checkpoint-1" / "optimizer.safetensors", 9), "mine");
  EXPECT_THAT(Names(), ElementsAre("checkpoint-1"));
}

TEST_F(Checkpoints, AFailedOneLeavesNothing) {
  Save(1);
  EXPECT_THROW(SaveCheckpoint(dir(), 2, {},
                              [](const fs::path& folder) {
                                WriteFile(folder / "half", "x");
                                throw Error("no space left on device");
                              }),
               Error);
  EXPECT_THAT(Names(), ElementsAre("checkpoint-1"));
  ROENTGEN_EXPECT_ERROR(SaveCheckpoint("/proc/out", 1, {}, [](const fs::path&) {}), "/proc/out");
}

TEST_F(Checkpoints, FoldersOfOthersWithSuchNamesStay) {
  for (const char* name : {".roentgen-checkpoint-2", ".roentgen-checkpoint-result",
                           ".roentgen-checkpoint-影像", ".roentgen-checkpoint-0123abcd"}) {
    fs::create_directories(dir() / name);
    WriteFile(dir() / name / "mine", "我的");
  }
  WriteFile(dir() / ".roentgen-checkpoint-file", "mine");
  const fs::path left = MakeUnfinishedFolder(dir());  // and not come to its end
  WriteFile(left / "half", "h");
  fs::create_directory(dir() / ".roentgen-checkpoint-empty");
  for (const size_t step : {1, 2, 3}) {
    const Checkpoint saved = Save(step);
    EXPECT_FALSE(FileExists(saved.folder / ".roentgen.json"));
    RotateCheckpoints(dir(), 1, saved.folder);
  }
  EXPECT_THAT(Names(),
              UnorderedElementsAre("checkpoint-3", ".roentgen-checkpoint-2",
                                   ".roentgen-checkpoint-result", ".roentgen-checkpoint-影像",
                                   ".roentgen-checkpoint-0123abcd", ".roentgen-checkpoint-file"));
}

TEST_F(Checkpoints, TheOldestGoFirst) {
  for (const size_t step : {100u, 9u, 20u, 30u}) Save(step);
  const fs::path newest = dir() / "checkpoint-30";
  RotateCheckpoints(dir(), 0, newest);
  EXPECT_THAT(Names(), SizeIs(4));
  RotateCheckpoints(dir(), 3, newest);
  EXPECT_THAT(Names(), UnorderedElementsAre("checkpoint-20", "checkpoint-30", "checkpoint-100"));
  RotateCheckpoints(dir(), 2, newest, dir() / "checkpoint-20");
  // One of a later step that the run did not begin from is the first to go when nothing else may.
  EXPECT_THAT(Names(), UnorderedElementsAre("checkpoint-20", "checkpoint-30"));
  RotateCheckpoints(dir(), 1, newest, dir() / "checkpoint-20");
  EXPECT_THAT(Names(), UnorderedElementsAre("checkpoint-20", "checkpoint-30"));
  RotateCheckpoints(dir(), 1, newest);
  EXPECT_THAT(Names(), ElementsAre("checkpoint-30"));
}

// What an interrupted run of LLaMA-Factory leaves, whole and cut short, and what else may have such
// a name.
class Foreign : public Checkpoints {
 protected:
  void SetUp() override {
    WriteForeign("checkpoint-2", {"optimizer.pt", "rng_state.pth", "adapter_model.safetensors"});
    WriteForeign("checkpoint-4", {"optimizer.pt"});
    WriteForeign("checkpoint-6", {});
    WriteForeign("checkpoint-8", {"checkpoint.json"});  // of that name, but not ours
    WriteFile(dir() / "checkpoint-10", "a file");
    fs::create_directory_symlink(dir() / "checkpoint-2", dir() / "checkpoint-12");
    fs::create_symlink(dir() / "nowhere", dir() / "checkpoint-14");
    WriteForeign(".checkpoint-old", {"optimizer.pt"});
    WriteForeign("checkpoint-best", {"optimizer.pt"});
  }
  void WriteForeign(const std::string& name, const std::vector<std::string>& files) const {
    fs::create_directories(dir() / name);
    for (const std::string& file : files) WriteFile(dir() / name / file, "foreign");
  }
};

TEST_F(Foreign, IsFoundByStep) {
  Save(3);
  std::vector<std::string> names;
  for (const fs::path& path : ForeignCheckpoints(dir())) names.push_back(path.filename());
  EXPECT_THAT(names, ElementsAre("checkpoint-2", "checkpoint-4", "checkpoint-6", "checkpoint-8",
                                 "checkpoint-10", "checkpoint-12", "checkpoint-14"));
  EXPECT_THAT(ForeignCheckpoints(dir(), 4), SizeIs(2));
  EXPECT_THAT(ForeignCheckpoints(dir() / "none"), IsEmpty());
}

TEST_F(Foreign, H2IsNeitherReplacedNorRotatedAway) {
  const std::vector<std::string> before = Names();
  for (const size_t step : {2u, 4u, 6u, 8u, 10u, 12u, 14u}) {
    ROENTGEN_EXPECT_ERROR(Save(step), "another program's checkpoint is there");
  }
  EXPECT_THAT(Names(), testing::UnorderedElementsAreArray(before));
  for (const size_t step : {1u, 3u, 20u}) RotateCheckpoints(dir(), 1, Save(step).folder);
  std::vector<std::string> after = before;
  after.emplace_back("checkpoint-20");
  EXPECT_THAT(Names(), testing::UnorderedElementsAreArray(after));
  EXPECT_EQ(ReadFile(dir() / "checkpoint-2" / "optimizer.pt", 10), "foreign");
  EXPECT_EQ(ReadFile(dir() / ".checkpoint-old" / "optimizer.pt", 10), "foreign");
  EXPECT_EQ(ReadFile(dir() / "checkpoint-10", 10), "a file");
}

TEST_F(Checkpoints, ADamagedOneOfOursIsReplaced) {
  Save(3, "old");
  WriteFile(dir() / "checkpoint-3" / "adapter_model.safetensors", "damaged");
  EXPECT_THAT(ForeignCheckpoints(dir()), IsEmpty());
  Save(3, "new");
  EXPECT_EQ(LoadCheckpoint(dir() / "checkpoint-3").step, 3u);
}

// A process that saves and rotates all the time is killed again and again: what it leaves must
// always hold a whole checkpoint with the content of its step, at least as new as the last one that
// it reported to be done.
TEST_F(Checkpoints, SurviveBeingKilled) {
  Random random(4);
  size_t done = 0;
  const auto begin = std::chrono::steady_clock::now();
  Save(done, std::string(100'000, '0'));
  // Long enough for a few of them, however slow the disk is.
  const double patience =
      5e6 * std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (int kill = 0; kill < 25; ++kill) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (size_t step = done + 1;; ++step) {
        const Checkpoint saved =
            Save(step, std::string(100'000, static_cast<char>('0' + step % 10)));
        RotateCheckpoints(dir(), 2, saved.folder);
        if (::write(pipe[1], &step, sizeof(step)) < 0) ::_exit(1);
      }
    }
    ::close(pipe[1]);
    std::this_thread::sleep_for(
        std::chrono::microseconds(static_cast<int64_t>(random.NextUniform() * patience)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    size_t reported = done;
    while (::read(pipe[0], &reported, sizeof(reported)) == sizeof(reported)) {
    }
    ::close(pipe[0]);
    const LastCheckpoint last = FindLastCheckpoint(dir());
    ASSERT_TRUE(last.checkpoint) << kill;
    EXPECT_THAT(last.skipped, IsEmpty());
    EXPECT_GE(last.checkpoint->step, reported);
    done = last.checkpoint->step;
    EXPECT_EQ(ReadFile(last.checkpoint->folder / "adapter_model.safetensors", 200'000),
              std::string(100'000, static_cast<char>('0' + done % 10)));
  }
  EXPECT_GT(done, 0u);
  // The next one clears up what was left.
  RotateCheckpoints(dir(), 1, Save(done + 1).folder);
  EXPECT_THAT(Names(), SizeIs(1));
}

}  // namespace
}  // namespace roentgen
