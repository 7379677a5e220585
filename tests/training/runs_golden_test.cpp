// Plans of steps, label tokens and learning rates of golden/train/runs and of golden/train/lf.

#include <gmock/gmock.h>

#include <map>

#include "roentgen/base/json.h"
#include "roentgen/tensor/safetensors.h"
#include "roentgen/training/batches.h"
#include "roentgen/training/optimizer.h"
#include "roentgen/training/schedule.h"
#include "support/golden.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// The samples of golden/train/data.safetensors as rows.
std::vector<TrainingRow> GoldenRows(size_t count) {
  const Safetensors data(test::GoldenRoot() / "train" / "data.safetensors");
  std::vector<TrainingRow> rows;
  for (size_t i = 0; i < count; ++i) {
    const std::string name = "sample." + std::string(i < 10 ? "0" : "") + std::to_string(i);
    EncodedSample sample;
    sample.name = name;
    sample.ids = test::Integers<int32_t>(data.At(name + ".input_ids"));
    sample.labels = test::Integers<int32_t>(data.At(name + ".labels"));
    rows.push_back({sample});
  }
  return rows;
}

TEST(RunsGolden, PlansAndLabelTokens) {
  const auto folders = test::GoldenFolders("train/runs", "run.json");
  if (folders.empty()) GTEST_SKIP() << "no golden runs";
  for (const fs::path& folder : folders) {
    SCOPED_TRACE(folder.filename().string());
    const Json golden = ReadJsonFile(folder / "run.json", size_t{16} << 20);
    const Json& run = golden["run"];
    const std::vector<TrainingRow> rows = GoldenRows(run.value("use_samples", size_t{24}));
    const StepPlan plan(RowOrder(rows, {.shuffle = false}),
                        {.per_device_train_batch_size = run["batch"],
                         .gradient_accumulation_steps = run["accumulate"],
                         .max_steps = run["steps"]});
    ASSERT_EQ(plan.total_steps(), golden["plan"].size());
    for (size_t step = 0; step < plan.total_steps(); ++step) {
      EXPECT_EQ(Json(plan.At(step).micro_batches), golden["plan"][step]) << step;
      size_t labels = 0;
      for (const MicroBatch& batch :
           MicroBatchesOf(plan.At(step), rows, LossNormalisation::kMicroBatchMean)) {
        for (const EncodedSample* sample : batch.samples) labels += sample->LabelTokens();
      }
      EXPECT_EQ(labels, golden["label_tokens"][step].get<size_t>()) << step;
    }
  }
}

TEST(RunsGolden, LearningRates) {
  const auto folders = test::GoldenFolders("train/runs", "run.json");
  if (folders.empty()) GTEST_SKIP() << "no golden runs";
  for (const fs::path& folder : folders) {
    SCOPED_TRACE(folder.filename().string());
    const Json golden = ReadJsonFile(folder / "run.json", size_t{16} << 20);
    const Json& run = golden["run"];
    ASSERT_EQ(run["schedule"], "cosine");
    const auto check = [&](const char* key, double ratio) {
      if (!golden.contains(key)) return;
      const Schedule schedule(ScheduleKind::kCosine, run["lr"], golden[key].size(),
                              run["warmup_ratio"].get<double>());
      for (size_t step = 0; step < golden[key].size(); ++step) {
        const double expected = golden[key][step];
        EXPECT_NEAR(schedule.At(step) * ratio, expected, 1e-12 * expected) << key << step;
      }
    };
    check("lr", LoraPlusRatio("lora_A", run.value("loraplus", 1.0)));
    check("lr_lora_b", LoraPlusRatio("lora_B", run.value("loraplus", 1.0)));
  }
}

// The logs of LLaMA-Factory's own runs: steps, epochs and rates.
TEST(RunsGolden, LlamaFactorysLogs) {
  struct Run {
    size_t rows;
    StepOptions steps;
    double learning_rate;
    double warmup;
  };
  const std::map<std::string, Run> runs = {{"train", {24, {1, 8, 3, 0}, 5e-5, 0.1}},
                                           {"train_val", {21, {1, 8, 3, 0}, 5e-5, 0.1}},
                                           {"train_strong", {24, {1, 4, 10, 0}, 0.02, 0.1}},
                                           {"full", {24, {1, 8, 1, 0}, 5e-5, 0}},
                                           {"init", {24, {1, 8, 3, 1}, 5e-5, 1}}};
  for (const auto& [name, run] : runs) {
    SCOPED_TRACE(name);
    const fs::path log = test::GoldenRoot() / "train/lf/out" / name / "trainer_log.jsonl";
    ROENTGEN_NEED(log);
    std::vector<TrainingRow> rows(run.rows);
    const StepPlan plan(RowOrder(rows, {.shuffle = false}), run.steps);
    const Schedule schedule(ScheduleKind::kCosine, run.learning_rate, plan.total_steps(),
                            run.warmup);
    size_t steps = 0;
    for (const Json& entry : test::JsonLines(log)) {
      EXPECT_EQ(entry["total_steps"], plan.total_steps());
      if (!entry.contains("loss")) continue;
      const auto step = entry["current_steps"].get<size_t>() - 1;
      EXPECT_EQ(entry["epoch"].get<double>(), plan.At(step).epochs_done) << step;
      const double lr = entry["lr"];
      EXPECT_NEAR(schedule.At(step), lr, 1e-12 * lr) << step;
      ++steps;
    }
    EXPECT_EQ(steps, plan.total_steps());
  }
}

}  // namespace
}  // namespace roentgen
