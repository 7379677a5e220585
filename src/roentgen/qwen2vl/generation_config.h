#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "roentgen/qwen2vl/config.h"

namespace roentgen {

/// How a checkpoint wants its answers to be drawn (generation_config.json). A key that the file
/// leaves out has Transformers' default.
struct GenerationDefaults {
  bool do_sample = false;
  double temperature = 1.0;
  int64_t top_k = 50;  // 0: no limit
  double top_p = 1.0;
  double min_p = 0.0;
  double repetition_penalty = 1.0;
  std::vector<int32_t> eos_token_ids;  // any of these ends the answer

  bool operator==(const GenerationDefaults&) const = default;

  /// Without the file: greedy, ending at config.json's eos_token_id. Throws Error, naming file and
  /// key, when a value is out of its range or no end token is given.
  static GenerationDefaults Load(const std::filesystem::path& folder, const ModelConfig& config);
};

}  // namespace roentgen
