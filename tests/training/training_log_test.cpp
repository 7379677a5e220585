#include "roentgen/training/training_log.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(DurationText, IsPythons) {
  EXPECT_EQ(DurationText(0), "0:00:00");
  EXPECT_EQ(DurationText(85.9), "0:01:25");
  EXPECT_EQ(DurationText(36000), "10:00:00");
  EXPECT_EQ(DurationText(93784), "1 day, 2:03:04");
  EXPECT_EQ(DurationText(172800), "2 days, 0:00:00");
}

TEST(ClosingTable, IsTheSeedsOwn) {
  // REFERENCE: 1,782,832 tokens in 3,097 s, 0.807 samples/s.
  const std::string table = ClosingTable({.epochs = 5,
                                          .loss = 0.35,
                                          .seconds = 3097,
                                          .samples = 2500,
                                          .steps = 160,
                                          .tokens = 1782832});
  for (const char* text : {"5.00", "1782832", "3097.0", "0.807", "0.052", "575.7", "0.3500"}) {
    EXPECT_THAT(table, HasSubstr(text));
  }
  EXPECT_THAT(table, testing::Not(HasSubstr("eval_loss")));
  EXPECT_THAT(ClosingTable({.evaluation_loss = 1.25}),
              HasSubstr("eval_loss                    1.2500"));
}

TEST(TrainingLog, GoesOnFromACheckpoint) {
  const test::TemporaryFolder folder;
  const LogSettings settings{.total_steps = 4};
  TrainingLog log(folder.path(), settings);
  log.Add(StepEntry{1, 0.25, 3, 1, 1e-3}, 1);
  log.Add(StepEntry{2, 0.5, 2, 1, 1e-3}, 2);
  log.SetBest(2, 2, "out/checkpoint-2");
  const Json state = log.TrainerState(2, 0.5);
  log.Add(StepEntry{3, 0.75, 1, 1, 1e-3}, 3);
  AppendToFile(folder.path() / "trainer_log.jsonl", "{\"current_st");  // killed while writing

  TrainingLog resumed(folder.path(), settings);
  resumed.Resume(state);
  EXPECT_THAT(resumed.TrainingCurve().losses, ElementsAre(3, 2));
  EXPECT_EQ(resumed.TrainerState(2, 0.5), state);
  resumed.Add(StepEntry{3, 0.75, 1.5, 1, 1e-3}, 4);
  const std::vector<Json> lines = test::JsonLines(folder.path() / "trainer_log.jsonl");
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[2]["loss"], 1.5);
}

TEST(TrainingLog, ADamagedStateIsRefusedAndDamagedLinesAreNot) {
  const test::TemporaryFolder folder;
  TrainingLog log(folder.path(), {});
  const auto resume = [&](const std::string& state) { log.Resume(ParseJson(state, "state")); };
  const std::string history = R"({"global_step": 4, "log_history": )";
  ROENTGEN_EXPECT_ERROR(resume("[]"), "trainer_state.json");
  ROENTGEN_EXPECT_ERROR(resume(history + "{}}"), "log_history: expected a list");
  ROENTGEN_EXPECT_ERROR(resume(history + "[1]}"), "trainer_state.json");
  ROENTGEN_EXPECT_ERROR(resume(history + R"([{"epoch": 1, "loss": 1}]})"), "step");
  ROENTGEN_EXPECT_ERROR(resume(history + R"([{"step": "一", "epoch": 1, "loss": 1}]})"), "step");
  ROENTGEN_EXPECT_ERROR(resume(history + R"([{"step": 1, "epoch": 1, "loss": "低"}]})"), "loss");
  ROENTGEN_EXPECT_ERROR(resume(history + R"([], "best_global_step": -1})"), "best_global_step");
  WriteFile(folder.path() / "trainer_log.jsonl",
            "{\"current_steps\": 4}\n{\"current_steps\": \"two\"}\n[]\n{\"current_steps\": 5}\n");
  // What was no number when it was logged is null.
  resume(history + R"([{"step": 4, "epoch": 1, "loss": null, "eval_loss": null}]})");
  EXPECT_THAT(test::JsonLines(folder.path() / "trainer_log.jsonl"), SizeIs(1));
  EXPECT_EQ(log.SavedLoss(), std::nullopt);
  EXPECT_THAT(log.EvaluationCurve().losses, SizeIs(0));
}

}  // namespace
}  // namespace roentgen
