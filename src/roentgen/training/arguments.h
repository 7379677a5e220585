#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/training/batches.h"
#include "roentgen/training/encoded_sample.h"
#include "roentgen/training/optimizer.h"
#include "roentgen/training/row_order.h"
#include "roentgen/training/schedule.h"
#include "roentgen/training/step_plan.h"

namespace roentgen {

enum class FinetuningType { kLora, kFreeze, kFull };
enum class Quantization { kNone, kNf4 };
/// When something is done: never, every so many steps, or after each epoch.
enum class Interval { kNo, kSteps, kEpoch };

/// Which checkpoint a run goes on from: the last one in output_dir if there is one, that one or
/// none, or a folder that was named.
enum class ResumeFrom { kLastIfAny, kLast, kNever, kNamed };

/// The settings of a run: the keys of a LLaMA-Factory YAML, under their names and with its
/// defaults (0.9.5, Transformers 5), and ours.
struct TrainingArguments {
  std::filesystem::path settings_file;  ///< the YAML; empty: they are of none

  // Model.
  std::string model_name_or_path;
  HubPlace hub;                                   ///< model_revision and cache_dir
  std::vector<std::string> adapter_name_or_path;  ///< to be continued
  FinetuningType finetuning_type = FinetuningType::kLora;
  int lora_rank = 8;
  double lora_alpha = 0;  ///< 2 · lora_rank unless given
  double lora_dropout = 0;
  std::vector<std::string> lora_target = {"all"};
  std::vector<std::string> additional_target;  ///< modules trained whole beside the adapter
  bool use_rslora = false;
  bool use_dora = false;
  double loraplus_lr_ratio = 1;     ///< 1: no LoRA+
  int freeze_trainable_layers = 2;  ///< the last ones; negative: the first ones
  std::vector<std::string> freeze_trainable_modules = {"all"};
  std::vector<std::string> freeze_extra_modules;
  bool freeze_vision_tower = true;
  bool freeze_multi_modal_projector = true;
  bool freeze_language_model = false;
  Quantization quantization = Quantization::kNone;
  bool double_quantization = true;
  bool disable_gradient_checkpointing = false;  ///< keep activations instead of recomputing them

  // Data.
  std::vector<std::string> dataset;
  std::vector<std::string> eval_dataset;
  std::filesystem::path dataset_dir = "data";
  std::filesystem::path media_dir;  ///< where relative image paths begin; empty: dataset_dir
  bool allow_outside = false;       ///< ours: images may lie outside of both
  double val_size = 0;
  size_t max_samples = 0;  ///< of each dataset; 0: all
  EncodingOptions encoding;
  bool packing = false;
  bool neat_packing = false;
  LlamaFactoryLimits image_limits;
  bool apply_exif = false;      ///< ours
  bool group_by_image = false;  ///< ours
  bool disable_shuffling = false;

  // The run.
  bool do_train = false;
  bool do_eval = false;  ///< evaluate at the end, too: always with an eval_strategy
  bool do_predict = false;
  bool predict_with_generate = false;
  StepOptions steps;
  size_t per_device_eval_batch_size = 8;
  double learning_rate = 5e-5;
  ScheduleKind lr_scheduler_type = ScheduleKind::kLinear;
  double warmup = 0;  ///< steps, or a share of them below 1: warmup_steps, else warmup_ratio
  AdamWOptions adam;
  double max_grad_norm = 1;
  double neftune_noise_alpha = 0;  ///< 0: none
  LossNormalisation normalisation = LossNormalisation::kMicroBatchMean;
  uint64_t seed = 42;
  std::optional<uint64_t> data_seed;

  // What is written and when. Below 1, steps are a share of all.
  std::filesystem::path output_dir;
  bool overwrite_output_dir = false;
  ResumeFrom resume = ResumeFrom::kLastIfAny;
  std::string resume_from_checkpoint;  ///< the folder, with ResumeFrom::kNamed
  Interval logging_strategy = Interval::kSteps;
  double logging_steps = 500;
  bool logging_first_step = false;
  Interval save_strategy = Interval::kSteps;
  double save_steps = 500;
  size_t save_total_limit = 0;  ///< 0: all are kept
  bool save_only_model = false;
  Interval eval_strategy = Interval::kNo;
  double eval_steps = 0;  ///< 0: logging_steps
  bool load_best_model_at_end = false;
  std::string metric_for_best_model = "loss";
  bool greater_is_better = false;
  size_t early_stopping_steps = 0;  ///< evaluations without a better one; 0: no early stopping
  bool plot_loss = false;

  // Prediction.
  size_t max_new_tokens = 1024;
  bool do_sample = true;
  double temperature = 0.95;
  double top_p = 0.7;
  size_t top_k = 50;
  double repetition_penalty = 1;

  /// With packing a sample has one token less, as there: see PackRows.
  EncodingOptions SampleEncoding() const {
    EncodingOptions options = encoding;
    if (packing) --options.cutoff_len;
    return options;
  }
  OrderOptions Order() const {
    return {!disable_shuffling, group_by_image, data_seed.value_or(seed)};
  }
  Schedule ScheduleOver(size_t total_steps) const {
    return {lr_scheduler_type, learning_rate, total_steps, warmup};
  }
  /// Whether samples may share a prefix: with noise every sample sees its own.
  bool MaySharePrefixes() const { return lora_dropout == 0 && neftune_noise_alpha == 0; }
};

/// A number of steps as it was given: itself, or below 1 a share of all, rounded up.
size_t StepsOf(double given, size_t total_steps);

struct ParsedArguments {
  TrainingArguments arguments;
  /// Keys that LLaMA-Factory knows and that mean nothing here, as they were given.
  std::vector<std::string> without_meaning;
};

/// Whether a run's YAML may have the key.
bool IsTrainingSetting(const std::string& key);

/// Reads a LLaMA-Factory YAML and lays "key=value" overrides over it.
///
/// Throws Error with file, line and key for a value of a wrong kind or out of range, for a setting
/// that would change the result and that we lack, with the reason, and for a key that nobody knows,
/// with the nearest known one; one error for all of them. A file that holds other settings than
/// those of a run is named as what it is.
ParsedArguments ReadTrainingArguments(const std::filesystem::path& yaml,
                                      std::span<const std::string> overrides);

}  // namespace roentgen
