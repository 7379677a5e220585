#include "roentgen/training/argument_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>

#include "roentgen/base/ascii.h"

namespace roentgen {
namespace {

using enum ValueForm;

constexpr UnusedSetting NoMeaning(ValueForm form, std::string_view names,
                                  std::string_view choices = {}) {
  return {UnusedSetting::Kind::kWithoutMeaning, form, names, choices, {}, {}};
}

/// Only values that change nothing are taken.
constexpr UnusedSetting Only(ValueForm form, std::string_view accepted, std::string_view names,
                             std::string_view reason, std::string_view hint = {}) {
  return {UnusedSetting::Kind::kOnlyNeutral, form, names, accepted, reason, hint};
}

/// No value is taken.
constexpr UnusedSetting Never(std::string_view names, std::string_view reason,
                              std::string_view hint = {}) {
  return {UnusedSetting::Kind::kOnlyNeutral, kAny, names, {}, reason, hint};
}

constexpr std::string_view kOnlyAdamW = "only AdamW is";
constexpr std::string_view kVocabulary = "the vocabulary stays as it is";
constexpr std::string_view kBeams = "answers are written token by token, without beams";
constexpr std::string_view kDerived = "LLaMA-Factory derives it from other settings";
constexpr std::string_view kMegatron =
    "it belongs to LLaMA-Factory's Megatron backends (USE_MCA, USE_MEGATRON_BRIDGE)";
constexpr std::string_view kRemove = "Remove it.";

constexpr UnusedSetting kSettings[] = {
    // What is trained, and by which method.
    Only(kText, "sft", "stage", "only supervised fine-tuning is"),
    Only(kText, "qwen2_vl", "template", "only Qwen2-VL's is"),
    Only(kFlag, "false", "create_new_adapter",
         "an adapter is continued, or merged first (roentgen merge)"),
    Only(kFlag, "false", "pissa_init pissa_convert", "PiSSA changes the base model's weights"),
    Only(kFlag, "false", "use_llama_pro", "no layers are added"),
    Only(kFlag, "false", "shift_attn", "attention stays as the model has it"),
    Only(kFlag, "false", "train_from_scratch", "training starts from a checkpoint"),
    Only(kFlag, "false", "resize_vocab", kVocabulary),
    Only(kFlag, "false", "train_mm_proj_only", "it is LLaMA-Factory's name before 0.9.1",
         "Set finetuning_type: full, freeze_multi_modal_projector: false and "
         "freeze_language_model: true."),
    Never("rope_scaling", "positions stay as the model has them"),
    Never("mixture_of_depths", "layers stay as the model has them"),
    Never("add_tokens add_special_tokens new_special_tokens new_special_tokens_config",
          kVocabulary),
    Never("adapter_folder", "an adapter's files are looked for in its own folder",
          "Name the folder itself in adapter_name_or_path."),
    Never("name_module_trainable", "it is an older name", "Set freeze_trainable_modules."),
    Never("num_layer_trainable", "it is an older name", "Set freeze_trainable_layers."),
    Only(kText, "nf4", "quantization_type", "only nf4 is"),
    Only(kText, "bnb, bitsandbytes", "quantization_method", "only that of bitsandbytes is"),
    Only(kCount, "0", "oft_rank", "orthogonal fine-tuning (OFT) is not there"),
    Only(kCount, "32", "oft_block_size", "orthogonal fine-tuning (OFT) is not there"),
    Only(kList, "all", "oft_target", "orthogonal fine-tuning (OFT) is not there"),
    Only(kNumber, "0", "module_dropout", "orthogonal fine-tuning (OFT) is not there"),
    Only(kFlag, "false", "fp8 fp8_enable_fsdp_float8_all_gather", "arithmetic is f32, not FP8"),
    Only(kFlag, "false", "use_mca use_megatron_bridge use_hyper_parallel",
         "training runs in one process, without Megatron or HyperParallel"),
    Never("compute_dtype device_map model_max_length block_diag_attn megatron_bridge_args",
          kDerived, kRemove),

    // Loss and optimiser.
    Only(kFlag, "false", "use_dft_loss use_asft_loss use_eaft_loss",
         "the loss is plain cross-entropy"),
    Only(kNumber, "0", "label_smoothing_factor", "the loss is plain cross-entropy"),
    Only(kFlag, "true", "ignore_pad_token_for_loss", "there is no padding"),
    Only(kText,
         "adamw_torch, adamw_torch_fused, adamw_torch_xla, adamw_torch_npu_fused, "
         "adamw_apex_fused, adamw_hf, paged_adamw, paged_adamw_32bit",
         "optim", "only AdamW with its state in 32 bits is"),
    Only(kFlag, "false", "use_galore use_apollo use_badam use_adam_mini use_muon adafactor",
         kOnlyAdamW),
    Never("optim_args", "AdamW's settings are adam_beta1, adam_beta2, adam_epsilon"),
    Never("optim_target_modules", "AdamW works on everything that is trained"),
    Never("lr_scheduler_kwargs", "schedules have no further settings"),
    Never("per_gpu_train_batch_size", "it is an older name", "Set per_device_train_batch_size."),
    Never("per_gpu_eval_batch_size", "it is an older name", "Set per_device_eval_batch_size."),

    // Data.
    Never("tokenized_path", "samples are encoded anew for every run"),
    Never("tool_format", "conversations have no tools"),
    Only(kText, "concat", "mix_strategy", "datasets follow each other"),
    Never("interleave_probs", "datasets follow each other"),
    Only(kFlag, "false", "streaming", "datasets are read whole"),
    Only(kFlag, "false", "dataloader_drop_last", "no row is left out"),
    Only(kFlag, "false", "group_by_length", "there is no padding to save; see group_by_image"),
    Only(kText, "random", "train_sampling_strategy", "rows are shuffled",
         "The order of the files is taken with disable_shuffling: true."),
    Only(kFlag, "false", "split_special_tokens", "control tokens in a text become tokens"),
    Only(kFlag, "false", "efficient_eos", "an answer ends with the template's own end"),
    Only(kFlag, "false", "sft_packing efficient_packing", "it is an older name",
         "Set packing or neat_packing."),
    Never("image_resolution image_size", "images are limited by their number of pixels",
          "Set image_max_pixels: its square."),
    Never("reserved_label_len max_source_length max_target_length",
          "cutoff_len alone says what is cut off", "Set cutoff_len."),

    // Evaluation and answers.
    Only(kFlag, "false", "eval_on_each_dataset", "evaluation sets are taken together"),
    Only(kFlag, "false", "eval_on_start", "no evaluation comes before the first step",
         "do_eval: true without do_train evaluates the model as it is."),
    Only(kNumber, "0", "eval_delay", "evaluations begin at once"),
    Only(kText, "loss, eval_loss", "metric_for_best_model", "only the evaluation's loss is"),
    Only(kFlag, "false", "greater_is_better", "a smaller loss is better"),
    Only(kFlag, "false", "compute_accuracy", "the evaluation's loss is computed"),
    Only(kCount, "1", "num_beams eval_num_beams generation_num_beams", kBeams),
    Only(kFlag, "true", "skip_special_tokens", "answers are text without control tokens"),
    Never("generation_config", "settings of answers are given one by one",
          "Set temperature, top_p, top_k, max_new_tokens, repetition_penalty."),

    // Megatron.
    Never("tensor_model_parallel_size pipeline_model_parallel_size expert_model_parallel_size "
          "context_parallel_size virtual_pipeline_model_parallel_size sequence_parallel "
          "recompute_granularity recompute_method recompute_num_layers "
          "account_for_embedding_in_pipeline_split account_for_loss_in_pipeline_split "
          "bias_activation_fusion apply_rope_fusion masked_softmax_fusion "
          "cross_entropy_loss_fusion moe_grouped_gemm moe_token_dispatcher_type "
          "calculate_per_token_loss use_distributed_optimizer overlap_param_gather "
          "overlap_grad_reduce use_packed_sequences mixed_precision "
          "megatron_pretrained_checkpoint export_hf_on_finish extra_config",
          kMegatron, kRemove),

    // Without meaning. Arithmetic: here always f32 on weights as they are stored.
    NoMeaning(kFlag,
              "bf16 fp16 pure_bf16 tf32 bf16_full_eval fp16_full_eval upcast_layernorm "
              "upcast_lmhead_output lora_bf16_mode"),
    NoMeaning(kText, "fp16_opt_level fp16_backend half_precision_backend fp8_backend"),
    NoMeaning(kText, "infer_dtype", "auto, float16, bfloat16, float32"),
    // Speed and memory of PyTorch. "off", true and false are older names of attentions.
    NoMeaning(kText, "flash_attn", "auto, disabled, sdpa, fa2, fa3, off, true, false"),
    NoMeaning(kFlag,
              "use_cache use_kv_cache use_unsloth use_unsloth_gc enable_liger_kernel "
              "use_liger_kernel gradient_checkpointing activation_checkpointing use_reentrant_gc "
              "torch_compile low_cpu_mem_usage auto_find_batch_size use_fast_tokenizer "
              "use_v1_kernels jit_mode_eval use_ipex"),
    NoMeaning(kMap,
              "gradient_checkpointing_kwargs activation_checkpointing_kwargs liger_kernel_config"),
    NoMeaning(kText, "torch_compile_backend torch_compile_mode torchdynamo"),
    NoMeaning(kCount, "torch_empty_cache_steps"),
    NoMeaning(kFlag, "use_kt kt_use_lora_experts"),
    NoMeaning(kText,
              "kt_weight_path kt_non_expert_weight_path kt_expert_checkpoint_path "
              "kt_optimize_rule kt_mode"),
    NoMeaning(kText, "kt_cpu_activation", "retain, recompute"),
    NoMeaning(kCount,
              "kt_lora_expert_num kt_lora_expert_intermediate_size kt_maxlen cpu_infer chunk_size"),
    NoMeaning(kMap, "kt_config"),
    // Loading.
    NoMeaning(kFlag, "trust_remote_code"),
    NoMeaning(kText, "hf_hub_token ms_hub_token om_hub_token offload_folder"),
    NoMeaning(kText, "quantization_device_map", "auto"),
    NoMeaning(kText, "infer_backend", "huggingface, vllm, sglang, ktransformers, hf"),
    NoMeaning(kText, "init_special_tokens", "noise_init, desc_init, desc_init_w_noise"),
    // Reading data.
    NoMeaning(kFlag,
              "overwrite_cache data_shared_file_system dataloader_pin_memory "
              "dataloader_persistent_workers dataloader_in_order remove_unused_columns "
              "ignore_data_skip sortish_sampler dispatch_batches split_batches visual_inputs "
              "enable_thinking preserve_thinking image_do_pan_and_scan crop_to_patches"),
    NoMeaning(kCount,
              "preprocessing_num_workers preprocessing_batch_size buffer_size "
              "dataloader_num_workers dataloader_prefetch_factor"),
    NoMeaning(kText, "dataloader_multiprocessing_context length_column_name"),
    NoMeaning(kList, "label_names"),
    // Devices.
    NoMeaning(kFlag,
              "ddp_find_unused_parameters ddp_broadcast_buffers ddp_static_graph use_cpu no_cuda "
              "use_mps_device average_tokens_across_devices full_determinism "
              "enable_jit_checkpoint tpu_metrics_debug"),
    NoMeaning(kCount,
              "ddp_timeout ddp_bucket_cap_mb local_rank tp_size tpu_num_cores ray_num_workers "
              "fsdp_min_num_params hyper_parallel_cp_size"),
    NoMeaning(kText,
              "ddp_backend master_addr master_port ray_scope ray_run_name ray_storage_path "
              "ray_storage_filesystem placement_strategy mp_parameters hyper_parallel_args "
              "fsdp_transformer_layer_cls_to_wrap"),
    NoMeaning(kMap,
              "deepspeed fsdp_config accelerator_config parallelism_config ray_init_kwargs "
              "resources_per_worker"),
    NoMeaning(kList, "fsdp debug"),
    // Reports.
    NoMeaning(kFlag,
              "disable_tqdm log_on_each_node logging_nan_inf_filter include_tokens_per_second "
              "include_effective_tokens_per_second skip_memory_metrics print_param_status "
              "use_swanlab push_to_hub hub_private_repo hub_always_push save_safetensors "
              "save_on_each_node enable_torch_profiler profiler_record_shapes "
              "profiler_profile_memory profiler_with_stack "
              "restore_callback_states_from_checkpoint"),
    NoMeaning(kCount,
              "profiler_wait_steps profiler_warmup_steps profiler_active_steps profiler_repeat"),
    NoMeaning(kText,
              "run_name project trackio_space_id trackio_bucket_id trackio_static_space_id "
              "log_level log_level_replica logging_dir hub_token hub_model_id hub_strategy "
              "hub_revision push_to_hub_model_id push_to_hub_organization push_to_hub_token "
              "swanlab_project swanlab_workspace swanlab_run_name swanlab_mode swanlab_api_key "
              "swanlab_logdir swanlab_lark_webhook_url swanlab_lark_secret profiler_output_dir"),
    NoMeaning(kText, "include_num_input_tokens_seen", "true, false, yes, no, all, non_padding"),
    NoMeaning(kList, "report_to profile_modules"),
    // Evaluation.
    NoMeaning(kFlag,
              "prediction_loss_only batch_eval_metrics eval_do_concat_batches "
              "eval_use_gather_object include_inputs_for_metrics"),
    NoMeaning(kCount, "eval_accumulation_steps max_length generation_max_length past_index"),
    NoMeaning(kNumber, "length_penalty"),
    NoMeaning(kList, "include_for_metrics"),
    // Other kinds of training, of models, of optimisers and of media.
    NoMeaning(kNumber,
              "asft_alpha eaft_alpha ld_alpha pref_beta pref_ftx pref_bco_weight dpo_beta "
              "dpo_label_smoothing orpo_beta kto_chosen_weight kto_rejected_weight simpo_gamma "
              "ppo_target galore_scale apollo_scale badam_update_ratio loraplus_lr_embedding "
              "moe_aux_loss_coef vllm_gpu_util sglang_mem_fraction video_fps"),
    NoMeaning(kCount,
              "ppo_buffer_size ppo_epochs ref_model_quantization_bit "
              "reward_model_quantization_bit galore_rank galore_update_interval apollo_rank "
              "apollo_update_interval badam_start_block badam_switch_interval badam_verbose "
              "pissa_iter vllm_maxlen vllm_max_lora_rank sglang_maxlen sglang_tp_size export_size "
              "export_quantization_bit export_quantization_nsamples export_quantization_maxlen "
              "video_max_pixels video_min_pixels video_maxlen audio_sampling_rate"),
    NoMeaning(kFlag,
              "ppo_score_norm ppo_whiten_rewards galore_layerwise apollo_layerwise "
              "apollo_scale_front vllm_enforce_eager export_legacy_format use_audio_in_video"),
    NoMeaning(kMap, "vllm_config sglang_config"),
    NoMeaning(kList, "ref_model_adapters reward_model_adapters galore_target apollo_target"),
    NoMeaning(kAny,
              "ppo_* pref_* dpo_* orpo_* kto_* simpo_* ref_model* reward_model* galore_* apollo_* "
              "badam_* swanlab_* vllm_* sglang_* export_* video_* audio_* fsdp_* ray_* kt_* "
              "profiler_* hub_* trackio_*"),
};

/// Calls take for every part of a text between separators, without blanks around it.
template <class Take>
void ForEachPart(std::string_view text, char separator, const Take& take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (!part.empty()) take(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

using ByName = std::map<std::string_view, const UnusedSetting*, std::less<>>;

const ByName& Settings() {
  static const ByName kByName = [] {
    ByName by_name;
    for (const UnusedSetting& setting : kSettings) {
      ForEachPart(setting.names, ' ',
                  [&](std::string_view name) { by_name.emplace(name, &setting); });
    }
    return by_name;
  }();
  return kByName;
}

constexpr double kMost = 1e300;

/// Whether the value, read in its form, is this one.
bool IsValue(ValueForm form, const YamlSetting& given, std::string_view accepted) {
  switch (form) {
    case kFlag:
      return given.Bool() == (accepted == "true");
    case kCount:
    case kNumber:
      return fmt::format("{}", given.Number(-kMost, kMost)) == accepted;
    case kList:
      return given.List() == std::vector<std::string>{std::string(accepted)};
    case kText:
    case kMap:
    case kAny:
      break;
  }
  return LowerAscii(given.Text()) == accepted;  // Python writes True
}

void RequireForm(ValueForm form, const YamlSetting& given) {
  switch (form) {
    case kFlag:
      given.Bool();
      break;
    case kCount:
      given.Integer(INT64_MIN, INT64_MAX);
      break;
    case kNumber:
      given.Number(-kMost, kMost);
      break;
    case kText:
      given.Text();
      break;
    case kList:
      given.List();
      break;
    case kMap:
      if (given.kind() != YamlSetting::Kind::kMap) given.Text();
      break;
    case kAny:
      break;
  }
}

/// "“foo” " for a value that can be shown.
std::string Quoted(const YamlSetting& given) {
  return given.kind() == YamlSetting::Kind::kScalar ? fmt::format("\"{}\" is ", given.Text()) : "";
}

}  // namespace

const UnusedSetting* FindUnusedSetting(std::string_view name) {
  const auto found = Settings().find(name);
  if (found != Settings().end() && !name.ends_with('*')) return found->second;
  for (const auto& [family, setting] : Settings()) {
    if (family.ends_with('*') && name.starts_with(family.substr(0, family.size() - 1))) {
      return setting;
    }
  }
  return nullptr;
}

std::vector<std::string> UnusedSettingNames() {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : Settings()) {
    if (!name.ends_with('*')) names.emplace_back(name);
  }
  return names;
}

void RequireAccepted(const UnusedSetting& setting, const YamlSetting& given) {
  if (given.IsEmpty()) return;
  RequireForm(setting.form, given);
  const bool without_meaning = setting.kind == UnusedSetting::Kind::kWithoutMeaning;
  bool accepted = without_meaning && setting.accepted.empty();
  ForEachPart(setting.accepted, ',', [&](std::string_view value) {
    accepted = accepted || IsValue(setting.form, given, value);
  });
  if (accepted) return;
  if (without_meaning) {
    given.Fail(fmt::format("\"{}\" is not known", given.Text()),
               fmt::format("There are: {}", setting.accepted));
  }
  // A choice of words is answered with the word.
  const bool word = setting.form == kText || setting.form == kCount || setting.form == kNumber;
  given.Fail(fmt::format("{}not supported: {}", word ? Quoted(given) : "", setting.reason),
             std::string(setting.hint));
}

}  // namespace roentgen
