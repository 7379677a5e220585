// `roentgen eval` over a model and `roentgen compare`, as a user meets them.

#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "apps/small_model.h"
#include "roentgen/base/made_by.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Program;
using test::ReadAll;
using test::RunProgram;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kFiles[] = {"generated_predictions.jsonl",
                                  "generated_predictions_swapped.jsonl",
                                  "generated_predictions_blank.jsonl"};

class EvalProgram : public testing::Test {
 protected:
  void SetUp() override { test::MakePhantomsAndModel(folder_.path(), "10"); }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::vector<std::string> Eval(const std::string& out, const std::string& tokens = "8") const {
    return {"eval", "--model", Path("model"), "--data",           Path("data"), "--split",
            "test", "--out",   Path(out),     "--max-new-tokens", tokens};
  }
  nlohmann::json Description(const std::string& run) const {
    return nlohmann::json::parse(ReadAll(folder_.path() / run / "run.json"));
  }
  /// Lines of the predictions as JSON.
  std::vector<nlohmann::json> Lines(const std::string& run, const char* file = kFiles[0]) const {
    std::vector<nlohmann::json> lines;
    std::istringstream text(ReadAll(folder_.path() / run / file));
    for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

  test::TemporaryFolder folder_;
};

TEST_F(EvalProgram, EncodesEachPictureOnceAndKeepsWhatItWasMadeWith) {
  const Outcome outcome = RunProgram(Eval("run"));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("strict exact_match"));
  EXPECT_THAT(outcome.out, HasSubstr("the answers depend on the image:"));
  std::set<std::string> images;
  for (const nlohmann::json& line : Lines("run")) {
    images.insert(line["images"][0].get<std::string>());
    EXPECT_TRUE(line.contains("label"));
    EXPECT_LT(line["log_probability_yes"], 0);
    EXPECT_THAT(line["prompt"].get<std::string>(), HasSubstr("<|vision_start|><|image_pad|>"));
  }
  // The blank one is one picture for all, as all have one size; swapped ones are known already.
  const nlohmann::json description = Description("run");
  EXPECT_EQ(description["work"]["vision_encodings"], images.size() + 1);
  EXPECT_EQ(description["settings"]["max_new_tokens"], 8);
  EXPECT_EQ(description["model"]["sha256"].get<std::string>().size(), 64u);
  EXPECT_TRUE(fs::exists(Path("run/evaluation.json")));
  for (const nlohmann::json& line : Lines("run", kFiles[1])) {
    EXPECT_THAT(images, testing::Contains(line["images"][0].get<std::string>()));
  }
}

TEST_F(EvalProgram, KilledItGoesOnAndEndsTheSame) {
  ASSERT_EQ(RunProgram(Eval("whole", "120")).status, 0);
  size_t killed = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    Program run(Eval("killed", "120"));
    // A few answers further than the last time.
    const fs::path partial = Path("killed/generated_predictions.jsonl.partial");
    const size_t before = ReadAll(partial).size();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (ReadAll(partial).size() <= before && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    run.Kill();
    killed += run.Wait().status == 128 + SIGKILL ? 1 : 0;
  }
  EXPECT_GT(killed, 0u);
  const Outcome rest = RunProgram(Eval("killed", "120"));
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_THAT(rest.err, HasSubstr("were there already"));
  for (const char* file : kFiles) {
    EXPECT_EQ(ReadAll(Path("killed/") + file), ReadAll(Path("whole/") + file)) << file;
  }
}

TEST_F(EvalProgram, ATornLineIsAskedAgain) {
  ASSERT_EQ(RunProgram(Eval("run")).status, 0);
  const std::string whole = ReadAll(Path("run/generated_predictions.jsonl"));
  nlohmann::json description = Description("run");
  description.erase("work");
  fs::create_directories(Path("torn"));
  WriteFile(Path("torn/run.json"), description.dump());
  WriteFile(Path("torn/generated_predictions.jsonl.partial"),
            whole.substr(0, whole.find('\n') + 30));
  const Outcome outcome = RunProgram(Eval("torn"));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(ReadAll(Path("torn/generated_predictions.jsonl")), whole);
}

TEST_F(EvalProgram, KilledBehindItsLastAnswerItIsFinished) {
  ASSERT_EQ(RunProgram(Eval("run")).status, 0);
  const std::string whole = ReadAll(Path("run/generated_predictions.jsonl"));
  nlohmann::json description = Description("run");
  description.erase("work");
  WriteFile(Path("run/run.json"), description.dump());
  fs::rename(Path("run/generated_predictions.jsonl"),
             Path("run/generated_predictions.jsonl.partial"));
  const std::vector<std::string> claimed = {"run.json", "generated_predictions.jsonl.partial"};
  FolderMark(Path("run")).Add(claimed, "eval");
  const Outcome outcome = RunProgram(Eval("run"));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(ReadAll(Path("run/generated_predictions.jsonl")), whole);
  EXPECT_TRUE(Description("run").contains("work"));
}

TEST_F(EvalProgram, AnotherRunInTheFolderIsRefusedByName) {
  ASSERT_EQ(RunProgram(Eval("run")).status, 0);
  const Outcome outcome = RunProgram(Eval("run", "9"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("settings.max_new_tokens is 8 there, 9 here"));
}

TEST_F(EvalProgram, AMissingImageIsNamedBeforeTheFirstQuestion) {
  fs::remove_all(Path("data/images"));
  const Outcome outcome = RunProgram(Eval("run"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("phantom-0000"));
  EXPECT_FALSE(fs::exists(Path("run")));
}

TEST_F(EvalProgram, WithoutPredictionsOrDataItSaysWhatIsMissing) {
  EXPECT_EQ(RunProgram({"eval"}).status, 2);
  EXPECT_EQ(RunProgram({"eval", "--model", Path("model"), "--data", Path("data")}).status, 2);
}

TEST_F(EvalProgram, ComparesRunsAndRefusesOnesOverOtherQuestions) {
  ASSERT_EQ(RunProgram(Eval("run")).status, 0);
  std::vector<std::string> other = Eval("other");
  other.insert(other.end(), {"--max-samples", "5", "--images", "true"});
  ASSERT_EQ(RunProgram(other).status, 0);
  const Outcome same =
      RunProgram({"compare", Path("run"), Path("run"), "--out", Path("page"), "--gallery", "6"});
  ASSERT_EQ(same.status, 0) << same.err;
  EXPECT_THAT(same.out, HasSubstr("Visual recognition"));
  EXPECT_THAT(same.out, Not(HasSubstr("| better")));
  EXPECT_THAT(ReadAll(Path("page/comparison.html")), HasSubstr("data:image/png;base64,"));
  const auto comparison = nlohmann::json::parse(ReadAll(Path("page/comparison.json")));
  EXPECT_EQ(comparison["measures"][0]["difference"], 0);
  EXPECT_FALSE(comparison["measures"][0].contains("p"));  // too few patients
  const Outcome refused = RunProgram({"compare", Path("run"), Path("other")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("not over the same questions"));
}

}  // namespace
}  // namespace roentgen
