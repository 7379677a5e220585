#include "roentgen/training/argument_names.h"

#include <algorithm>
#include <array>

namespace roentgen {
namespace {

constexpr std::array<std::string_view, 118> kNames = {
    // Arithmetic: here always f32 on weights as they are stored.
    "bf16", "fp16", "pure_bf16", "tf32", "bf16_full_eval", "fp16_full_eval", "fp16_opt_level",
    "fp16_backend", "half_precision_backend", "upcast_layernorm", "upcast_lmhead_output",
    "infer_dtype",
    // Speed and memory of PyTorch.
    "flash_attn", "use_cache", "use_unsloth", "use_unsloth_gc", "enable_liger_kernel",
    "gradient_checkpointing", "gradient_checkpointing_kwargs", "use_reentrant_gc", "torch_compile",
    "torch_compile_backend", "torch_compile_mode", "torch_empty_cache_steps", "low_cpu_mem_usage",
    "auto_find_batch_size", "use_fast_tokenizer", "use_kt", "use_v1_kernels",
    // Loading.
    "trust_remote_code", "cache_dir", "model_revision", "hf_hub_token", "ms_hub_token",
    "om_hub_token", "offload_folder", "infer_backend", "quantization_device_map",
    // Data loading and preprocessing.
    "overwrite_cache", "preprocessing_num_workers", "preprocessing_batch_size", "buffer_size",
    "interleave_probs", "data_shared_file_system", "dataloader_num_workers",
    "dataloader_pin_memory", "dataloader_prefetch_factor", "dataloader_persistent_workers",
    "remove_unused_columns", "label_names", "ignore_data_skip", "length_column_name",
    // Devices.
    "ddp_timeout", "ddp_find_unused_parameters", "ddp_backend", "ddp_bucket_cap_mb",
    "ddp_broadcast_buffers", "local_rank", "use_cpu", "no_cuda", "deepspeed", "fsdp", "fsdp_*",
    "accelerator_config", "parallelism_config", "average_tokens_across_devices", "ray_*",
    "placement_strategy", "full_determinism",
    // Reports.
    "report_to", "run_name", "project", "trackio_space_id", "disable_tqdm", "log_level",
    "log_level_replica", "log_on_each_node", "logging_dir", "logging_strategy",
    "logging_first_step", "logging_nan_inf_filter", "include_num_input_tokens_seen",
    "include_tokens_per_second", "include_effective_tokens_per_second", "skip_memory_metrics",
    "print_param_status", "use_swanlab", "swanlab_*", "push_to_hub", "hub_*", "save_safetensors",
    "save_on_each_node",
    // Evaluation.
    "prediction_loss_only", "eval_accumulation_steps", "eval_on_start", "eval_delay",
    "batch_eval_metrics", "length_penalty", "max_length",
    // Other kinds of training, of models and of media.
    "ppo_*", "pref_*", "dpo_*", "kto_*", "simpo_*", "ref_model*", "reward_model*", "galore_*",
    "apollo_*", "badam_*", "vllm_*", "sglang_*", "export_*", "video_*", "audio_*",
    "use_audio_in_video", "loraplus_lr_embedding", "pissa_iter", "moe_aux_loss_coef"};

}  // namespace

std::span<const std::string_view> NamesWithoutMeaning() {
  return kNames;
}

bool HasNoMeaning(std::string_view key) {
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view name) {
    return name.ends_with('*') ? key.starts_with(name.substr(0, name.size() - 1)) : key == name;
  });
}

}  // namespace roentgen
