// `roentgen pull` and the models that it leaves, as users name them: killed at any moment, two at
// once, two owners of one name. 20 kills, or 200 with ROENTGEN_LONG.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "apps/program.h"
#include "apps/small_model.h"
#include "hub/fake_hub.h"
#include "support/long_checks.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using test::FakeHub;
using test::ModelFiles;
using test::Outcome;
using test::Program;
using test::ReadAll;
using test::RunProgram;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kManifest = "roentgen-pull.json";

class PullProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new test::TemporaryFolder;
    test::MakePhantomsAndModel(made_->path(), "2");
  }
  static void TearDownTestSuite() { delete made_; }

  void SetUp() override {
    for (const char* name : {"ROENTGEN_MODEL", "HF_TOKEN", "HF_ENDPOINT"}) ::unsetenv(name);
    ::setenv("XDG_DATA_HOME", folder_.path().c_str(), 1);
    ::setenv("HF_HUB_CACHE", (folder_.path() / "cache").c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"XDG_DATA_HOME", "HF_HUB_CACHE", "HF_TOKEN", "HF_ENDPOINT"}) {
      ::unsetenv(name);
    }
  }

  fs::path Models() const { return folder_.path() / "roentgen/models"; }

  static ModelFiles In(const fs::path& folder) {
    ModelFiles files;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.') || name == kManifest || !entry.is_regular_file()) continue;
      files[name] = ReadAll(entry.path());
    }
    return files;
  }

  /// The small model, and one that answers otherwise: its weights are others, and in another file.
  static ModelFiles Good() { return In(made_->path() / "model"); }
  static ModelFiles Other() {
    ModelFiles files = Good();
    std::string weights = files.at("model.safetensors");
    files.erase("model.safetensors");
    uint64_t header = 0;  // its length stands before it
    std::memcpy(&header, weights.data(), sizeof header);
    for (size_t i = sizeof header + header; i < weights.size(); ++i) {
      weights[i] = static_cast<char>(weights[i] ^ 0x80);
    }
    files["weights.safetensors"] = weights;
    return files;
  }

  /// The tokens of an answer drawn from what the model thinks likely; no model: that which is
  /// found.
  static std::string Ask(const std::string& model, std::string* told = nullptr) {
    std::vector<std::string> words = {
        "ask",    "--max-new-tokens", "12", "--temperature", "2", "--seed", "1",
        "--json", "What do you see?"};
    if (!model.empty()) words.insert(words.begin() + 1, {"--model", model});
    const Outcome asked = RunProgram(words);
    EXPECT_EQ(asked.status, 0) << asked.err;
    if (told != nullptr) *told = asked.err;
    return ParseJson(asked.out, "answer")["tokens"].dump();
  }

  static std::vector<std::string> Pull(const FakeHub& hub, const std::string& name) {
    return {"pull", name, "--from", hub.url()};
  }

  static test::TemporaryFolder* made_;
  test::TemporaryFolder folder_;
};

test::TemporaryFolder* PullProgram::made_ = nullptr;

TEST_F(PullProgram, TwoOwnersOfOneName) {
  FakeHub hub;
  hub.Put("good/Model", Good());
  hub.Put("other/Model", Other());
  std::map<std::string, std::string> places;
  for (const char* name : {"good/Model", "other/Model"}) {
    const Outcome pulled = RunProgram(Pull(hub, name));
    ASSERT_EQ(pulled.status, 0) << pulled.err;
    places[name] = pulled.out.substr(0, pulled.out.size() - 1);
  }
  EXPECT_EQ(In(places["good/Model"]), Good());
  EXPECT_EQ(In(places["other/Model"]), Other());
  const std::string answer = Ask((made_->path() / "model").string());
  EXPECT_EQ(Ask("good/Model"), answer);
  EXPECT_EQ(Ask(places["good/Model"]), answer);
  EXPECT_EQ(Ask("good/Model@main"), answer);
  EXPECT_EQ(Ask("good/Model@" + FakeHub::CommitOf(Good())), answer);
  EXPECT_NE(Ask("other/Model"), answer);
  EXPECT_EQ(RunProgram({"inspect", "model", "--model", "other/Model"}).status, 0);

  EXPECT_THAT(RunProgram({"ask", "--model", "Model", "?"}).err,
              HasSubstr("several models of that name were pulled"));
  EXPECT_THAT(RunProgram({"ask", "?"}).err,
              HasSubstr("holds several models: good/Model, other/Model"));
  EXPECT_THAT(RunProgram({"ask", "--model", "third/Model", "?"}).err, HasSubstr("no such folder"));
  EXPECT_THAT(RunProgram({"ask", "--model", "good/Model@v2", "?"}).err,
              HasSubstr("revision v2 of it was not pulled; there are: good/Model@main"));
}

TEST_F(PullProgram, TheOnlyOneIsFoundByItself) {
  FakeHub hub;
  hub.Put("good/Model", Good());
  ASSERT_EQ(RunProgram(Pull(hub, "good/Model@main")).status, 0);
  const std::string answer = Ask((made_->path() / "model").string());
  EXPECT_EQ(Ask(""), answer);
  EXPECT_EQ(Ask("Model"), answer);
}

TEST_F(PullProgram, AModelOfAnEarlierVersionIsFoundAndSaysSo) {
  fs::create_directories(Models());
  fs::copy(made_->path() / "model", Models() / "Model");
  const std::string answer = Ask((made_->path() / "model").string());
  EXPECT_EQ(Ask("Model"), answer);
  std::string told;
  EXPECT_EQ(Ask("good/Model", &told), answer);
  EXPECT_THAT(told, HasSubstr("pulled by an earlier version, which did not keep whose it is"));
  FakeHub hub;
  hub.Put("good/Model", Other());
  ASSERT_EQ(RunProgram(Pull(hub, "good/Model")).status, 0);
  EXPECT_NE(Ask("good/Model"), answer) << "the one that is known to be of this owner";
}

TEST_F(PullProgram, OpeningAndDoctorLookAtWhatWasPulled) {
  FakeHub hub;
  hub.Put("good/Model", Good());
  const std::string place = [&] {
    const std::string out = RunProgram(Pull(hub, "good/Model")).out;
    return out.substr(0, out.size() - 1);
  }();
  const Outcome right = RunProgram({"doctor"});
  EXPECT_EQ(right.status, 0) << right.out;
  EXPECT_THAT(right.out, HasSubstr(fmt::format("{} files with the SHA-256", Good().size())));

  const auto expect = [&](const std::string& problem, const std::string& changed = "") {
    for (const std::string& model : {place, std::string("good/Model")}) {
      const Outcome asked = RunProgram({"ask", "--model", model, "?"});
      EXPECT_EQ(asked.status, 1) << problem;
      EXPECT_THAT(asked.err, AllOf(HasSubstr(problem), HasSubstr("roentgen pull good/Model@main")));
      EXPECT_EQ(RunProgram({"inspect", "model", "--model", model}).status, 1);
    }
    const Outcome doctor = RunProgram({"doctor", "--model", "good/Model"});
    EXPECT_EQ(doctor.status, 1);
    EXPECT_THAT(doctor.out, AllOf(HasSubstr(problem), Not(HasSubstr("Nothing is wrong"))));
    if (!changed.empty()) {
      EXPECT_THAT(RunProgram(Pull(hub, "good/Model")).err,
                  HasSubstr(changed + ": it was changed since it was pulled"));
      fs::remove(changed);
    }
    ASSERT_EQ(RunProgram(Pull(hub, "good/Model")).status, 0);
    EXPECT_EQ(In(place), Good());
  };
  fs::remove(place + "/model.safetensors");
  expect("model.safetensors: missing; it was pulled");
  fs::remove(place + "/config.json");
  expect("config.json: missing; it was pulled");
  fs::resize_file(place + "/model.safetensors", 100);
  expect("model.safetensors: 100 bytes; ", place + "/model.safetensors");

  WriteFile(place + "/model-00001-of-00002.safetensors", "x");
  EXPECT_THAT(RunProgram({"ask", "--model", "good/Model", "?"}).err,
              HasSubstr("not one of the files that were pulled into this folder"));
  EXPECT_THAT(RunProgram(Pull(hub, "good/Model")).err, HasSubstr("no pull of good/Model"));
  fs::remove(place + "/model-00001-of-00002.safetensors");

  // The same size, other bytes: only the hash tells.
  std::string weights = ReadAll(place + "/model.safetensors");
  weights.back() = static_cast<char>(weights.back() ^ 1);
  WriteFile(place + "/model.safetensors", weights);
  const Outcome doctor = RunProgram({"doctor"});
  EXPECT_EQ(doctor.status, 1);
  EXPECT_THAT(doctor.out, HasSubstr("model.safetensors: its SHA-256 is"));
  EXPECT_THAT(RunProgram(Pull(hub, "good/Model")).err, HasSubstr("it was changed since"));
  EXPECT_EQ(ReadAll(place + "/model.safetensors"), weights);
  fs::remove(place + "/model.safetensors");

  // A model that was made from one does not pass for what was pulled.
  ASSERT_EQ(RunProgram(Pull(hub, "good/Model")).status, 0);
  const std::string made = (folder_.path() / "q8").string();
  ASSERT_EQ(
      RunProgram({"quantize", "--model", "good/Model", "--quant", "q8", "--out", made}).status, 0);
  EXPECT_FALSE(fs::exists(made + "/" + kManifest));
}

TEST_F(PullProgram, KilledAtAnyMomentItIsWholeOrNotThere) {
  FakeHub hub({20'000, 10});
  const fs::path place = folder_.path() / "out";
  const std::vector<std::string> command{"pull",    "A/b",   "--from",
                                         hub.url(), "--out", place.string()};
  const std::vector<ModelFiles> versions{Good(), Other()};
  Clock::duration longest{};
  for (const ModelFiles& files : versions) {
    hub.Put("A/b", files);
    const auto begin = Clock::now();
    ASSERT_EQ(RunProgram(command).status, 0);
    longest = std::max(longest, Clock::now() - begin);
    ASSERT_EQ(In(place), files);
  }
  fs::remove_all(place);

  const int kills = static_cast<int>(test::Trials(20, 200));
  std::minstd_rand random(7);
  int killed = 0;
  int left_beside = 0;
  for (int i = 0; killed < kills && i < 20 * kills; ++i) {
    hub.Put("A/b", versions[(i / 2) % 2]);
    const ModelFiles before = In(place);
    Program program(command);
    std::this_thread::sleep_for(longest * (random() % 1000) / 900);
    program.Kill();
    const int status = program.Wait().status;
    ASSERT_TRUE(status == 0 || status == 128 + SIGKILL) << status;
    killed += status == 0 ? 0 : 1;
    const ModelFiles now = In(place);
    ASSERT_TRUE(now == before || now == versions[(i / 2) % 2]) << i;
    ASSERT_EQ(fs::exists(place / kManifest), !now.empty()) << i;
    // What a kill left beside opens only if it is whole.
    const fs::path beside = folder_.path() / ".out.pulling";
    left_beside += fs::exists(beside) ? 1 : 0;
    const Outcome opened = RunProgram({"inspect", "model", "--model", beside.string()});
    ASSERT_TRUE(opened.status == 1 || In(beside) == versions[0] || In(beside) == versions[1]) << i;
  }
  EXPECT_EQ(killed, kills);
  EXPECT_GT(left_beside, 0);
  RecordProperty("killed", killed);
  RecordProperty("left_beside", left_beside);

  hub.Put("A/b", versions[1]);
  ASSERT_EQ(RunProgram(command).status, 0) << "the lock of a killed program is free";
  EXPECT_EQ(In(place), versions[1]);
  EXPECT_FALSE(fs::exists(folder_.path() / ".out.pulling"));
}

TEST_F(PullProgram, TheSecondOfTwoWaitsAndSaysSo) {
  FakeHub hub({4000, 25});
  hub.Put("good/Model", Good());
  Program first(Pull(hub, "good/Model"));
  Program second(Pull(hub, "good/Model"));
  const Outcome one = first.Wait();
  const Outcome two = second.Wait();
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(two.status, 0) << two.err;
  EXPECT_EQ(one.out, two.out);
  EXPECT_THAT(one.err + two.err, HasSubstr("another program pulls this model; waiting for it"));
  EXPECT_EQ(In(one.out.substr(0, one.out.size() - 1)), Good());
}

TEST_F(PullProgram, ASecondPullSaysThatAllWasThere) {
  FakeHub hub;
  hub.Put("A/b", Good());
  EXPECT_THAT(RunProgram(Pull(hub, "A/b")).err, Not(HasSubstr("was there")));
  const Outcome again = RunProgram(Pull(hub, "A/b"));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("was there, SHA-256 right"));
}

TEST_F(PullProgram, NamesThatAreNone) {
  for (const char* name : {"Model", "../x", "a/b/c", "a/b@../x", "a/b@"}) {
    const Outcome outcome = RunProgram({"pull", name, "--from", "http://127.0.0.1:1"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("no name of a model"));
  }
  const std::string folder = (made_->path() / "model").string();
  EXPECT_THAT(RunProgram({"pull", folder}).err,
              AllOf(HasSubstr("nothing is to be pulled"), HasSubstr("--model " + folder)));
  EXPECT_THAT(RunProgram({"pull", "a/b@v1", "--revision", "v2"}).err,
              HasSubstr("two revisions are named, v1 and v2"));
  EXPECT_THAT(RunProgram({"pull", "a/b", "--revision", "../x"}).err,
              HasSubstr("no name of a revision"));
}

TEST_F(PullProgram, WithoutAHomeNothingIsPutBelowTheRoot) {
  FakeHub hub;
  hub.Put("good/Model", Good());
  const auto homeless = [] {
    for (const char* name :
         {"HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HF_HUB_CACHE", "HF_HOME"}) {
      ::unsetenv(name);
    }
  };
  const Outcome pulled = Program(Pull(hub, "good/Model"), "", homeless).Wait();
  EXPECT_EQ(pulled.status, 1);
  EXPECT_THAT(pulled.err, HasSubstr("HOME is not set"));
  EXPECT_EQ(Program({"doctor"}, "", homeless).Wait().status, 1);
  const std::string out = (folder_.path() / "out").string();
  std::vector<std::string> named = Pull(hub, "good/Model");
  named.insert(named.end(), {"--out", out});
  EXPECT_EQ(Program(named, "", homeless).Wait().status, 0);
  EXPECT_EQ(
      Program({"ask", "--model", out, "--max-new-tokens", "2", "?"}, "", homeless).Wait().status,
      0);
}

TEST_F(PullProgram, TheTokenStaysHome) {
  FakeHub hub;
  std::string seen;
  std::mutex mutex;
  hub.intercept = [&](const std::string& request) {
    const std::lock_guard lock(mutex);
    seen += request;
    return std::string();
  };
  hub.Put("good/Model", Good());
  ::setenv("HF_TOKEN", "hf_made_up", 1);
  EXPECT_EQ(RunProgram(Pull(hub, "good/Model")).status, 0);
  ::setenv("HF_ENDPOINT", hub.url().c_str(), 1);
  EXPECT_EQ(RunProgram({"pull", "good/Model"}).status, 0);
  const Outcome absent = RunProgram({"pull", "good/None"});
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, HasSubstr("HF_TOKEN was not sent: it goes over https:// alone"));
  EXPECT_THAT(seen, Not(HasSubstr("hf_made_up")));
  EXPECT_THAT(seen, Not(HasSubstr("uthorization")));
}

}  // namespace
}  // namespace roentgen
