#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen {

/// The vision tower's shape (config.json: vision_config). The defaults are those of
/// Qwen2VLVisionConfig in Transformers.
struct VisionConfig {
  size_t depth = 32;
  size_t embed_dim = 1280;  // width of the tower
  size_t num_heads = 16;
  size_t intermediate_size = 5120;  // embed_dim · mlp_ratio
  size_t hidden_size = 3584;        // of the merger's output: the decoder's width
  size_t in_channels = 3;
  size_t patch_size = 14;
  size_t temporal_patch_size = 2;
  size_t spatial_merge_size = 2;

  size_t head_dim() const { return embed_dim / num_heads; }
  size_t patch_values() const {
    return in_channels * temporal_patch_size * patch_size * patch_size;
  }
  size_t merged_patches() const { return spatial_merge_size * spatial_merge_size; }
  bool operator==(const VisionConfig&) const = default;
};

/// The shape of a Qwen2-VL model and its token ids (config.json).
struct ModelConfig {
  size_t hidden_size = 0;
  size_t intermediate_size = 0;
  size_t num_hidden_layers = 0;
  size_t num_attention_heads = 0;
  size_t num_key_value_heads = 0;
  size_t vocab_size = 0;
  size_t max_position_embeddings = 32768;
  double rms_norm_eps = 1e-5;
  double rope_theta = 1e6;
  std::array<size_t, 3> mrope_section{};  // frequencies driven by t, h, w; they sum to head_dim / 2
  bool tie_word_embeddings = false;
  int32_t image_token_id = 151'655;
  int32_t video_token_id = 151'656;
  int32_t vision_start_token_id = 151'652;
  int32_t vision_end_token_id = 151'653;
  VisionConfig vision;

  size_t head_dim() const { return hidden_size / num_attention_heads; }
  size_t key_value_width() const { return num_key_value_heads * head_dim(); }
  bool operator==(const ModelConfig&) const = default;

  /// Reads config.json, in the flat layout of Transformers 4 or the nested one (text_config) of 5.
  /// A key that the file leaves out has the default of Transformers' Qwen2VLConfig, but for the
  /// decoder's sizes and mrope_section, which must be there.
  /// Throws Error, naming file and key, when such a key is missing, a value is absurd or
  /// contradicts another, when another program quantised the weights, or when the model is no
  /// Qwen2-VL.
  static ModelConfig Load(const std::filesystem::path& folder);
  static ModelConfig Parse(const JsonObject& root);
};

}  // namespace roentgen
