// `roentgen quantize`, --quant, `roentgen bench` and its kin, on the model in the repository.

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/program.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class QuantizeProgram : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  const std::string model_ = (test::SourceDir() / "models" / "phantom").string();
  const std::string adapter_ = (test::SourceDir() / "models" / "phantom-radiology").string();
  test::TemporaryFolder folder_;
};

TEST_F(QuantizeProgram, AFolderAnswersAsTheFlagDoes) {
  const Outcome made =
      RunProgram({"quantize", "--model", model_, "--quant", "q4", "--out", Path("q4")});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr(" MB instead of "));
  const std::vector<std::string> ask = {"ask", "--max-new-tokens", "20", "What is a chest X-ray?",
                                        "--model"};
  const auto answer = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = ask;
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  };
  EXPECT_EQ(answer({Path("q4")}), answer({model_, "--quant", "q4"}));
  EXPECT_EQ(answer({Path("q4"), "--adapter", adapter_}),
            answer({model_, "--adapter", adapter_, "--quant", "q4"}));
  EXPECT_THAT(RunProgram({"inspect", "model", "--model", Path("q4")}).out, HasSubstr("U8"));
  for (const std::vector<std::string>& model :
       {std::vector<std::string>{Path("q4")}, {model_, "--quant", "q4"}}) {
    std::vector<std::string> inspect = {"inspect", "model", "--model"};
    inspect.insert(inspect.end(), model.begin(), model.end());
    EXPECT_THAT(RunProgram(inspect).out, HasSubstr("decoder q4, vision q8, head q8: "));
  }
}

TEST_F(QuantizeProgram, PartsCanBeChosen) {
  const Outcome made = RunProgram({"quantize", "--model", model_, "--quant", "q8", "--decoder",
                                   "q4", "--vision", "none", "--out", Path("mixed")});
  ASSERT_EQ(made.status, 0) << made.err;
  const nlohmann::json config = nlohmann::json::parse(test::ReadAll(Path("mixed/config.json")));
  EXPECT_EQ(
      config["quantization_config"],
      nlohmann::json(
          {{"quant_method", "roentgen"}, {"decoder", "q4"}, {"vision", "none"}, {"head", "q8"}}));
}

TEST_F(QuantizeProgram, MistakesAreTold) {
  const auto expect = [&](std::vector<std::string> arguments, int status, const std::string& says) {
    arguments.insert(arguments.begin(), "quantize");
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(says));
    EXPECT_THAT(outcome.out, IsEmpty());
  };
  expect({"--model", model_, "--out", Path("a")}, 2, "--quant");
  expect({"--model", model_, "--quant", "q5", "--out", Path("a")}, 2, "q5");
  expect({"--model", model_, "--quant", "q4", "--adapter", adapter_, "--out", Path("a")}, 2,
         "add --merge");
  expect({"--model", model_, "--quant", "q4", "--out", model_}, 1, "is read from");
  ASSERT_EQ(
      RunProgram({"quantize", "--model", model_, "--quant", "q8", "--out", Path("q8")}).status, 0);
  expect({"--model", Path("q8"), "--quant", "q4", "--out", Path("b")}, 1, "is quantised already");
  EXPECT_FALSE(fs::exists(Path("a")));
  EXPECT_FALSE(fs::exists(Path("b")));
}

TEST_F(QuantizeProgram, AnAdapterCanBeMergedFirst) {
  const Outcome made = RunProgram({"quantize", "--model", model_, "--adapter", adapter_, "--merge",
                                   "--quant", "q8", "--out", Path("merged")});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(RunProgram({"ask", "--model", Path("merged"), "--max-new-tokens", "5", "Hello"}).status,
            0);
  const Outcome again =
      RunProgram({"ask", "--model", Path("merged"), "--adapter", adapter_, "--merge", "Hello"});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("no adapter can be merged"));
}

std::vector<std::string> SmallBench(const std::string& model) {
  return {"bench", "--model", model, "--prefill",    "8",    "--decode",
          "2",     "--runs",  "1",   "--image-side", "56,84"};
}

TEST_F(QuantizeProgram, BenchTellsAndComparesAndDraws) {
  std::vector<std::string> arguments = SmallBench(model_);
  arguments.push_back("--json");
  const Outcome first = RunProgram(arguments);
  ASSERT_EQ(first.status, 0) << first.err;
  const nlohmann::json figures = nlohmann::json::parse(first.out);
  for (const char* key :
       {"prefill_tokens_per_second", "decode_tokens_per_second", "image_56_seconds",
        "image_84_seconds", "first_token_new_image_seconds", "first_token_known_image_seconds",
        "peak_memory_bytes", "fma_peak_gflops", "read_bandwidth_gb_per_second"}) {
    EXPECT_GT(figures.value(key, 0.0), 0) << key;
  }
  EXPECT_EQ(figures["weights"], "as they are");
  WriteFile(Path("old.json"), first.out);

  arguments = SmallBench(model_);
  for (const char* more : {"--quant", "q8", "--svg", "", "--compare", ""}) {
    arguments.emplace_back(more);
  }
  arguments[arguments.size() - 3] = Path("chart.svg");
  arguments.back() = Path("old.json");
  const Outcome second = RunProgram(arguments);
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("decoder q8, vision q8, head q8"));
  EXPECT_THAT(second.out, HasSubstr("weights: was \"as they are\""));
  EXPECT_THAT(second.out, HasSubstr(" → "));
  const std::string chart = test::ReadAll(Path("chart.svg"));
  EXPECT_THAT(chart, testing::StartsWith("<svg"));
  EXPECT_THAT(chart, HasSubstr("decode 2"));

  arguments.back() = Path("none.json");
  EXPECT_EQ(RunProgram(arguments).status, 1);
  arguments.emplace_back("--json");
  EXPECT_EQ(RunProgram(arguments).status, 2);
}

TEST_F(QuantizeProgram, BenchQualityComparesWithTheOriginal) {
  ASSERT_EQ(RunProgram({"data", "phantom", "--out", Path("data"), "--count", "6", "--size", "64",
                        "--test-share", "0.5"})
                .status,
            0);
  const Outcome outcome = RunProgram({"bench", "quality", "--model", model_, "--data", Path("data"),
                                      "--samples", "6", "--parts", "--score", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json rows = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(rows.size(), 9u);
  EXPECT_EQ(rows[0]["weights"], "original");
  EXPECT_FALSE(rows[0].contains("mean_kl_nats"));
  for (size_t i = 1; i < rows.size(); ++i) {
    EXPECT_GE(rows[i]["mean_kl_nats"].get<double>(), 0);
    EXPECT_LT(rows[i]["bytes"], rows[0]["bytes"]);
    EXPECT_GT(rows[i]["worst_feature_cosine"].get<double>(), 0.9);
    EXPECT_TRUE(rows[i].contains("exact_answers"));
  }
}

/// What `inspect model` says before anything is asked is not exceeded.
TEST_F(QuantizeProgram, TellsTheMostMemoryThatItTakes) {
  ASSERT_EQ(RunProgram({"data", "phantom", "--out", Path("data"), "--count", "6", "--size", "512",
                        "--test-share", "0.5"})
                .status,
            0);
  const std::string picture =
      fs::recursive_directory_iterator(Path("data/images"))->path().string();
  for (const char* quant : {"q8", "q4"}) {
    const Outcome told =
        RunProgram({"inspect", "model", "--model", model_, "--quant", quant, "--json"});
    const std::string most = nlohmann::json::parse(told.out)["memory at most"];
    const Outcome asked = RunProgram({"ask", "--model", model_, "--quant", quant, "--image",
                                      picture, "--max-new-tokens", "200", "What is this?"});
    ASSERT_EQ(asked.status, 0) << asked.err;
    EXPECT_LT(static_cast<double>(asked.peak_memory), 1e9 * std::stod(most)) << most;
  }
}

TEST_F(QuantizeProgram, PicturesAreKeptOnDiskWhenAskedFor) {
  ASSERT_EQ(RunProgram({"data", "phantom", "--out", Path("data"), "--count", "6", "--size", "64",
                        "--test-share", "0.5"})
                .status,
            0);
  std::string picture;
  for (const auto& entry : fs::recursive_directory_iterator(Path("data"))) {
    if (entry.path().extension() == ".png") picture = entry.path().string();
  }
  const auto ask = [&](const std::string& question) {
    return RunProgram({"ask", "--model", model_, "--cache", Path("cache"), "--image", picture,
                       "--max-new-tokens", "8", question});
  };
  const Outcome first = ask("What is this?");
  ASSERT_EQ(first.status, 0) << first.err;
  size_t blobs = 0;
  for (const auto& entry : fs::directory_iterator(Path("cache"))) {
    ++blobs;
    EXPECT_EQ(fs::status(entry.path()).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_EQ(blobs, 2u);  // features and the beginning of the conversation
  const Outcome second = ask("What is this?");
  EXPECT_EQ(second.out, first.out);
  // Another way to hold the weights finds nothing of it.
  EXPECT_EQ(RunProgram({"ask", "--model", model_, "--quant", "q8", "--cache", Path("cache"),
                        "--image", picture, "--max-new-tokens", "8", "What is this?"})
                .status,
            0);
  EXPECT_EQ(std::distance(fs::directory_iterator(Path("cache")), {}), 4);
}

}  // namespace
}  // namespace roentgen
