// LoRA on models/tiny-rad over real rows of VQA-RAD's training part. The model has seen these rows,
// so nothing is claimed but that a run from real pictures to an adapter learns.

#include <gmock/gmock.h>

#include <numeric>

#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/training/trainer.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// The first rows of the training part as a data set for LLaMA-Factory.
void WriteRows(const fs::path& vqa_rad, size_t count, const fs::path& folder) {
  Json rows = Json::array();
  OpenVqaRad(vqa_rad)->ForEach([&](SourceSample row) {
    if (row.flaw || row.sample.split != kTrain || rows.size() == count) return;
    Json& line = rows.emplace_back();
    line["images"] = row.sample.images;
    for (const Turn& turn : row.sample.turns) {
      line["messages"].push_back(
          {{"role", turn.role == Role::kUser ? "user" : "assistant"}, {"content", turn.text}});
    }
  });
  WriteFile(folder / "rows.json", rows.dump());
  WriteFile(folder / "dataset_info.json", R"({"rows": {
    "file_name": "rows.json", "formatting": "sharegpt",
    "columns": {"messages": "messages", "images": "images"},
    "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user",
             "assistant_tag": "assistant"}}})");
}

TEST(TinyRadTraining, LoraOnRealRowsLowersTheLoss) {
  const fs::path vqa_rad = test::SharedRoot() / "data" / "vqa-rad";
  const fs::path model = test::SharedRoot() / "models" / "tiny-rad";
  ROENTGEN_NEED(vqa_rad);
  ROENTGEN_NEED(model);
  const test::TemporaryFolder folder;
  WriteRows(vqa_rad, 160, folder.path());
  const fs::path out = folder.path() / "out";
  const std::vector<std::string> overrides = {"model_name_or_path=" + model.string(),
                                              "dataset_dir=" + folder.path().string(),
                                              "dataset=rows",
                                              "allow_outside=true",
                                              "output_dir=" + out.string(),
                                              "image_max_pixels=50176",
                                              "learning_rate=1e-3",
                                              "num_train_epochs=6",
                                              "logging_steps=1"};
  const TrainingArguments arguments =
      ReadTrainingArguments(test::SourceDir() / "configs" / "vqa_rad_lora.yaml", overrides)
          .arguments;
  ThreadPool pool(2);
  PreparedRun run(arguments, pool, Progress());
  Train(run, pool, {}, {});
  std::vector<double> losses;
  for (const Json& line : test::JsonLines(out / "trainer_log.jsonl")) {
    if (line.contains("loss")) losses.push_back(line.at("loss"));
  }
  ASSERT_EQ(losses.size(), 60u);
  const auto mean = [&](size_t begin) {  // of an epoch
    return std::accumulate(losses.begin() + static_cast<ptrdiff_t>(begin),
                           losses.begin() + static_cast<ptrdiff_t>(begin) + 10, 0.0) /
           10;
  };
  EXPECT_LT(mean(50), 0.6 * mean(0));
  EXPECT_TRUE(FileExists(out / "adapter_model.safetensors"));
}

}  // namespace
}  // namespace roentgen
