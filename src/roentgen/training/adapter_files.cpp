#include "roentgen/training/adapter_files.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "roentgen/qwen2vl/names.h"

namespace roentgen {
namespace {

/// From so many names on PEFT shortens them (MIN_TARGET_MODULES_FOR_OPTIMIZATION).
constexpr size_t kShortenFrom = 20;

bool Fits(std::string_view module, std::string_view ending) {
  return module.ends_with(ending) &&
         (module.size() == ending.size() || module[module.size() - ending.size() - 1] == '.');
}

/// The shortest ending of the name, in whole parts, that fits none of the others.
std::string ShortestEnding(const std::string& name, const std::vector<std::string>& others) {
  for (size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0;
       dot = name.rfind('.', dot - 1)) {
    std::string ending = name.substr(dot + 1);
    if (std::none_of(others.begin(), others.end(),
                     [&](const std::string& other) { return Fits(other, ending); })) {
      return ending;
    }
  }
  return name;
}

std::vector<std::string> Nested(const std::vector<std::string>& published) {
  std::vector<std::string> nested;
  for (const std::string& name : published) nested.push_back(NestedName(name));
  return nested;
}

/// What the names lie in: "a" and "a.b" for "a.b.c".
std::set<std::string> Containers(const std::vector<std::string>& names) {
  std::set<std::string> containers;
  for (const std::string& name : names) {
    for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
      containers.insert(name.substr(0, dot));
    }
  }
  return containers;
}

using OrderedJson = nlohmann::ordered_json;

/// Whole numbers as such: PEFT asks for them.
OrderedJson Number(double value) {
  const auto whole = static_cast<int64_t>(value);
  if (value == static_cast<double>(whole)) return whole;
  return value;
}

OrderedJson PatternJson(const std::vector<std::pair<std::string, double>>& pattern) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [key, value] : pattern) json[key] = Number(value);
  return json;
}

using KeysAndValues = std::vector<std::pair<std::string, double>>;

KeysAndValues WithoutRegex(const AdapterConfig::Pattern& pattern) {
  KeysAndValues plain;
  for (const AdapterConfig::PatternEntry& entry : pattern)
    plain.emplace_back(entry.key, entry.value);
  return plain;
}

/// Only keys that PEFT 0.12 knows: its older versions fail on any other.
nlohmann::ordered_json ConfigJson(const AdapterDescription& adapter) {
  nlohmann::ordered_json config = {{"alpha_pattern", PatternJson(adapter.alpha_pattern)},
                                   {"auto_mapping", nullptr},
                                   {"base_model_name_or_path", adapter.base_model},
                                   {"bias", "none"},
                                   {"fan_in_fan_out", false},
                                   {"inference_mode", true},
                                   {"init_lora_weights", true},
                                   {"layer_replication", nullptr},
                                   {"layers_pattern", nullptr},
                                   {"layers_to_transform", nullptr},
                                   {"loftq_config", Json::object()},
                                   {"lora_alpha", Number(adapter.alpha)},
                                   {"lora_dropout", adapter.dropout},
                                   {"megatron_config", nullptr},
                                   {"megatron_core", "megatron.core"},
                                   {"modules_to_save", nullptr},
                                   {"peft_type", "LORA"},
                                   {"r", adapter.rank},
                                   {"rank_pattern", PatternJson(adapter.rank_pattern)},
                                   {"revision", nullptr},
                                   {"target_modules", TargetModules(adapter)},
                                   {"task_type", "CAUSAL_LM"},
                                   {"use_dora", adapter.use_dora},
                                   {"use_rslora", adapter.use_rslora}};
  if (!adapter.modules_to_save.empty()) config["modules_to_save"] = adapter.modules_to_save;
  return config;
}

}  // namespace

void SetPatterns(const AdapterContent& trained_on, AdapterDescription& adapter) {
  const AdapterConfig& config = trained_on.config;
  KeysAndValues ranks;
  KeysAndValues alphas;
  bool kept = true;
  for (const auto& [published, name] : trained_on.names_in_file) {
    const std::string written = NestedName(published);
    const int rank = config.RankOf(name);
    const double alpha = config.AlphaOf(name);
    kept = kept && rank == config.RankOf(written) && alpha == config.AlphaOf(written);
    if (rank != config.rank) ranks.emplace_back(written, rank);
    if (alpha != config.alpha) alphas.emplace_back(written, alpha);
  }
  adapter.rank_pattern = kept ? WithoutRegex(config.rank_pattern) : ranks;
  adapter.alpha_pattern = kept ? WithoutRegex(config.alpha_pattern) : alphas;
}

std::string WholeTensorName(const std::string& parameter) {
  return "base_model.model." + NestedName(parameter);
}

std::string AdapterTensorName(const std::string& module, AdapterPart part) {
  const std::string name = "base_model.model." + NestedName(module);
  switch (part) {
    case AdapterPart::kLoraA:
      return name + ".lora_A.weight";
    case AdapterPart::kLoraB:
      return name + ".lora_B.weight";
    case AdapterPart::kMagnitude:
      break;
  }
  return name + ".lora_magnitude_vector";
}

std::vector<std::string> TargetModules(const AdapterDescription& adapter) {
  std::vector<std::string> names = Nested(adapter.adapted);
  if (names.size() < kShortenFrom) return names;
  // A container is a module, too: "0" would fit visual.blocks.0 beside merger.mlp.0.
  std::vector<std::string> others = Nested(adapter.others);
  const std::set<std::string> containers = Containers(names);
  others.insert(others.end(), containers.begin(), containers.end());
  std::vector<std::string> endings;
  for (const std::string& name : names) {
    const std::string ending = ShortestEnding(name, others);
    if (std::find(endings.begin(), endings.end(), ending) == endings.end()) {
      endings.push_back(ending);
    }
  }
  return endings;
}

void SaveAdapter(const std::filesystem::path& folder, const AdapterDescription& adapter,
                 const std::vector<std::pair<std::string, TensorView>>& tensors) {
  const size_t parts = adapter.use_dora ? 3 : 2;
  const auto of_linears = std::count_if(tensors.begin(), tensors.end(), [](const auto& tensor) {
    return tensor.first.find(".lora_") != std::string::npos;
  });
  if (static_cast<size_t>(of_linears) != parts * adapter.adapted.size()) {
    throw ShapeError("an adapter's tensors are not those of its modules");
  }
  SaveSafetensors(folder / "adapter_model.safetensors", tensors, {{"format", "pt"}});
  WriteFile(folder / "adapter_config.json", ConfigJson(adapter).dump(2));
  const std::filesystem::path own = folder / kOwnAdapterConfig;
  if (adapter.image_max_pixels) {
    WriteFile(own, Json{{"image_max_pixels", *adapter.image_max_pixels}}.dump(2) + "\n");
  } else {
    std::error_code ignored;
    std::filesystem::remove(own, ignored);  // an older one would be believed
  }
}

}  // namespace roentgen
