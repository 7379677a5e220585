#include "roentgen/training/model_card.h"

#include <gmock/gmock.h>

#include "support/paths.h"

namespace roentgen {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ModelCard, SaysWhatWasDone) {
  const test::TemporaryFolder folder;
  TrainingArguments arguments;
  arguments.model_name_or_path = "Qwen/Qwen2-VL-2B-Instruct";
  arguments.dataset = {"vqa", "reports"};
  arguments.output_dir = "saves/my: run/";
  arguments.learning_rate = 2e-4;
  arguments.lr_scheduler_type = ScheduleKind::kCosine;
  arguments.steps.gradient_accumulation_steps = 4;
  arguments.steps.per_device_train_batch_size = 2;
  TrainingLog log(folder.path(), {.total_steps = 4});
  log.Add(EvaluationEntry{1, 0.25, 3.5, 1, 3, 3}, 1);
  log.Add(StepEntry{2, 0.5, 2.25, 1, 1e-4}, 2);
  log.Add(EvaluationEntry{3, 0.75, 1.5, 1, 3, 3}, 3);
  const std::vector<RunPart> parts = {{0, SettingsOfSteps(arguments)}};
  const std::string card = ModelCard(arguments, parts, log);
  EXPECT_THAT(card, testing::StartsWith("---\nlibrary_name: peft\n"));
  EXPECT_THAT(card, HasSubstr("base_model: \"Qwen/Qwen2-VL-2B-Instruct\""));
  EXPECT_THAT(card, HasSubstr("on the vqa, reports datasets"));
  EXPECT_THAT(card, HasSubstr("evaluation set is 1.5000"));
  EXPECT_THAT(card, HasSubstr("- learning_rate: 0.0002\n"));
  EXPECT_THAT(card, HasSubstr("- total_train_batch_size: 8\n"));
  EXPECT_THAT(card, HasSubstr("- lr_scheduler_type: cosine\n"));
  EXPECT_THAT(card, HasSubstr("| No log | 0.2500 | 1 | 3.5000 |"));
  EXPECT_THAT(card, HasSubstr("| 2.2500 | 0.7500 | 3 | 1.5000 |"));
}

TEST(ModelCard, SaysWhatRanAndWhatChanged) {
  const test::TemporaryFolder folder;
  TrainingArguments arguments;
  arguments.learning_rate = 2e-4;
  std::vector<RunPart> parts = {{0, SettingsOfSteps(arguments)}};
  arguments.learning_rate = 1e-5;
  arguments.seed = 7;
  parts.push_back({12, SettingsOfSteps(arguments)});
  arguments.learning_rate = 0.5;  // asked for when no step was left
  const std::string card = ModelCard(arguments, parts, TrainingLog(folder.path(), {}));
  EXPECT_THAT(card, HasSubstr("- learning_rate: 1e-05\n"));
  EXPECT_THAT(card, HasSubstr("- seed: 7\n"));
  EXPECT_THAT(card, HasSubstr("- changed after step 12: data_seed: 42 → 7, learning_rate: 0.0002 → "
                              "1e-05, seed: 42 → 7\n"));
  EXPECT_THAT(card, Not(HasSubstr("0.5")));
}

TEST(ModelCard, WithoutEvaluationsThereIsNoTable) {
  TrainingArguments arguments;
  arguments.finetuning_type = FinetuningType::kFull;
  const test::TemporaryFolder folder;
  const std::vector<RunPart> parts = {{0, SettingsOfSteps(arguments)}};
  const std::string card = ModelCard(arguments, parts, TrainingLog(folder.path(), {}));
  EXPECT_THAT(card, HasSubstr("library_name: transformers"));
  EXPECT_THAT(card, Not(HasSubstr("Training results")));
}

TEST(ModelCard, NamesAreText) {
  TrainingArguments arguments;
  arguments.model_name_or_path = "<b>base</b>";
  arguments.dataset = {"a*b*", "my_set"};
  arguments.output_dir = "saves/[run](x) #1";
  const test::TemporaryFolder folder;
  const std::vector<RunPart> parts = {{0, SettingsOfSteps(arguments)}};
  const std::string card = ModelCard(arguments, parts, TrainingLog(folder.path(), {}));
  EXPECT_THAT(card, HasSubstr("# \\[run\\](x) \\#1\n"));
  EXPECT_THAT(card, HasSubstr("version of \\<b>base\\</b> on the a\\*b\\*, my_set datasets"));
}

}  // namespace
}  // namespace roentgen
