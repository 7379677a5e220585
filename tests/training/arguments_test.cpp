#include "roentgen/training/arguments.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/training/argument_names.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class ArgumentsTest : public testing::Test {
 protected:
  ParsedArguments Read(const std::string& text, const std::vector<std::string>& overrides = {}) {
    WriteFileAtomically(folder_.path() / "run.yaml", text);
    return ReadTrainingArguments(folder_.path() / "run.yaml", overrides);
  }
  /// Lines behind what every run needs.
  TrainingArguments With(const std::string& lines) { return Read(kBase + lines).arguments; }

  const std::string kBase = "model_name_or_path: m\ndataset: d\noutput_dir: out\ndo_train: true\n";

 private:
  test::TemporaryFolder folder_;
};

// LLaMA-Factory's examples/train_lora/qwen2_5vl_lora_sft.yaml in form, for Qwen2-VL.
constexpr const char* kExample = R"(### model
model_name_or_path: Qwen/Qwen2-VL-2B-Instruct
image_max_pixels: 262144
video_max_pixels: 16384
trust_remote_code: true

### method
stage: sft
do_train: true
finetuning_type: lora
lora_rank: 8
lora_target: all

### dataset
dataset: mllm_demo,identity  # video: mllm_video_demo
template: qwen2_vl
cutoff_len: 2048
max_samples: 1000
overwrite_cache: true
preprocessing_num_workers: 16
dataloader_num_workers: 4

### output
output_dir: saves/qwen2_vl-2b/lora/sft
logging_steps: 10
save_steps: 500
plot_loss: true
overwrite_output_dir: true
save_only_model: false
report_to: none  # choices: [none, wandb, tensorboard, swanlab, mlflow]

### train
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 1.0e-4
num_train_epochs: 3.0
lr_scheduler_type: cosine
warmup_ratio: 0.1
bf16: true
ddp_timeout: 180000000
resume_from_checkpoint: null

### eval
# eval_dataset: mllm_demo
# per_device_eval_batch_size: 1
)";

TEST_F(ArgumentsTest, AnExampleIsTakenUnchanged) {
  const auto [arguments, without_meaning] = Read(kExample);
  EXPECT_EQ(arguments.model_name_or_path, "Qwen/Qwen2-VL-2B-Instruct");
  EXPECT_EQ(arguments.image_limits.image_max_pixels, 262144);
  EXPECT_THAT(arguments.dataset, ElementsAre("mllm_demo", "identity"));
  EXPECT_EQ(arguments.max_samples, 1000u);
  EXPECT_EQ(arguments.learning_rate, 1e-4);
  EXPECT_EQ(arguments.steps.gradient_accumulation_steps, 8u);
  EXPECT_EQ(arguments.lr_scheduler_type, ScheduleKind::kCosine);
  EXPECT_EQ(arguments.warmup, 0.1);
  EXPECT_TRUE(arguments.plot_loss);
  EXPECT_EQ(arguments.resume_from_checkpoint, "");
  EXPECT_THAT(without_meaning,
              UnorderedElementsAre("video_max_pixels", "trust_remote_code", "overwrite_cache",
                                   "preprocessing_num_workers", "dataloader_num_workers",
                                   "report_to", "bf16", "ddp_timeout"));
}

TEST_F(ArgumentsTest, DefaultsAreLlamaFactorys) {
  const TrainingArguments a = With("");
  EXPECT_EQ(a.lora_rank, 8);
  EXPECT_EQ(a.lora_alpha, 16);
  EXPECT_THAT(a.lora_target, ElementsAre("all"));
  EXPECT_TRUE(a.freeze_vision_tower);
  EXPECT_TRUE(a.freeze_multi_modal_projector);
  EXPECT_FALSE(a.freeze_language_model);
  EXPECT_EQ(a.freeze_trainable_layers, 2);
  EXPECT_EQ(a.quantization, Quantization::kNone);
  EXPECT_EQ(a.encoding.cutoff_len, 2048u);
  EXPECT_EQ(a.image_limits.image_max_pixels, 768 * 768);
  EXPECT_EQ(a.image_limits.image_min_pixels, 32 * 32);
  EXPECT_EQ(a.steps.per_device_train_batch_size, 8u);
  EXPECT_EQ(a.steps.gradient_accumulation_steps, 1u);
  EXPECT_EQ(a.steps.num_train_epochs, 3);
  EXPECT_EQ(a.steps.max_steps, 0u);
  EXPECT_EQ(a.learning_rate, 5e-5);
  EXPECT_EQ(a.lr_scheduler_type, ScheduleKind::kLinear);
  EXPECT_EQ(a.warmup, 0);
  EXPECT_EQ(a.adam.weight_decay, 0);
  EXPECT_EQ(a.max_grad_norm, 1);
  EXPECT_EQ(a.seed, 42u);
  EXPECT_EQ(a.save_strategy, Interval::kSteps);
  EXPECT_EQ(a.save_steps, 500);
  EXPECT_EQ(a.normalisation, LossNormalisation::kMicroBatchMean);
  EXPECT_TRUE(a.MaySharePrefixes());
}

TEST_F(ArgumentsTest, OverridesReplaceAndAdd) {
  const TrainingArguments a =
      Read(kExample, {"learning_rate=2e-4", "group_by_image=true", "lora_target=[q_proj, v_proj]",
                      "max_samples=null", "lora_alpha=32"})
          .arguments;
  EXPECT_EQ(a.learning_rate, 2e-4);
  EXPECT_TRUE(a.Order().group_by_image);
  EXPECT_THAT(a.lora_target, ElementsAre("q_proj", "v_proj"));
  EXPECT_EQ(a.max_samples, 0u);
  EXPECT_EQ(a.lora_alpha, 32);
  ROENTGEN_EXPECT_ERROR(Read(kExample, {"learning_rate=fast"}),
                        "command line: learning_rate: expected a number, found \"fast\"");
}

TEST_F(ArgumentsTest, WarmUpStepsCountBeforeTheRatio) {
  EXPECT_EQ(With("warmup_ratio: 0.2\nwarmup_steps: 7\n").warmup, 7);
  EXPECT_EQ(With("warmup_ratio: 0.2\nwarmup_steps: 0\n").warmup, 0.2);
  EXPECT_EQ(With("warmup_steps: 0.1\n").warmup, 0.1);  // Transformers 5
  EXPECT_EQ(With("warmup_ratio: 1.0\n").ScheduleOver(30).warmup_steps(), 30u);
  ROENTGEN_EXPECT_ERROR(With("warmup_ratio: 1.5\n"), "line 5: warmup_ratio: 1.5 is above 1");
}

TEST_F(ArgumentsTest, WhatWouldChangeTheResultIsRefusedWithItsReason) {
  ROENTGEN_EXPECT_ERROR(With("stage: dpo\n"),
                        "run.yaml: line 5: stage: \"dpo\" is not supported: only supervised");
  ROENTGEN_EXPECT_ERROR(With("template: llama3\n"), "only Qwen2-VL's");
  ROENTGEN_EXPECT_ERROR(With("optim: adafactor\n"), "only AdamW");
  ROENTGEN_EXPECT_ERROR(With("pissa_init: true\n"), "PiSSA changes the base model's weights");
  ROENTGEN_EXPECT_ERROR(With("quantization_bit: 8\n"), "only 4 bits");
  ROENTGEN_EXPECT_ERROR(With("quantization_type: fp4\n"), "only nf4");
  ROENTGEN_EXPECT_ERROR(With("additional_target: embed_tokens\n"), "not supported");
  ROENTGEN_EXPECT_ERROR(With("finetuning_type: oft\n"), "\"oft\" is not supported");
  ROENTGEN_EXPECT_ERROR(With("lr_scheduler_type: polynomial\n"), "\"polynomial\" is not supported");
  ROENTGEN_EXPECT_ERROR(With("use_galore: true\n"), "only AdamW");
  ROENTGEN_EXPECT_ERROR(With("tokenized_path: x\n"), "encoded anew");
  With("pissa_init: false\nuse_galore: false\nrope_scaling: null\noptim: adamw_torch_fused\n");
}

TEST_F(ArgumentsTest, UnknownKeysNameTheNearest) {
  try {
    With("lerning_rate: 1\n");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("line 5: lerning_rate: no such setting"));
    EXPECT_EQ(error.hint(), "Did you mean learning_rate?");
  }
  EXPECT_THAT(Read(kBase + "vllm_maxlen: 3\n").without_meaning, ElementsAre("vllm_maxlen"));
}

TEST_F(ArgumentsTest, RangesAndTypes) {
  ROENTGEN_EXPECT_ERROR(With("lora_rank: 0\n"), "line 5: lora_rank: 0 is below 1");
  ROENTGEN_EXPECT_ERROR(With("lora_rank: many\n"), "expected a whole number, found \"many\"");
  ROENTGEN_EXPECT_ERROR(With("lora_dropout: 1\n"), "is above");
  ROENTGEN_EXPECT_ERROR(With("learning_rate: -1\n"), "is below 0");
  ROENTGEN_EXPECT_ERROR(With("plot_loss: maybe\n"), "expected true or false");
  ROENTGEN_EXPECT_ERROR(With("num_train_epochs: nan\n"), "expected a number");
  EXPECT_EQ(With("max_steps: -1\n").steps.max_steps, 0u);
  EXPECT_EQ(With("gradient_accumulation_steps: 4.0\n").steps.gradient_accumulation_steps, 4u);
}

TEST_F(ArgumentsTest, Contradictions) {
  ROENTGEN_EXPECT_ERROR(Read("dataset: d\n"), "run.yaml: model_name_or_path: missing");
  ROENTGEN_EXPECT_ERROR(Read("model_name_or_path: m\ndo_train: true\n"), "dataset: missing");
  ROENTGEN_EXPECT_ERROR(With("quantization_bit: 4\nfinetuning_type: full\n"),
                        "line 5: quantization_bit: only LoRA");
  ROENTGEN_EXPECT_ERROR(With("eval_strategy: steps\n"), "nothing to evaluate on");
  ROENTGEN_EXPECT_ERROR(With("val_size: 0.1\neval_dataset: e\n"), "does not go with eval_dataset");
  ROENTGEN_EXPECT_ERROR(With("mask_history: true\ntrain_on_prompt: true\n"), "does not go with");
  ROENTGEN_EXPECT_ERROR(With("early_stopping_steps: 3\n"), "needs eval_strategy");
  const std::string best = "val_size: 0.1\nload_best_model_at_end: true\neval_strategy: steps\n";
  ROENTGEN_EXPECT_ERROR(With(best + "save_steps: 50\neval_steps: 20\n"), "multiple of eval_steps");
  ROENTGEN_EXPECT_ERROR(With(best + "save_strategy: epoch\n"), "to be the same");
  EXPECT_TRUE(With(best + "save_steps: 60\neval_steps: 20\n").load_best_model_at_end);
}

TEST_F(ArgumentsTest, PredictionIsGenerationOverASet) {
  const std::string all = "do_predict: true\npredict_with_generate: true\neval_dataset: e\n";
  EXPECT_TRUE(With(all).do_predict);
  const auto refused = [&](const std::string& lines, const char* why) {
    SCOPED_TRACE(lines);
    ROENTGEN_EXPECT_ERROR(With(lines), why);
  };
  refused("do_predict: true\neval_dataset: e\n", "line 5: do_predict: answers are generated");
  refused("do_predict: true\npredict_with_generate: true\n", "eval_dataset: missing");
  refused(all + "temperature: 0\n", "temperature: 0 cannot be drawn with");
  refused(all + "num_beams: 4\n", "\"4\" is not supported: answers are written token by token");
  refused(all + "skip_special_tokens: false\n", "without control tokens");
  EXPECT_EQ(With(all + "do_sample: false\ntemperature: 0\n").temperature, 0);
}

TEST_F(ArgumentsTest, PrefixesAreNotSharedUnderNoise) {
  EXPECT_FALSE(With("lora_dropout: 0.1\n").MaySharePrefixes());
  EXPECT_FALSE(With("neftune_noise_alpha: 5\n").MaySharePrefixes());
}

TEST_F(ArgumentsTest, PackedSamplesHaveOneTokenLess) {
  EXPECT_EQ(With("cutoff_len: 100\n").SampleEncoding().cutoff_len, 100u);
  EXPECT_EQ(With("cutoff_len: 100\npacking: true\n").SampleEncoding().cutoff_len, 99u);
  EXPECT_TRUE(With("neat_packing: true\n").packing);
}

TEST_F(ArgumentsTest, StepsMayBeAShareOfAll) {
  EXPECT_EQ(StepsOf(0.25, 10), 3u);
  EXPECT_EQ(StepsOf(7, 10), 7u);
}

TEST_F(ArgumentsTest, NoNameIsInBothTables) {
  for (const std::string_view name : NamesWithoutMeaning()) {
    if (name.ends_with('*')) continue;
    EXPECT_THAT(Read(kBase + std::string(name) + ": null\n").without_meaning,
                Contains(std::string(name)));
  }
  EXPECT_THAT(With("").dataset, Not(IsEmpty()));
}

TEST(ArgumentsGolden, LlamaFactorysOwnFiles) {
  const fs::path folder = test::GoldenRoot() / "train" / "lf" / "yaml";
  ROENTGEN_NEED(folder);
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    const TrainingArguments a = ReadTrainingArguments(entry.path(), {}).arguments;
    EXPECT_EQ(a.do_train, entry.path().stem() != "predict");
    EXPECT_EQ(a.output_dir.filename(), entry.path().stem());
    ++files;
  }
  EXPECT_EQ(files, 9u);
}

}  // namespace
}  // namespace roentgen
