#include "roentgen/training/arguments.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/training/argument_names.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class ArgumentsTest : public testing::Test {
 protected:
  ParsedArguments Read(const std::string& text, const std::vector<std::string>& overrides = {}) {
    WriteFile(folder_.path() / "run.yaml", text);
    return ReadTrainingArguments(folder_.path() / "run.yaml", overrides);
  }
  /// Lines behind what every run needs.
  TrainingArguments With(const std::string& lines) { return Read(kBase + lines).arguments; }
  /// The error of such lines: "message / hint"; "" when there is none.
  std::string Refusal(const std::string& text) {
    try {
      Read(text);
      return "";
    } catch (const Error& error) {
      return fmt::format("{} / {}", error.what(), error.hint());
    }
  }

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
  EXPECT_EQ(arguments.resume, ResumeFrom::kLastIfAny);
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
  EXPECT_THAT(With("additional_target: merger,lm_head\n").additional_target,
              testing::ElementsAre("merger", "lm_head"));
  ROENTGEN_EXPECT_ERROR(With("finetuning_type: full\nadditional_target: embed_tokens\n"),
                        "additional_target: only goes with finetuning_type: lora");
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

TEST_F(ArgumentsTest, NoLimitOfCheckpointsIsZeroOrLess) {
  for (const char* none : {"0", "-1", "null"}) {
    EXPECT_EQ(With(std::string("save_total_limit: ") + none + "\n").save_total_limit, 0u) << none;
  }
  EXPECT_EQ(With("save_total_limit: 2\n").save_total_limit, 2u);
}

TEST_F(ArgumentsTest, PredictionIsGenerationOverASet) {
  const std::string all = "do_predict: true\npredict_with_generate: true\neval_dataset: e\n";
  EXPECT_TRUE(With(all).do_predict);
  const auto refused = [&](const std::string& lines, const char* why) {
    SCOPED_TRACE(lines);
    ROENTGEN_EXPECT_ERROR(With(lines), why);
  };
  refused("do_predict: true\neval_dataset: e\n", "line 5: do_predict: answers are generated");
  const std::string on_nothing = "do_predict: true\npredict_with_generate: true\n";
  refused(on_nothing, "eval_dataset: missing");
  EXPECT_TRUE(With(on_nothing + "val_size: 0.1\n").do_predict);
  refused(on_nothing + "val_size: 0.1\npacking: true\n", "packing: packs samples");
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
  for (const std::string& name : UnusedSettingNames()) {
    const auto without_meaning = Read(kBase + name + ": null\n").without_meaning;
    const bool named = FindUnusedSetting(name)->kind == UnusedSetting::Kind::kWithoutMeaning;
    EXPECT_THAT(without_meaning, testing::SizeIs(named ? 1 : 0)) << name;
  }
  EXPECT_THAT(With("").dataset, Not(IsEmpty()));
}

// Every field of LLaMA-Factory's argument classes (0.9.5 and its main branch of August 2026, with
// Seq2SeqTrainingArguments of Transformers 5.23) and its default, as JSON.
TEST_F(ArgumentsTest, T1EveryKeyIsTakenWithItsDefaultAndWithNull) {
  std::ifstream keys(test::SourceDir() / "tests/field/T1/defaults.tsv");
  size_t count = 0;
  for (std::string line; std::getline(keys, line); ++count) {
    const std::string key = line.substr(0, line.find('\t'));
    const std::string value = line.substr(key.size() + 1);
    for (const std::string& given : {value, std::string("null")}) {
      // The run's own needs stay.
      std::string base = kBase;
      if (base.find("\n" + key + ":") != std::string::npos || base.starts_with(key + ":")) continue;
      EXPECT_EQ(Refusal(base + key + ": " + given + "\n"), "") << key << ": " << given;
    }
  }
  EXPECT_EQ(count, 353u);
}

TEST_F(ArgumentsTest, T1TheWebInterfacesFileIsTaken) {
  const ParsedArguments parsed =
      ReadTrainingArguments(test::SourceDir() / "tests/field/T1/webui.yaml", {});
  EXPECT_THAT(parsed.without_meaning, Contains("enable_thinking"));
  EXPECT_THAT(parsed.without_meaning, Not(Contains("use_badam")));
  EXPECT_EQ(parsed.arguments.steps.gradient_accumulation_steps, 8u);
}

TEST_F(ArgumentsTest, T1WhatHasNoMeaningIsNamedWhateverItSays) {
  for (const char* line : {"enable_thinking: false",
                           "preserve_thinking: true",
                           "use_kv_cache: false",
                           "use_liger_kernel: true",
                           "eval_do_concat_batches: false",
                           "dataloader_in_order: false",
                           "ddp_static_graph: true",
                           "debug: underflow_overflow",
                           "sortish_sampler: true",
                           "use_mps_device: true",
                           "crop_to_patches: true",
                           "image_do_pan_and_scan: true",
                           "kt_weight_path: /w",
                           "profiler_repeat: 3",
                           "master_port: 29500",
                           "tp_size: 1",
                           "generation_max_length: 512",
                           "fsdp: full_shard auto_wrap",
                           "report_to: [wandb, none]",
                           "flash_attn: fa2",
                           "flash_attn: off",
                           "include_num_input_tokens_seen: True",
                           "vllm_something_new: 3",
                           "visual_inputs: true",
                           "dpo_beta: 0.1"}) {
    const std::string key = std::string(line).substr(0, std::string(line).find(':'));
    EXPECT_THAT(Read(kBase + line + "\n").without_meaning, ElementsAre(key)) << line;
  }
}

TEST_F(ArgumentsTest, T1WhatWouldChangeTheResultIsRefusedInEveryForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"use_dft_loss: true", "the loss is plain cross-entropy"},
      {"use_asft_loss: true", "the loss is plain cross-entropy"},
      {"use_eaft_loss: true", "the loss is plain cross-entropy"},
      {"label_smoothing_factor: 0.1", "\"0.1\" is not supported: the loss is plain"},
      {"fp8: true", "arithmetic is f32"},
      {"fp8_enable_fsdp_float8_all_gather: true", "arithmetic is f32"},
      {"oft_block_size: 16", "orthogonal fine-tuning"},
      {"oft_target: q_proj,v_proj", "orthogonal fine-tuning"},
      {"module_dropout: 0.5", "orthogonal fine-tuning"},
      {"train_mm_proj_only: true", "Set finetuning_type: full"},
      {"image_resolution: 512", "Set image_max_pixels"},
      {"new_special_tokens_config: tokens.yaml", "the vocabulary stays as it is"},
      {"optim_target_modules: [a, b]", "AdamW works on everything"},
      {"generation_num_beams: 4", "without beams"},
      {"generation_config: g.json", "one by one"},
      {"adapter_folder: sub", "Name the folder itself in adapter_name_or_path"},
      {"lr_scheduler_kwargs: {min_lr: 1.0e-6}", "schedules have no further settings"},
      {"train_sampling_strategy: sequential", "disable_shuffling: true"},
      {"per_gpu_train_batch_size: 4", "Set per_device_train_batch_size"},
      {"eval_on_start: true", "do_eval: true without do_train"},
      {"eval_delay: 3", "evaluations begin at once"},
      {"interleave_probs: 0.5,0.5", "datasets follow each other"},
      {"use_mca: true", "without Megatron"},
      {"tensor_model_parallel_size: 4", "Megatron"},
      {"adafactor: true", "only AdamW is"},
      {"optim: paged_adamw_8bit", "only AdamW with its state in 32 bits is"},
      {"sft_packing: true", "Set packing or neat_packing"},
      {"ignore_pad_token_for_loss: false", "there is no padding"},
      {"rope_scaling: linear", "positions stay"},
      {"model_max_length: 4096", "derives it from other settings"},
  };
  for (const auto& [line, reason] : cases) {
    EXPECT_THAT(Refusal(kBase + line + "\n"), HasSubstr(reason)) << line;
  }
}

TEST_F(ArgumentsTest, T1NeutralValuesMayBeWrittenInAnyWay) {
  With(
      "label_smoothing_factor: 0.00\nnum_beams: 1\nmodule_dropout: 0e0\nuse_dft_loss: no\n"
      "lr_scheduler_kwargs: {}\noptim: paged_adamw_32bit\nrope_scaling: ''\n"
      "metric_for_best_model: eval_loss\noft_target: [all]\n");
}

TEST_F(ArgumentsTest, M4ValuesWithoutMeaningAreLookedAt) {
  const std::pair<const char*, const char*> cases[] = {
      {"bf16: maybe", "bf16: expected true or false, found \"maybe\""},
      {"flash_attn: foo", "\"foo\" is not known / There are: auto, disabled, sdpa, fa2, fa3"},
      {"preprocessing_num_workers: many", "expected a whole number"},
      {"ddp_timeout: soon", "expected a whole number"},
      {"video_fps: fast", "expected a number"},
      {"infer_dtype: int8", "There are: auto, float16"},
      {"run_name: {a: 1}", "expected a value, found keys"},
      {"enable_thinking: [true]", "expected a text, found a list"},
      {"fsdp_config: [a]", "expected a text, found a list"},
  };
  for (const auto& [line, problem] : cases) {
    EXPECT_THAT(Refusal(kBase + line + "\n"), HasSubstr(problem)) << line;
  }
}

TEST_F(ArgumentsTest, M4ARevisionAndACacheAreKept) {
  const TrainingArguments a = With("model_revision: v2\ncache_dir: /hub\n");
  EXPECT_EQ(a.hub.revision, "v2");
  EXPECT_EQ(a.hub.cache, "/hub");
  EXPECT_EQ(With("model_revision: null\n").hub.revision, "main");
  // In the name, where other programs do not look for it.
  const std::string named = "model_name_or_path: A/m@v3\ndataset: d\noutput_dir: out\n";
  EXPECT_EQ(Read(named).arguments.model_name_or_path, "A/m");
  EXPECT_EQ(Read(named).arguments.hub.revision, "v3");
  EXPECT_THAT(Refusal(named + "model_revision: v2\n"), HasSubstr("another revision is named"));
}

TEST_F(ArgumentsTest, M5SettingsWhoseValueIsAMap) {
  for (const char* line :
       {"gradient_checkpointing_kwargs: {use_reentrant: false}",
        "fsdp_config: {fsdp_version: 2, fsdp_offload_params: false}",
        "accelerator_config:\n  split_batches: false\n  even_batches: true",
        "ray_init_kwargs: {num_cpus: 2}", "deepspeed: {zero_optimization: {stage: 3}}",
        "deepspeed: examples/deepspeed/ds_z3_config.json", "kt_config:\n  kt_backend: auto",
        "vllm_config: {a: {b: [1, 2]}}", "resources_per_worker: {GPU: 1}"}) {
    EXPECT_THAT(Read(kBase + line + "\n").without_meaning, testing::SizeIs(1)) << line;
  }
  ROENTGEN_EXPECT_ERROR(With("learning_rate: {a: 1}\n"), "expected a value, found keys or lists");
  ROENTGEN_EXPECT_ERROR(With("lora_target: [[a]]\n"), "expected a value, found keys or lists");
}

TEST_F(ArgumentsTest, M12TheMediaFolderIsKept) {
  EXPECT_EQ(With("media_dir: /images\n").media_dir, "/images");
  EXPECT_EQ(With("media_dir: null\n").media_dir, "");
}

TEST_F(ArgumentsTest, M13NoSystemPromptIsNotTheDefaultOne) {
  EXPECT_EQ(With("").encoding.default_system, "You are a helpful assistant.");
  EXPECT_EQ(With("default_system: null\n").encoding.default_system, "You are a helpful assistant.");
  EXPECT_EQ(With("default_system: \"\"\n").encoding.default_system, "");
  EXPECT_EQ(With("default_system: 你是放射科医生。\n").encoding.default_system, "你是放射科医生。");
}

TEST_F(ArgumentsTest, L1OnlyANearNameIsOffered) {
  EXPECT_THAT(Refusal(kBase + "lerning_rate: 1\n"), HasSubstr("Did you mean learning_rate?"));
  EXPECT_THAT(Refusal(kBase + "grouped_images: 1\n"), HasSubstr("Did you mean group_by_image?"));
  for (const char* key : {"qqqqqqqq", "lesson_plan", "x", "学习率", "kto_"}) {
    const std::string refusal = Refusal(kBase + key + ": 1\n");
    EXPECT_THAT(refusal, Not(HasSubstr("*"))) << key;
    EXPECT_THAT(refusal, Not(HasSubstr("Did you mean"))) << key;
  }
}

TEST_F(ArgumentsTest, L7NotToResumeIsNoFolder) {
  EXPECT_EQ(With("resume_from_checkpoint: false\n").resume, ResumeFrom::kNever);
  EXPECT_EQ(With("resume_from_checkpoint: True\n").resume, ResumeFrom::kLast);
  EXPECT_EQ(With("resume_from_checkpoint: null\n").resume, ResumeFrom::kLastIfAny);
  const TrainingArguments named = With("resume_from_checkpoint: out/checkpoint-5\n");
  EXPECT_EQ(named.resume, ResumeFrom::kNamed);
  EXPECT_EQ(named.resume_from_checkpoint, "out/checkpoint-5");
}

TEST_F(ArgumentsTest, L10AllThatIsWrongIsToldAtOnce) {
  try {
    Read(kBase + "use_galore: true\nlerning_rate: 1\nlora_rank: 0\nseed: 7\n", {"fp8=true"});
    ADD_FAILURE();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_THAT(message, HasSubstr("run.yaml: 4 settings cannot be used:\n  line 5: use_galore: "));
    EXPECT_THAT(message, HasSubstr("\n  line 6: lerning_rate: no such setting (Did you mean "
                                   "learning_rate?)\n  line 7: lora_rank: 0 is below 1\n"));
    EXPECT_THAT(message, HasSubstr("\n  command line: fp8: not supported: arithmetic is f32"));
    EXPECT_EQ(error.hint(), "");
  }
}

TEST_F(ArgumentsTest, L9L11OtherFilesAreNamedAsWhatTheyAre) {
  const std::pair<const char*, const char*> cases[] = {
      {"model_name_or_path: m\nadapter_name_or_path: a, b\ntemplate: qwen2_vl\nexport_dir: e\n"
       "export_size: 5\nexport_device: cpu\n",
       "it is for exporting a model (export_dir), not for a run / An adapter is merged by: "
       "roentgen "
       "merge --model m --adapter a --adapter b --out e"},
      {"model_name_or_path: m\ntemplate: llama3\nexport_dir: e\nexport_quantization_bit: 4\n"
       "export_quantization_dataset: d.json\n",
       "A model is quantised by: roentgen quantize --model m --quant q4 --out e"},
      {"model_name_or_path: m\nadapter_name_or_path: a\ntemplate: llama3\ninfer_backend: vllm\n",
       "it is for a conversation (llamafactory-cli chat), not for a run / Talk with the model by: "
       "roentgen chat --model m --adapter a"},
      {"model_name_or_path: m\ntemplate: qwen2_vl\nexport_dir: e\n",
       "Without an adapter there is nothing to merge"},
      {"model: m\nmodel_class: llm\npeft_config:\n  name: lora\ntrain_dataset: d.yaml\n",
       "version 1"},
      {"model: m\npeft_config:\n  export_dir: e\n", "version 1"},
      {"compute_environment: LOCAL_MACHINE\ndebug: false\nfsdp_config:\n  fsdp_version: 2\n",
       "a configuration of accelerate"},
      {"\"<|START_OF_SVG|>\": \"begins\"\n\"<|END|>\": \"ends\"\n", "special tokens"},
      {"model_name_or_path: m\ntask: mmlu_test\ntemplate: llama3\nlang: en\nn_shot: 5\n",
       "llamafactory-cli eval"},
  };
  for (const auto& [text, answer] : cases) EXPECT_THAT(Refusal(text), HasSubstr(answer)) << text;
}

TEST_F(ArgumentsTest, OtherTrainingsAreAnsweredWithTheirReasons) {
  const std::string dpo = Refusal(kBase + "stage: dpo\npref_beta: 0.1\ntemplate: qwen3_nothink\n");
  EXPECT_THAT(dpo, HasSubstr("2 settings cannot be used"));
  EXPECT_THAT(dpo, HasSubstr("only supervised fine-tuning is"));
  const std::string megatron = Refusal(
      kBase + "tensor_model_parallel_size: 4\nsequence_parallel: true\napply_rope_fusion: true\n");
  EXPECT_THAT(megatron, HasSubstr("3 settings cannot be used"));
  const std::string kt =
      kBase + "use_kt: true\nkt_cpu_activation: retain\nkt_config:\n  kt_backend: auto\n";
  EXPECT_EQ(Refusal(kt), "");
}

TEST_F(ArgumentsTest, T8AFileThatIsNotUtf8IsNamed) {
  const std::string gbk = kBase + "default_system: \xc4\xe3\xca\xc7\xd2\xbd\xc9\xfa\n";
  EXPECT_THAT(Refusal(gbk), HasSubstr("run.yaml: line 5: not UTF-8 but perhaps GBK / Convert it, "
                                      "for example with: iconv -f GB18030 -t UTF-8"));
  EXPECT_THAT(Refusal("# \xd7\xa2\xca\xcd\n" + kBase), HasSubstr("line 1: not UTF-8"));
  EXPECT_EQ(Refusal("\xef\xbb\xbf" + kBase + "# 注释\r\n"), "");
}

TEST_F(ArgumentsTest, M1AnEvaluationNeedsRows) {
  EXPECT_THAT(
      Refusal("model_name_or_path: m\ndo_eval: true\noutput_dir: o\n"),
      HasSubstr("do_eval: there is nothing to evaluate on / Set val_size or eval_dataset."));
  EXPECT_THAT(Refusal("model_name_or_path: m\ndo_eval: true\neval_dataset: e\n"),
              HasSubstr("output_dir: missing"));
  EXPECT_THAT(Refusal("model_name_or_path: m\ndo_eval: true\nval_size: 2\noutput_dir: o\n"),
              HasSubstr("val_size: is a part of dataset, which is missing"));
  EXPECT_TRUE(With("val_size: 0.1\neval_strategy: epoch\n").do_eval);
  EXPECT_FALSE(With("val_size: 0.1\n").do_eval);
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
