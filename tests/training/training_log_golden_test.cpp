// The files of LLaMA-Factory's own runs: golden/train/lf/out.

#include "roentgen/training/training_log.h"

#include <gmock/gmock.h>

#include "roentgen/base/files.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// A log that got the entries of a trainer_state.json of Hugging Face's.
class TrainingLogGolden : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { ROENTGEN_NEED(out_); }

  /// A file without what depends on the time that a run took.
  static std::vector<Json> Timeless(std::vector<Json> lines) {
    for (Json& line : lines) {
      for (const char* key : {"elapsed_time", "remaining_time"}) line[key] = "";
    }
    return lines;
  }
  static std::string Text(const fs::path& file) { return ReadFile(file, size_t{1} << 20); }

  const fs::path out_ = test::GoldenRoot() / "train/lf/out" / GetParam();
  const test::TemporaryFolder folder_;
};

TEST_P(TrainingLogGolden, WritesLlamaFactorysFiles) {
  const Json golden = ReadJsonFile(out_ / "trainer_state.json", size_t{1} << 20);
  TrainingLog log(folder_.path(), {.total_steps = golden["max_steps"],
                                   .epochs = golden["num_train_epochs"],
                                   .logging_steps = golden["logging_steps"],
                                   .eval_steps = golden["eval_steps"],
                                   .save_steps = golden["save_steps"],
                                   .train_batch_size = golden["train_batch_size"]});
  for (const Json& entry : golden["log_history"]) {
    if (entry.contains("loss")) {
      log.Add(StepEntry{entry["step"], entry["epoch"], entry["loss"], entry["grad_norm"],
                        entry["learning_rate"]},
              10);
    } else if (entry.contains("eval_loss")) {
      log.Add(EvaluationEntry{entry["step"], entry["epoch"], entry["eval_loss"],
                              entry["eval_runtime"], 3, 3},
              10);
    } else {
      const double samples = std::string(GetParam()) == "train_val" ? 63 : 72;
      log.Finish({.epochs = entry["epoch"],
                  .loss = entry["train_loss"],
                  .seconds = entry["train_runtime"],
                  .samples = samples,
                  .steps = entry["step"],
                  .flops = entry["total_flos"]});
    }
  }
  log.WriteResults();
  EXPECT_EQ(Timeless(test::JsonLines(folder_.path() / "trainer_log.jsonl")),
            Timeless(test::JsonLines(out_ / "trainer_log.jsonl")));
  // Seconds were rounded before they came here, so rates may differ in their last digit. What was
  // evaluated once more at the end there took another time for the same loss.
  const auto expect_near = [](const Json& a, const Json& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [key, value] : b.items()) {
      ASSERT_TRUE(a.contains(key)) << key;
      const bool is_time = key.ends_with("_per_second") || key.ends_with("_runtime");
      if (is_time) {
        const double tolerance = key.starts_with("eval_") ? 0.1 : 0.00151;
        EXPECT_NEAR(a[key].get<double>(), value.get<double>(), tolerance) << key;
      } else {
        EXPECT_EQ(a[key], value) << key;
      }
    }
  };
  for (const char* name : {"train_results.json", "eval_results.json", "all_results.json"}) {
    SCOPED_TRACE(name);
    ASSERT_EQ(FileExists(folder_.path() / name), FileExists(out_ / name));
    if (!FileExists(out_ / name)) continue;
    expect_near(ReadJsonFile(folder_.path() / name, 10'000), ReadJsonFile(out_ / name, 10'000));
  }
  const Json state = ReadJsonFile(folder_.path() / "trainer_state.json", size_t{1} << 20);
  for (const auto& [key, value] : golden.items()) {
    if (key == "log_history") {
      ASSERT_EQ(state[key].size(), value.size());
      for (size_t i = 0; i < value.size(); ++i) expect_near(state[key][i], value[i]);
    } else {
      EXPECT_EQ(state[key], value) << key;
    }
  }
}

TEST_P(TrainingLogGolden, LinesAreTheSameTextButForTheTimes) {
  const std::vector<Json> golden = test::JsonLines(out_ / "trainer_log.jsonl");
  TrainingLog log(folder_.path(), {.total_steps = golden[0]["total_steps"]});
  log.Add(StepEntry{1, golden[0]["epoch"], golden[0]["loss"], 0, golden[0]["lr"]}, 10);
  const auto before_times = [](const std::string& text) {
    return text.substr(0, text.find("\"elapsed_time\""));
  };
  const std::string text = Text(folder_.path() / "trainer_log.jsonl");
  EXPECT_EQ(before_times(text), before_times(Text(out_ / "trainer_log.jsonl")));
  EXPECT_THAT(text, testing::EndsWith("\"elapsed_time\": \"0:00:10\", \"remaining_time\": "
                                      "\"0:01:20\"}\n"));
}

INSTANTIATE_TEST_SUITE_P(Runs, TrainingLogGolden, testing::Values("train", "train_val"));

}  // namespace
}  // namespace roentgen
