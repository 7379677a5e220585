#include "roentgen/qwen2vl/generation_config.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"

namespace roentgen {
namespace {

constexpr const char* kEosKey = "eos_token_id";
constexpr size_t kMaxFileBytes = size_t{4} << 20;

enum class LowerBound { kIncluded, kExcluded };

double NumberBetween(const JsonObject& json, const std::string& key, double fallback, double low,
                     double high, LowerBound bound) {
  const double value = json.GetOr(key, fallback);
  const bool above = bound == LowerBound::kIncluded ? value >= low : value > low;
  if (!above || !(value <= high)) {
    const char* from = bound == LowerBound::kIncluded ? "at least" : "above";
    json.Fail(key, std::isinf(high)
                       ? fmt::format("{} must be {} {}", value, from, low)
                       : fmt::format("{} must be {} {} and at most {}", value, from, low, high));
  }
  return value;
}

/// A number or a list of them; empty when the key is absent.
std::vector<int32_t> ReadEos(const JsonObject& json, size_t vocab_size) {
  if (!json.Has(kEosKey)) return {};
  const bool list = json.json().at(kEosKey).is_array();
  auto ids = list ? json.Get<std::vector<int32_t>>(kEosKey)
                  : std::vector<int32_t>{json.Get<int32_t>(kEosKey)};
  for (const int32_t id : ids) {
    if (id < 0 || static_cast<size_t>(id) >= vocab_size) {
      json.Fail(kEosKey, fmt::format("{} is not below vocab_size {}", id, vocab_size));
    }
  }
  return ids;
}

std::vector<int32_t> ReadModelEos(const std::filesystem::path& folder, size_t vocab_size) {
  const std::filesystem::path path = folder / "config.json";
  const JsonObject root(ReadJsonFile(path, kMaxFileBytes), path.string());
  std::vector<int32_t> ids = ReadEos(root, vocab_size);
  if (ids.empty() && root.Has("text_config")) {
    ids = ReadEos(root.Object("text_config"), vocab_size);
  }
  if (ids.empty()) root.Fail(kEosKey, "missing, also in generation_config.json");
  return ids;
}

}  // namespace

GenerationDefaults GenerationDefaults::Load(const std::filesystem::path& folder,
                                            const ModelConfig& config) {
  GenerationDefaults defaults;
  const std::filesystem::path path = folder / "generation_config.json";
  if (FileExists(path)) {
    const JsonObject json(ReadJsonFile(path, kMaxFileBytes), path.string());
    const double infinity = std::numeric_limits<double>::infinity();
    defaults.do_sample = json.GetOr("do_sample", false);
    defaults.temperature = NumberBetween(json, "temperature", defaults.temperature, 0, infinity,
                                         LowerBound::kExcluded);
    defaults.top_k = json.GetOr("top_k", defaults.top_k);
    if (defaults.top_k < 0) json.Fail("top_k", fmt::format("{} is negative", defaults.top_k));
    defaults.top_p = NumberBetween(json, "top_p", defaults.top_p, 0, 1, LowerBound::kExcluded);
    defaults.min_p = NumberBetween(json, "min_p", defaults.min_p, 0, 1, LowerBound::kIncluded);
    defaults.repetition_penalty =
        NumberBetween(json, "repetition_penalty", defaults.repetition_penalty, 0, infinity,
                      LowerBound::kExcluded);
    defaults.eos_token_ids = ReadEos(json, config.vocab_size);
  }
  if (defaults.eos_token_ids.empty()) {
    defaults.eos_token_ids = ReadModelEos(folder, config.vocab_size);
  }
  return defaults;
}

}  // namespace roentgen
