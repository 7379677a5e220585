#include "roentgen/qwen2vl/adapter_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {

constexpr size_t kMaxFileBytes = size_t{4} << 20;
constexpr int kMaxRank = 1 << 16;

// What makes an adapter more than W + scale · B A. Each must be absent, null, false or empty.
constexpr std::array kUnsupportedKeys{"use_qalora",
                                      "lora_bias",
                                      "fan_in_fan_out",
                                      "modules_to_save",
                                      "trainable_token_indices",
                                      "target_parameters",
                                      "layer_replication",
                                      "alora_invocation_tokens",
                                      "use_bdlora",
                                      "arrow_config",
                                      "kasa_config",
                                      "monteclora_config",
                                      "velora_config"};

// Ways to start the training that leave the base weights alone. PiSSA, OLoRA and their kin change
// them, so such an adapter is wrong on the published base.
constexpr std::array<std::string_view, 3> kHarmlessInits{"gaussian", "orthogonal", "eva"};

bool IsNeutral(const Json& value) {
  return value.is_null() || value == false || (value.is_structured() && value.empty());
}

void CheckIsPlainLora(const JsonObject& json) {
  const auto type = json.Get<std::string>("peft_type");
  if (type != "LORA") json.Fail("peft_type", type + " is not supported, only LORA is");
  const std::string bias = json.GetOr<std::string>("bias", "none");
  if (bias != "none") json.Fail("bias", bias + " is not supported, only none is");
  for (const char* key : kUnsupportedKeys) {
    if (json.Has(key) && !IsNeutral(json.json().at(key))) {
      json.Fail(key, "not supported, only plain LoRA is",
                "Merge the adapter into its base model with PEFT and load the result");
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

/// PEFT takes the keys as regular expressions that fit a module's name or its end; what it and
/// others write are plain names, and only those are taken here.
AdapterConfig::Pattern ReadPattern(const JsonObject& json, const nlohmann::ordered_json& ordered,
                                   const std::string& key) {
  AdapterConfig::Pattern pattern;
  if (!json.Has(key)) return pattern;
  const JsonObject values = json.Object(key);
  for (const auto& item : ordered.at(key).items()) {
    const std::string& name = item.key();
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '.';
    });
    if (!plain) values.Fail(name, "only module names are supported, no regular expressions");
    pattern.emplace_back(name, values.Get<double>(name));
  }
  return pattern;
}

double ValueFor(const AdapterConfig::Pattern& pattern, const std::string& module,
                double otherwise) {
  for (const auto& [name, value] : pattern) {
    if (module == name || module.ends_with("." + name)) return value;
  }
  return otherwise;
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
  const auto ordered = nlohmann::ordered_json::parse(text);
  AdapterConfig config;
  config.rank = CheckedRank(json, "r", json.Get<double>("r"));
  config.alpha = json.Get<double>("lora_alpha");
  config.use_rslora = json.GetOr("use_rslora", false);
  config.use_dora = json.GetOr("use_dora", false);
  config.rank_pattern = ReadPattern(json, ordered, "rank_pattern");
  config.alpha_pattern = ReadPattern(json, ordered, "alpha_pattern");
  for (const auto& [name, rank] : config.rank_pattern) {
    CheckedRank(json.Object("rank_pattern"), name, rank);
  }
  if (json.Has("roentgen")) {
    config.image_max_pixels = json.Object("roentgen").Find<int64_t>("image_max_pixels");
  }
  return config;
}

int AdapterConfig::RankOf(const std::string& module) const {
  return static_cast<int>(ValueFor(rank_pattern, module, rank));
}

float AdapterConfig::ScaleOf(const std::string& module) const {
  const double r = RankOf(module);
  return static_cast<float>(ValueFor(alpha_pattern, module, alpha) /
                            (use_rslora ? std::sqrt(r) : r));
}

}  // namespace roentgen
