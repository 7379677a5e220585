#include "roentgen/qwen2vl/adapter_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_text.h"
#include "roentgen/qwen2vl/names.h"

namespace roentgen {
namespace {

constexpr size_t kMaxFileBytes = size_t{4} << 20;
constexpr int kMaxRank = 1 << 16;

constexpr const char* kMergeHint =
    "Merge the adapter into its base model with PEFT and load the result";

// What makes an adapter more than W + scale · B A and whole modules. Each must be absent, null,
// false or empty.
constexpr std::array kUnsupportedKeys{
    "use_qalora",        "lora_bias",         "fan_in_fan_out",          "trainable_token_indices",
    "target_parameters", "layer_replication", "alora_invocation_tokens", "use_bdlora",
    "arrow_config",      "kasa_config",       "monteclora_config",       "velora_config"};

// Ways to start the training that leave the base weights alone. PiSSA, OLoRA and their kin change
// them, so such an adapter is wrong on the published base.
constexpr std::array<std::string_view, 3> kHarmlessInits{"gaussian", "orthogonal", "eva"};

// What cannot be merged: these add to the input or depend on it instead of changing a weight.
constexpr std::array<std::string_view, 9> kUnmergeable{"PROMPT_TUNING",
                                                       "MULTITASK_PROMPT_TUNING",
                                                       "PREFIX_TUNING",
                                                       "P_TUNING",
                                                       "ADAPTION_PROMPT",
                                                       "CPT",
                                                       "CARTRIDGE",
                                                       "POLY",
                                                       "XLORA"};

bool IsNeutral(const Json& value) {
  return value.is_null() || value == false || (value.is_structured() && value.empty());
}

void CheckIsPlainLora(const JsonObject& json) {
  const auto type = json.Get<std::string>("peft_type");
  if (type != "LORA") {
    const bool mergeable =
        std::find(kUnmergeable.begin(), kUnmergeable.end(), type) == kUnmergeable.end();
    json.Fail("peft_type", type + " is not supported, only LORA is",
              mergeable ? kMergeHint
                        : "It cannot be merged into the base model either; train a LoRA adapter");
  }
  const std::string bias = json.GetOr<std::string>("bias", "none");
  if (bias != "none") json.Fail("bias", bias + " is not supported, only none is", kMergeHint);
  for (const char* key : kUnsupportedKeys) {
    if (json.Has(key) && !IsNeutral(json.json().at(key))) {
      json.Fail(key, "not supported, only plain LoRA is", kMergeHint);
    }
  }
  const auto init = json.json().find("init_lora_weights");
  if (init != json.json().end() && init->is_string() &&
      std::find(kHarmlessInits.begin(), kHarmlessInits.end(), init->get<std::string>()) ==
          kHarmlessInits.end()) {
    json.Fail("init_lora_weights", init->get<std::string>() + " changes the base model's weights",
              "Save the adapter as plain LoRA: save_pretrained with "
              "path_initial_model_for_weight_conversion");
  }
}

int CheckedRank(const JsonObject& json, const std::string& key, double rank) {
  if (rank < 1 || rank > kMaxRank || rank != std::floor(rank)) {
    json.Fail(key, fmt::format("{} is no rank between 1 and {}", rank, kMaxRank));
  }
  return static_cast<int>(rank);
}

AdapterConfig::Pattern ReadPattern(const JsonObject& json, const nlohmann::ordered_json& ordered,
                                   const std::string& key) {
  AdapterConfig::Pattern pattern;
  if (!json.Has(key)) return pattern;
  const JsonObject values = json.Object(key);
  for (const auto& item : ordered.at(key).items()) {
    const auto value = values.Get<double>(item.key());
    try {
      pattern.push_back({item.key(), value, ModulePattern(item.key())});
    } catch (const Error& error) {
      values.Fail(item.key(), error.what(),
                  "Name the modules in full instead; PEFT takes names as well as patterns");
    }
  }
  return pattern;
}

double ValueFor(const AdapterConfig::Pattern& pattern, const std::string& module,
                double otherwise) {
  for (const AdapterConfig::PatternEntry& entry : pattern) {
    if (entry.regex.FitsStartOf(module)) return entry.value;
  }
  return otherwise;
}

/// The pixel limit, in its own file or, as it was once, in PEFT's.
std::optional<int64_t> ReadImageMaxPixels(const std::filesystem::path& folder,
                                          const JsonObject& peft) {
  const std::filesystem::path path = folder / kOwnAdapterConfig;
  if (FileExists(path)) {
    return JsonObject(ReadJsonFile(path, kMaxFileBytes), path.string())
        .Find<int64_t>("image_max_pixels");
  }
  if (!peft.Has("roentgen")) return std::nullopt;
  return peft.Object("roentgen").Find<int64_t>("image_max_pixels");
}

}  // namespace

AdapterConfig AdapterConfig::Load(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "adapter_config.json";
  if (!FileExists(path)) {
    throw Error(folder.string() + ": no adapter_config.json here",
                "An adapter folder has adapter_config.json and adapter_model.safetensors");
  }
  const std::string text = ReadFile(path, kMaxFileBytes);
  const JsonObject json(ParseJson(text, path.string()), path.string());
  CheckIsPlainLora(json);

  // Parsed again with the order kept: Json sorts the keys.
  const auto ordered = ParseOrderedJson(text, path.string());
  AdapterConfig config;
  config.rank = CheckedRank(json, "r", json.Get<double>("r"));
  config.alpha = json.Get<double>("lora_alpha");
  config.dropout = json.GetOr("lora_dropout", 0.0);
  if (!(config.dropout >= 0 && config.dropout < 1)) {
    json.Fail("lora_dropout", fmt::format("{} is no share below 1", config.dropout));
  }
  config.use_rslora = json.GetOr("use_rslora", false);
  config.use_dora = json.GetOr("use_dora", false);
  config.rank_pattern = ReadPattern(json, ordered, "rank_pattern");
  config.alpha_pattern = ReadPattern(json, ordered, "alpha_pattern");
  for (const PatternEntry& entry : config.rank_pattern) {
    CheckedRank(json.Object("rank_pattern"), entry.key, entry.value);
  }
  config.modules_to_save = json.GetOr<std::vector<std::string>>("modules_to_save", {});
  config.targets = AdapterTargets(json);
  config.ensure_weight_tying = json.GetOr("ensure_weight_tying", false);
  config.image_max_pixels = ReadImageMaxPixels(folder, json);
  return config;
}

int AdapterConfig::RankOf(const std::string& module) const {
  return static_cast<int>(ValueFor(rank_pattern, module, rank));
}

double AdapterConfig::AlphaOf(const std::string& module) const {
  return ValueFor(alpha_pattern, module, alpha);
}

float AdapterConfig::ScaleOf(const std::string& module) const {
  const double r = RankOf(module);
  return static_cast<float>(AlphaOf(module) / (use_rslora ? std::sqrt(r) : r));
}

PythonRegex ModulePattern(const std::string& key) {
  [[maybe_unused]] const PythonRegex alone(key);  // so that an error tells the place in the key
  return PythonRegex("(.*\\.)?(" + key + ")$");
}

bool LiesInModule(const std::string& parameter, const std::vector<std::string>& modules) {
  const std::string name = NestedName(parameter);
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const std::string_view module = std::string_view(name).substr(0, dot);
    if (std::any_of(modules.begin(), modules.end(),
                    [&](const std::string& ending) { return module.ends_with(ending); })) {
      return true;
    }
  }
  return false;
}

}  // namespace roentgen
