#include "roentgen/training/adapter_files.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
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

nlohmann::ordered_json ConfigJson(const AdapterDescription& adapter) {
  nlohmann::ordered_json config = {{"alpha_pattern", Json::object()},
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
                                   {"lora_alpha", adapter.alpha},
                                   {"lora_dropout", adapter.dropout},
                                   {"megatron_config", nullptr},
                                   {"megatron_core", "megatron.core"},
                                   {"modules_to_save", nullptr},
                                   {"peft_type", "LORA"},
                                   {"r", adapter.rank},
                                   {"rank_pattern", Json::object()},
                                   {"revision", nullptr},
                                   {"target_modules", TargetModules(adapter)},
                                   {"task_type", "CAUSAL_LM"},
                                   {"use_dora", adapter.use_dora},
                                   {"use_rslora", adapter.use_rslora}};
  if (adapter.alpha == static_cast<double>(static_cast<int64_t>(adapter.alpha))) {
    config["lora_alpha"] = static_cast<int64_t>(adapter.alpha);
  }
  if (adapter.image_max_pixels) {
    config["roentgen"] = {{"image_max_pixels", *adapter.image_max_pixels}};
  }
  return config;
}

}  // namespace

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
  if (tensors.size() != parts * adapter.adapted.size()) {
    throw ShapeError("an adapter's tensors are not those of its modules");
  }
  SaveSafetensors(folder / "adapter_model.safetensors", tensors, {{"format", "pt"}});
  WriteFileAtomically(folder / "adapter_config.json", ConfigJson(adapter).dump(2));
}

}  // namespace roentgen
