#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roentgen {

/// The part of PEFT's adapter_config.json that decides what a LoRA adapter computes.
struct AdapterConfig {
  /// Values that differ by module, in the file's order: the first that fits counts.
  using Pattern = std::vector<std::pair<std::string, double>>;

  int rank = 0;
  double alpha = 0;
  bool use_rslora = false;
  bool use_dora = false;
  Pattern rank_pattern;
  Pattern alpha_pattern;
  std::optional<int64_t> image_max_pixels;

  /// Throws Error, naming file and key, when a key is missing or absurd, or asks for something
  /// other than plain LoRA or DoRA.
  static AdapterConfig Load(const std::filesystem::path& folder);

  /// module: the name in the adapter, without "base_model.model.".
  int RankOf(const std::string& module) const;
  /// lora_alpha / rank, or lora_alpha / √rank with rsLoRA (Kalajdzievski 2023).
  float ScaleOf(const std::string& module) const;
};

}  // namespace roentgen
