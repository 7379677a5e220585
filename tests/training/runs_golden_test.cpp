// Plans of steps and label tokens of golden/train/runs.

#include <gmock/gmock.h>

#include "roentgen/base/json.h"
#include "roentgen/tensor/safetensors.h"
#include "roentgen/training/batches.h"
#include "support/golden.h"
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

}  // namespace
}  // namespace roentgen
