#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "roentgen/base/json.h"

namespace roentgen {

/// What a checkpoint says about its pictures. The defaults are those of the published Qwen2-VL.
struct PreprocessorConfig {
  int64_t min_pixels = 3136;
  int64_t max_pixels = 12'845'056;
  int patch_size = 14;
  int temporal_patch_size = 2;
  int merge_size = 2;
  std::array<float, 3> image_mean = {0.48145466f, 0.4578275f, 0.40821073f};
  std::array<float, 3> image_std = {0.26862954f, 0.26130258f, 0.27577711f};
  double rescale_factor = 1.0 / 255;

  bool operator==(const PreprocessorConfig&) const = default;

  /// Values of one patch: 3 · temporal_patch_size · patch_size².
  int PatchValues() const { return 3 * temporal_patch_size * patch_size * patch_size; }

  /// Reads a checkpoint folder: "image_processor" in processor_config.json where there is one, else
  /// preprocessor_config.json, as Transformers does. The pixel limits may be min_pixels and
  /// max_pixels or size.shortest_edge and size.longest_edge.
  ///
  /// Throws Error when neither is there, and, naming file and key, for values that contradict each
  /// other, that make no sense, or that ask for another preparation than Qwen2-VL's.
  static PreprocessorConfig Load(const std::filesystem::path& folder);

  /// Load, but nothing where neither file is there.
  static std::optional<PreprocessorConfig> Find(const std::filesystem::path& folder);

  /// The same from the JSON object itself.
  static PreprocessorConfig Parse(const JsonObject& json);
};

}  // namespace roentgen
