// `roentgen data import` killed at any moment, in a folder with another dataset: whoever reads
// dataset_info.json finds each dataset whole. 20 times, or 200 with ROENTGEN_LONG.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "apps/program.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using test::Program;
using test::ReadAll;
using test::RunProgram;

class KilledImport : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path() / name; }

  /// A source: rows about images that have the same names in every source, and other contents.
  void PutSource(const std::string& name, const std::vector<std::string>& parts,
                 const std::vector<std::string>& pictures) const {
    fs::create_directories(Path(name));
    std::string rows = "image,question,answer,split\n";
    for (size_t i = 0; i < pictures.size(); ++i) {
      fs::copy_file(test::SourceDir() / "fuzz/seeds/image_fuzz" / pictures[i],
                    Path(name) / fmt::format("scan-{}.png", i));
      for (int k = 0; k < 40; ++k) {
        rows += fmt::format("scan-{}.png,Question {} of {}?,answer {},{}\n", i, k, name, k,
                            parts[k % parts.size()]);
      }
    }
    WriteFile(Path(name) / "rows.csv", rows);
  }

  std::vector<std::string> Import(const std::string& source, const std::string& dataset) const {
    return {"data",          "import",
            "csv",           Path(source + "/rows.csv").string(),
            "--out",         Path("out").string(),
            "--name",        dataset,
            "--copy-images", "--raw"};
  }

  /// The rows of a dataset as a reader finds them: part, question and what the image holds.
  std::multiset<std::string> Seen(const std::string& dataset) const {
    std::multiset<std::string> seen;
    const auto info = nlohmann::json::parse(ReadAll(Path("out/dataset_info.json")));
    for (const auto& [name, entry] : info.items()) {
      if (name.substr(0, name.find('_')) != dataset) continue;
      const fs::path file = Path("out") / entry.at("file_name").get<std::string>();
      for (const auto& row : nlohmann::json::parse(ReadAll(file))) {
        const fs::path image = Path("out") / row.at("images").at(0).get<std::string>();
        seen.insert(fmt::format("{} {} {}", name, row.at("messages").at(0).at("content").dump(),
                                std::hash<std::string>()(ReadAll(image))));
      }
    }
    return seen;
  }

  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& each : fs::recursive_directory_iterator(Path("out"))) {
      names.insert(each.path().lexically_relative(Path("out")).string());
    }
    return names;
  }

  test::TemporaryFolder folder_;
};

TEST_F(KilledImport, AtAnyMomentEachDatasetIsWhole) {
  PutSource("a", {"train", "test"}, {"rgb.png", "rgba.png", "grey16.png"});
  PutSource("b", {"train", "validation"}, {"grey16.png", "rgb.png"});
  PutSource("other", {"train"}, {"rgba.png", "grey16.png", "rgb.png"});
  ASSERT_EQ(RunProgram(Import("other", "other")).status, 0);
  const auto other = Seen("other");
  std::map<std::string, std::multiset<std::string>> whole;
  Clock::duration longest{};
  for (const char* source : {"a", "b"}) {
    const auto begin = Clock::now();
    ASSERT_EQ(RunProgram(Import(source, "d")).status, 0);
    longest = std::max(longest, Clock::now() - begin);
    whole[source] = Seen("d");
  }
  ASSERT_NE(whole["a"], whole["b"]);

  const int kills = std::getenv("ROENTGEN_LONG") != nullptr ? 200 : 20;
  std::minstd_rand random(7);
  int killed = 0;
  int left_something = 0;
  std::map<std::string, int> found;
  for (int i = 0; killed < kills && i < 20 * kills; ++i) {
    Program program(Import(i % 2 == 0 ? "a" : "b", "d"));
    const auto moment = longest * (random() % 1000) / 900;
    std::this_thread::sleep_for(moment);
    program.Kill();
    const int status = program.Wait().status;
    ASSERT_TRUE(status == 0 || status == 128 + SIGKILL);
    killed += status == 0 ? 0 : 1;
    left_something += Names().contains(".roentgen-staging-d") ? 1 : 0;
    ASSERT_EQ(Seen("other"), other) << i;
    const auto seen = Seen("d");
    ASSERT_TRUE(seen == whole["a"] || seen == whole["b"]) << i;
    ++found[seen == whole["a"] ? "a" : "b"];
  }
  EXPECT_EQ(killed, kills);
  EXPECT_GT(left_something, 0);
  RecordProperty("killed", killed);
  RecordProperty("left_staged_files", left_something);
  RecordProperty("found_a", found["a"]);
  RecordProperty("found_b", found["b"]);

  ASSERT_EQ(RunProgram(Import("b", "d")).status, 0);
  EXPECT_EQ(Seen("d"), whole["b"]);
  for (const std::string& name : Names()) EXPECT_FALSE(name.starts_with(".roentgen-staging-"));
  size_t images = 0;
  for (const std::string& name : Names()) images += name.starts_with("images/") ? 1 : 0;
  EXPECT_LE(images, 5u);
}

}  // namespace
}  // namespace roentgen
