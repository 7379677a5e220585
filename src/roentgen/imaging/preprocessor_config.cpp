#include "roentgen/imaging/preprocessor_config.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kMaxConfigBytes = 1 << 20;

// Transformers' Qwen2VLImageProcessor has this limit when a checkpoint states none.
constexpr int64_t kClassMaxPixels = 28 * 28 * 1280;

// A billion pixels are far beyond what any model attends to, and keep all sizes within an int.
constexpr int64_t kMostPixels = 1'000'000'000;
constexpr int kMostPatchSide = 256;
constexpr int kBicubic = 3;  // PIL.Image.Resampling.BICUBIC

/// A limit that may be written in two places; both must say the same.
int64_t PixelLimit(const JsonObject& json, const std::string& key, const std::string& size_key,
                   int64_t fallback) {
  auto limit = json.Find<int64_t>(key);
  if (json.Has("size")) {
    const JsonObject size = json.Object("size");
    for (const std::string& name : {size_key, key}) {
      const auto other = size.Find<int64_t>(name);
      if (limit && other && *limit != *other) {
        json.Fail(key, fmt::format("{} contradicts {} in size.{}", *limit, *other, name));
      }
      if (other) limit = other;
    }
  }
  const int64_t value = limit.value_or(fallback);
  if (value < 1 || value > kMostPixels) {
    json.Fail(key, fmt::format("{} is not between 1 and {}", value, kMostPixels));
  }
  return value;
}

int Side(const JsonObject& json, const std::string& key, int fallback) {
  const int value = json.GetOr<int>(key, fallback);
  if (value < 1 || value > kMostPatchSide) {
    json.Fail(key, fmt::format("{} is not between 1 and {}", value, kMostPatchSide));
  }
  return value;
}

std::array<float, 3> Channels3(const JsonObject& json, const std::string& key,
                               std::array<float, 3> fallback) {
  if (!json.Has(key)) return fallback;
  const auto values = json.Get<std::vector<double>>(key);
  if (values.size() != 3) {
    json.Fail(key, fmt::format("expected 3 values, found {}", values.size()));
  }
  std::array<float, 3> result{};
  for (size_t c = 0; c < 3; ++c) result[c] = static_cast<float>(values[c]);
  return result;
}

/// Steps that this program always does, as Qwen2-VL needs them.
void RequireSteps(const JsonObject& json) {
  for (const char* key : {"do_resize", "do_rescale", "do_normalize", "do_convert_rgb"}) {
    if (!json.GetOr<bool>(key, true)) json.Fail(key, "only true is supported");
  }
  if (json.GetOr<int>("resample", kBicubic) != kBicubic) {
    json.Fail("resample", fmt::format("only {} (bicubic) is supported", kBicubic));
  }
}

}  // namespace

PreprocessorConfig PreprocessorConfig::Parse(const JsonObject& json) {
  RequireSteps(json);
  PreprocessorConfig config;
  config.min_pixels = PixelLimit(json, "min_pixels", "shortest_edge", config.min_pixels);
  config.max_pixels = PixelLimit(json, "max_pixels", "longest_edge", kClassMaxPixels);
  if (config.min_pixels > config.max_pixels) {
    json.Fail("min_pixels",
              fmt::format("{} is more than max_pixels, {}", config.min_pixels, config.max_pixels));
  }
  config.patch_size = Side(json, "patch_size", config.patch_size);
  config.temporal_patch_size = Side(json, "temporal_patch_size", config.temporal_patch_size);
  config.merge_size = Side(json, "merge_size", config.merge_size);
  config.image_mean = Channels3(json, "image_mean", config.image_mean);
  config.image_std = Channels3(json, "image_std", config.image_std);
  for (const float deviation : config.image_std) {
    if (!(deviation > 0) || !std::isfinite(deviation)) {
      json.Fail("image_std", fmt::format("{} is no standard deviation", deviation));
    }
  }
  config.rescale_factor = json.GetOr<double>("rescale_factor", config.rescale_factor);
  if (!(config.rescale_factor > 0 && config.rescale_factor <= 1)) {
    json.Fail("rescale_factor", fmt::format("{} is not in (0, 1]", config.rescale_factor));
  }
  return config;
}

std::optional<PreprocessorConfig> PreprocessorConfig::Find(const std::filesystem::path& folder) {
  const auto nested = folder / "processor_config.json";
  if (std::error_code ignored; std::filesystem::exists(nested, ignored)) {
    const JsonObject json(ReadJsonFile(nested, kMaxConfigBytes), nested.string());
    if (json.Has("image_processor")) return Parse(json.Object("image_processor"));
  }
  const auto flat = folder / "preprocessor_config.json";
  if (std::error_code ignored; !std::filesystem::exists(flat, ignored)) return std::nullopt;
  return Parse(JsonObject(ReadJsonFile(flat, kMaxConfigBytes), flat.string()));
}

PreprocessorConfig PreprocessorConfig::Load(const std::filesystem::path& folder) {
  if (const auto found = Find(folder)) return *found;
  throw Error(folder.string() +
                  ": neither preprocessor_config.json nor processor_config.json says how the "
                  "model's images are prepared",
              "Copy preprocessor_config.json from the model that this one was made from");
}

}  // namespace roentgen
