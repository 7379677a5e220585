// Whole pulls: one folder for each model, all of it or nothing, whatever the hub does.

#include "roentgen/hub/pull.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "hub/fake_hub.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/placement.h"
#include "support/long_checks.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::FakeHub;
using test::ModelFiles;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const RetryOptions kQuick{.tries = 3, .pause_seconds = 0.001, .seconds = 5};
const HttpLimits kShort{.connect_seconds = 5, .slow_seconds = 1, .text_seconds = 3};

ModelFiles Version(const std::string& word, size_t shards = 1) {
  ModelFiles files{{"config.json", "{\"version\": \"" + word + "\"}"}, {"README.md", word}};
  for (size_t i = 0; i < shards; ++i) {
    std::string& shard = files[shards == 1 ? "model.safetensors"
                                           : fmt::format("model-{}-of-{}.safetensors", i, shards)];
    for (int k = 0; k < 3000; ++k) shard += fmt::format("{} {:06}\n", word, k);
  }
  return files;
}

class PullTest : public testing::Test {
 protected:
  PullTest() { ::setenv("XDG_DATA_HOME", folder_.path().c_str(), 1); }
  ~PullTest() override { ::unsetenv("XDG_DATA_HOME"); }

  fs::path Pull(FakeHub& hub, const std::string& name, const fs::path& out = {},
                const PullWatch& watch = {}) const {
    const ModelHub model_hub(hub.url());
    HttpClient client(model_hub.Access(name), kShort);
    return PullModel(client, model_hub, {*ModelName::Parse(name), out, "test"}, kQuick, watch);
  }

  /// What lies in a folder, without the manifest.
  static ModelFiles In(const fs::path& folder) {
    ModelFiles files;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
      const std::string name = entry.path().filename().string();
      if (name != PullManifest::kName) files[name] = ReadFile(entry.path(), 1 << 24);
    }
    return files;
  }

  /// Files that no pull has ended with.
  static std::set<std::string> LeftIn(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.') || name.ends_with(".part")) names.insert(name);
    }
    return names;
  }

  fs::path Models() const { return folder_.path() / "roentgen/models"; }

  test::TemporaryFolder folder_;
};

TEST_F(PullTest, OwnersAndRevisionsShareNothing) {
  FakeHub hub;
  hub.Put("good/Model", Version("good"));
  hub.Put("other/Model", Version("other", 3));
  const fs::path good = Pull(hub, "good/Model");
  const fs::path other = Pull(hub, "other/Model");
  const fs::path commit = Pull(hub, "good/Model@" + FakeHub::CommitOf(Version("good")));
  EXPECT_EQ(In(good), Version("good"));
  EXPECT_EQ(In(other), Version("other", 3));
  EXPECT_EQ(In(commit), Version("good"));
  EXPECT_THAT(std::set({good, other, commit}), SizeIs(3));
  EXPECT_THAT(LeftIn(Models()), IsEmpty());

  const std::vector<PulledModel> models = PulledModels();
  ASSERT_THAT(models, SizeIs(3));
  EXPECT_EQ(models[0].hub, hub.url());
  EXPECT_EQ(models[2].name.owner, "other");
  EXPECT_EQ(models[2].name.revision, "main");
  EXPECT_EQ(models[2].folder, other);
}

TEST_F(PullTest, TheManifestSaysWhatItIs) {
  FakeHub hub;
  const ModelFiles files = Version("one");
  hub.Put("A/b", files);
  for (const bool told : {true, false}) {
    hub.tells_commits = hub.tells_hashes = told;
    const fs::path place = Pull(hub, "A/b", folder_.path() / (told ? "told" : "not-told"));
    const PullManifest manifest = PullManifest::Read(place).value();
    EXPECT_EQ(manifest.model, (ModelOnHub{hub.url(), "A", "b", "main"}));
    EXPECT_EQ(manifest.commit, told ? FakeHub::CommitOf(files) : "");
    EXPECT_EQ(manifest.program, "test");
    EXPECT_THAT(manifest.date, testing::MatchesRegex("20..-..-..T..:..:..Z"));
    ASSERT_THAT(manifest.files, SizeIs(3));
    for (const auto& file : manifest.files) {
      EXPECT_EQ(file.size, files.at(file.name).size());
      EXPECT_EQ(file.sha256, Sha256Hex(files.at(file.name)));
    }
    CheckPulledHashes(place);
  }
}

TEST_F(PullTest, AnUpdateReplacesTheWholeFolder) {
  FakeHub hub;
  hub.Put("A/b", Version("one"));
  const fs::path place = Pull(hub, "A/b");
  const size_t before = hub.requests();
  EXPECT_EQ(Pull(hub, "A/b"), place);
  EXPECT_EQ(hub.requests(), before + 2) << "nothing is fetched again";

  ModelFiles two = Version("two", 3);
  two["README.md"] = "one";  // stays the same
  hub.Put("A/b", two);
  EXPECT_EQ(Pull(hub, "A/b"), place);
  EXPECT_EQ(In(place), two) << "nothing of the first is left";
  EXPECT_EQ(hub.requests(), before + 2 + 2 + 4) << "what stayed the same is not fetched";
  EXPECT_EQ(PullManifest::Read(place)->commit, FakeHub::CommitOf(two));
  EXPECT_THAT(LeftIn(Models()), IsEmpty());
}

TEST_F(PullTest, WhatWasChangedSinceIsNotReplaced) {
  FakeHub hub;
  const ModelFiles one = Version("one");
  hub.Put("A/b", one);
  const fs::path place = Pull(hub, "A/b", folder_.path() / "out");
  for (const bool newer : {false, true}) {
    if (newer) hub.Put("A/b", Version("two"));
    for (const char* name : {"config.json", "model.safetensors"}) {
      for (const size_t size : {one.at(name).size(), size_t{3}}) {
        const ModelFiles before = In(place);
        WriteFile(place / name, std::string(size, '1'));
        const ModelFiles changed = In(place);
        ROENTGEN_EXPECT_ERROR(Pull(hub, "A/b", place),
                              std::string(name) + ": it was changed since it was pulled");
        EXPECT_EQ(In(place), changed);
        WriteFile(place / name, before.at(name));
      }
    }
  }
  // What is gone is nobody's change.
  fs::remove(place / "config.json");
  Pull(hub, "A/b", place);
  EXPECT_EQ(In(place), Version("two"));
}

TEST_F(PullTest, AFailedUpdateLeavesTheOldModel) {
  FakeHub hub;
  hub.Put("A/b", Version("one"));
  const fs::path place = Pull(hub, "A/b");
  hub.Put("A/b", Version("two", 3));
  hub.intercept = [](const std::string& request) {
    return request.find("model-2") == std::string::npos ? "" : test::Respond(404, "no");
  };
  ROENTGEN_EXPECT_ERROR(Pull(hub, "A/b"), "status 404");
  EXPECT_EQ(In(place), Version("one"));
  CheckPulledHashes(place);
  // What is beside it opens as nothing.
  const fs::path beside = place.parent_path() / ".main.pulling";
  ROENTGEN_EXPECT_ERROR(CheckPulledFolder(beside), "the pull of this model has not ended");
  EXPECT_THAT(PulledModels(), SizeIs(1));
  hub.intercept = {};
  Pull(hub, "A/b");
  EXPECT_EQ(In(place), Version("two", 3));
}

TEST_F(PullTest, ANameThatIsNotThereLeavesNothing) {
  FakeHub hub;
  ROENTGEN_EXPECT_ERROR(Pull(hub, "A/none"), "status 404");
  EXPECT_FALSE(fs::exists(Models()));
}

TEST_F(PullTest, FilesThatChangeMeanwhileAreNeverMixed) {
  for (const bool hashes : {true, false}) {
    FakeHub hub;
    hub.tells_commits = false;
    hub.tells_hashes = hashes;
    hub.Put("A/b", Version("one", 3));
    const fs::path place = folder_.path() / (hashes ? "with" : "without");
    PullWatch watch;
    watch.on_file = [&](const HubFile& file) {
      if (file.path == "config.json") hub.Put("A/b", Version("second", 3));
    };
    EXPECT_THROW(Pull(hub, "A/b", place, watch), Error);
    EXPECT_FALSE(fs::exists(place));
    Pull(hub, "A/b", place);
    EXPECT_EQ(In(place), Version("second", 3));
  }
}

TEST_F(PullTest, OfTheSameSizesTooWhereCommitsAreTold) {
  FakeHub hub;
  hub.tells_hashes = false;
  hub.Put("A/b", Version("one", 3));
  PullWatch watch;
  watch.on_file = [&](const HubFile&) { hub.Put("A/b", Version("two", 3)); };
  EXPECT_THROW(Pull(hub, "A/b", {}, watch), Error);  // this hub forgets commits at once
  EXPECT_THAT(PulledModels(), IsEmpty());
}

TEST_F(PullTest, WhatOthersPutThereStays) {
  FakeHub hub;
  hub.Put("A/b", Version("one"));
  hub.Put("B/b", Version("other"));
  const fs::path out = folder_.path() / "out";
  fs::create_directories(out);
  WriteFile(out / "letter.txt", "mine");
  ROENTGEN_EXPECT_ERROR(Pull(hub, "A/b", out), "letter.txt: no pull of A/b has put it there");
  EXPECT_EQ(In(out), (ModelFiles{{"letter.txt", "mine"}}));
  fs::remove(out / "letter.txt");
  Pull(hub, "A/b", out);  // an empty folder
  ROENTGEN_EXPECT_ERROR(Pull(hub, "B/b", out), "another model is there, A/b of http://127.0.0.1");
  for (const char* name : {"notes.txt", ".hidden"}) {
    WriteFile(out / name, "mine");
    hub.Put("A/b", Version(std::string("after ") + name));
    ROENTGEN_EXPECT_ERROR(Pull(hub, "A/b", out), "no pull of A/b has put it there");
    EXPECT_EQ(ReadFile(out / name, 100), "mine");
    fs::remove(out / name);
  }
  ROENTGEN_EXPECT_ERROR(Pull(hub, "A/b", out / "config.json"), "is no folder");
}

TEST_F(PullTest, AFolderOfAnEarlierVersionIsTakenOver) {
  FakeHub hub;
  hub.Put("A/b", Version("one"));
  const fs::path out = folder_.path() / "out";
  fs::create_directories(out);
  for (const auto& [name, content] : Version("one")) WriteFile(out / name, content);
  const size_t before = hub.requests();
  Pull(hub, "A/b", out);
  EXPECT_EQ(hub.requests(), before + 2);
  CheckPulledHashes(out);
}

TEST_F(PullTest, ALinkToAFolderStays) {
  FakeHub hub;
  hub.Put("A/b", Version("one"));
  const fs::path link = folder_.path() / "link";
  fs::create_directory_symlink(folder_.path() / "real", link);
  fs::create_directories(folder_.path() / "real");
  Pull(hub, "A/b", link);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(In(folder_.path() / "real"), Version("one"));
}

TEST_F(PullTest, OfTwoAtOnceTheSecondWaits) {
  FakeHub hub({2000, 2});
  hub.Put("A/b", Version("one", 3));
  std::atomic<int> waited = 0;
  std::vector<fs::path> places(3);
  std::vector<std::thread> pulls;
  for (fs::path& place : places) {
    pulls.emplace_back([&] {
      PullWatch watch;
      watch.on_wait = [&] { ++waited; };
      const ModelHub model_hub(hub.url());
      HttpClient client;
      place = PullModel(client, model_hub, {*ModelName::Parse("A/b"), "", "test"}, {}, watch);
    });
  }
  for (std::thread& pull : pulls) pull.join();
  EXPECT_GE(waited, 1);
  for (const fs::path& place : places) EXPECT_EQ(In(place), Version("one", 3));
  EXPECT_LE(hub.requests(), 2 * 5 + 5u) << "the files are fetched once";
  EXPECT_THAT(LeftIn(Models()), IsEmpty());
}

/// A hub that does something wrong at some requests, as a seed has it.
class Hostile {
 public:
  Hostile(FakeHub& hub, uint64_t seed) : hub_(hub), random_(seed) {
    hub.tells_commits = Draw(2) == 0;
    hub.tells_hashes = Draw(3) > 0;
    hub.tells_etags = Draw(2) == 0;
    rate_ = 1 + Draw(6);
    hub.intercept = [this](const std::string& request) { return Answer(request); };
  }

 private:
  uint64_t Draw(uint64_t below) { return random_() % below; }

  std::string Answer(const std::string& request) {
    using test::Respond;
    if (Draw(rate_) > 0) return "";
    const std::string junk(Draw(3000), 'j');
    switch (Draw(16)) {
      case 0:
        return Respond(500 + static_cast<int>(Draw(5)), junk);
      case 1:
        return Respond(200, junk);
      case 2:
        return Respond(200, junk, "", junk.size() + Draw(1 << 20));
      case 3:
        return Respond(200, junk, "", Draw(100));
      case 4:
        return "HTTP/1.1 200 X\r\n\r\n" + junk;
      case 5:
        return Respond(
            206, junk,
            fmt::format("Content-Range: bytes {}-{}/{}\r\n", Draw(9000), Draw(90000), Draw(90000)));
      case 6:
        return Respond(416, "", fmt::format("Content-Range: bytes */{}\r\n", Draw(90000)));
      case 7:
        return Respond(302, "", "Location: " + test::PathOf(request) + "\r\n");
      case 8:
        return Respond(200, "<html>" + junk, "Content-Type: text/html\r\n");
      case 9:
        return "garbage" + junk;
      case 10:
        return Respond(429, "", "Retry-After: 0\r\n");
      case 11:
        return Respond(401 + static_cast<int>(Draw(4)), junk);
      case 12:
        hub_.Put("A/b", Draw(2) == 0 ? Version("one") : Version("two", 1 + Draw(3)));
        return "";
      case 13:
        return Respond(200, std::string(Draw(100'000), '['));
      case 14:
        return Respond(200, "[]", "Link: <" + test::PathOf(request) + ">; rel=\"next\"\r\n");
      default:
        return std::string("HTTP/1.1 200 X\r\n");
    }
  }

  FakeHub& hub_;
  std::mt19937_64 random_;
  uint64_t rate_ = 1;
};

TEST_F(PullTest, OfAHostileHubEveryPullEndsWholeOrNotAtAll) {
  const uint64_t trials = test::Trials(150, 5000);
  size_t whole = 0;
  for (uint64_t seed = 0; seed < trials; ++seed) {
    FakeHub hub;
    hub.Put("A/b", Version("one"));
    const fs::path place = folder_.path() / fmt::format("place-{}", seed);
    ModelFiles before;
    const Hostile hostile(hub, seed);
    for (int round = 0; round < 3; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      try {
        Pull(hub, "A/b", place);
        ++whole;
      } catch (const Error&) {
        ASSERT_EQ(In(place), before) << seed;
      }
      ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60)) << seed;
      before = In(place);
      if (before.empty()) continue;
      // With sizes alone a hub can give any bytes; they are whole by its own word.
      ASSERT_NO_THROW(CheckPulledHashes(place)) << seed;
      if (!hub.tells_hashes) continue;
      ASSERT_THAT(before, testing::AnyOf(Version("one"), Version("two"), Version("two", 2),
                                         Version("two", 3)))
          << seed;
    }
    hub.intercept = {};
    fs::remove_all(place);
    fs::remove_all(place.parent_path() / ("." + place.filename().string() + ".pulling"));
  }
  EXPECT_GT(whole, trials / 10) << "some are meant to be good";
}

}  // namespace
}  // namespace roentgen
