// Every command that writes, killed at any moment in a folder with files of others: these stay as
// they are, and what the command writes is whole or not there. 10 times each, or 300 with
// ROENTGEN_LONG.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "apps/written_files.h"
#include "roentgen/base/output.h"
#include "support/long_checks.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using test::Arguments;
using test::MadeInputs;
using test::Outcome;
using test::Program;
using test::ReadAll;
using test::RunProgram;

class KilledOutputs : public testing::Test {
 protected:
  static void SetUpTestSuite() { made_ = new MadeInputs(); }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  void PutForeign(const fs::path& folder) {
    fs::create_directories(folder / "mine/深");
    int mode = 0600;
    for (const char* name : {"notes.md", "影像.dat", "mine/深/a.bin", ".hidden"}) {
      WriteFile(folder / name, fmt::format("mine: {}", name));
      ::chmod((folder / name).c_str(), static_cast<mode_t>(mode));
      mode += 010;
      foreign_.push_back(folder / name);
    }
  }

  std::map<std::string, std::string> Foreign() const {
    std::map<std::string, std::string> found;
    for (const fs::path& path : foreign_) {
      found[path.string()] = fmt::format("{:o} {}", test::ModeOf(path), ReadAll(path));
    }
    return found;
  }

  /// Runs it to its end once, then kills it again and again, and calls check each time.
  template <class Check>
  void Kill(const Arguments& first, const Arguments& arguments, const char* typed,
            const Check& check) {
    const Outcome whole = Program(first, typed).Wait();
    ASSERT_EQ(whole.status, 0) << whole.err;
    check();
    const auto before = Foreign();
    auto longest = Clock::duration::zero();
    const auto begin = Clock::now();
    ASSERT_EQ(Program(arguments, typed).Wait().status, 0);
    longest = Clock::now() - begin;
    const uint64_t kills = test::Trials(10, 300);
    uint64_t killed = 0;
    for (uint64_t i = 0; killed < kills && i < 20 * kills && !HasFailure(); ++i) {
      Program program(arguments, typed);
      std::this_thread::sleep_for(longest * static_cast<int>(random_() % 1000) / 1000);
      program.Kill();
      killed += program.Wait().status == 128 + SIGKILL ? 1 : 0;
      ASSERT_EQ(Foreign(), before);
      check();
    }
    EXPECT_EQ(killed, kills);
    const Outcome last = Program(arguments, typed).Wait();
    EXPECT_EQ(last.status, 0) << last.err;
    EXPECT_EQ(Foreign(), before);
    check();
  }

  static const MadeInputs* made_;
  test::TemporaryFolder folder_;
  std::vector<fs::path> foreign_;
  std::minstd_rand random_{7};
};

const MadeInputs* KilledOutputs::made_ = nullptr;

/// Whether a file's last bytes are there.
bool IsWhole(const fs::path& file) {
  const std::string content = ReadAll(file);
  const std::string end = file.extension().string();
  if (end == ".json") return nlohmann::json::accept(content);
  if (end == ".html") return content.ends_with("</html>\n");
  if (end == ".svg") return content.ends_with("</svg>\n");
  if (end == ".pdf") return content.ends_with("%%EOF\n");
  if (end == ".png") return content.find("IEND") != std::string::npos;
  return !content.empty() && content.ends_with('\n');
}

TEST_F(KilledOutputs, AFileIsWholeOrNotThere) {
  int cases = 0;
  for (const test::FileWriter& writer : test::FileWriters()) {
    SCOPED_TRACE(fmt::format("{} {}", writer.command, writer.file));
    const fs::path place = folder_.path() / std::to_string(++cases);
    foreign_.clear();
    PutForeign(place);
    const fs::path out = place / writer.file;
    const Arguments first = writer.arguments(*made_, out.string());
    Arguments again = first;
    if (!writer.replaces_own) again.emplace_back("--force");
    Kill(first, again, writer.typed, [&] { EXPECT_TRUE(IsWhole(out)); });
  }
}

TEST_F(KilledOutputs, AFolderOpensOrIsNotThere) {
  int cases = 0;
  for (const test::FolderWriter& writer : test::FolderWriters()) {
    SCOPED_TRACE(writer.name);
    const fs::path place = folder_.path() / std::to_string(++cases);
    foreign_.clear();
    PutForeign(place);
    const fs::path out = place / "out";
    const Arguments first = writer.arguments(*made_, out.string());
    Arguments again = first;
    again.insert(again.end(), writer.force.begin(), writer.force.end());
    const auto opens = [&] {
      Arguments inspect = {"inspect", "model", "--model", out.string()};
      if (fs::exists(out / "adapter_config.json")) {
        inspect = {"inspect", "model", "--model", made_->Path("model"), "--adapter", out.string()};
      } else if (!fs::exists(out / "config.json")) {
        return;
      }
      const Outcome outcome = RunProgram(inspect);
      EXPECT_EQ(outcome.status, 0) << outcome.err;
    };
    // In a folder of its own into which others put files, too.
    ASSERT_EQ(RunProgram(first).status, 0);
    PutForeign(out);
    Kill(again, again, "", opens);
  }
}

}  // namespace
}  // namespace roentgen
