#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/python_regex.h"
#include "roentgen/qwen2vl/adapter_targets.h"

namespace roentgen {

/// The part of PEFT's adapter_config.json that decides what a LoRA adapter computes.
struct AdapterConfig {
  /// A value for the modules whose names fit a key: rank_pattern and alpha_pattern.
  struct PatternEntry {
    std::string key;
    double value = 0;
    PythonRegex regex;  // (.*\.)?(KEY)$
  };
  /// In the file's order: the first that fits counts (get_pattern_key in PEFT).
  using Pattern = std::vector<PatternEntry>;

  int rank = 0;
  double alpha = 0;
  double dropout = 0;  // of its training
  bool use_rslora = false;
  bool use_dora = false;
  Pattern rank_pattern;
  Pattern alpha_pattern;
  std::vector<std::string> modules_to_save;
  AdapterTargets targets;
  /// Tied embeddings that are saved whole stay one tensor.
  bool ensure_weight_tying = false;
  /// The pixel limit of the adapter's training, which Roentgen writes into a file of its own beside
  /// PEFT's (before that, into PEFT's).
  std::optional<int64_t> image_max_pixels;

  /// Throws Error, naming file and key, when a key is missing or absurd, or asks for something
  /// other than LoRA or DoRA with modules that are saved whole.
  static AdapterConfig Load(const std::filesystem::path& folder);

  /// module: the name in the adapter, without "base_model.model.".
  int RankOf(const std::string& module) const;
  double AlphaOf(const std::string& module) const;
  /// lora_alpha / rank, or lora_alpha / √rank with rsLoRA (Kalajdzievski 2023).
  float ScaleOf(const std::string& module) const;
};

/// The key's regular expression as PEFT asks for it. Throws Error for one that PythonRegex refuses.
PythonRegex ModulePattern(const std::string& key);

/// Whether PEFT saves a tensor of the model whole: whether the name of a module that it lies in,
/// as Transformers has it, ends with one of the names given (_set_trainable in PEFT).
///
/// parameter  its published name
bool LiesInModule(const std::string& parameter, const std::vector<std::string>& modules);

/// Beside adapter_config.json: what no other program asks for.
inline constexpr const char* kOwnAdapterConfig = "roentgen_config.json";

}  // namespace roentgen
