#include "roentgen/training/trained_modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {
namespace {

bool ContainsAny(std::string_view name, const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(), [name](const std::string& part) {
    return name.find(part) != std::string_view::npos;
  });
}

/// Parts of names whose tensors stay as they are.
std::vector<std::string> FrozenParts(const TrainingArguments& arguments) {
  std::vector<std::string> parts;
  if (arguments.freeze_vision_tower)
    parts.insert(parts.end(), {"visual.patch_embed", "visual.blocks"});
  if (arguments.freeze_multi_modal_projector) parts.emplace_back("visual.merger");
  if (arguments.freeze_language_model) {
    parts.insert(parts.end(), {"model.layers", "model.embed_tokens", "model.norm", "lm_head"});
  }
  return parts;
}

/// "self_attn", "mlp", …: what stands behind the number of a layer in some tensor's name.
std::set<std::string> ModulesOfLayers(const ModelConfig& config) {
  std::set<std::string> modules;
  for (const TensorSpec& tensor : ExpectedTensors(config)) {
    const size_t layer = tensor.name.find(".0.");
    if (layer == std::string::npos) continue;
    const std::string rest = tensor.name.substr(layer + 3);
    modules.insert(rest.substr(0, rest.find('.')));
  }
  return modules;
}

std::vector<std::string> FreezePatterns(const TrainingArguments& arguments,
                                        const ModelConfig& config) {
  const auto layers = static_cast<int>(config.num_hidden_layers);
  const int wanted = arguments.freeze_trainable_layers;
  const int first = wanted > 0 ? std::max(0, layers - wanted) : 0;
  const int end = wanted > 0 ? layers : std::min(layers, -wanted);
  const std::set<std::string> known = ModulesOfLayers(config);
  std::vector<std::string> patterns = arguments.freeze_extra_modules;
  for (const std::string& module : arguments.freeze_trainable_modules) {
    if (module != "all" && !known.contains(module)) {
      std::string names;
      for (const std::string& each : known) names += " " + each;
      throw Error(fmt::format("freeze_trainable_modules: no layer has a module \"{}\"", module),
                  "There are:" + names);
    }
    for (int layer = first; layer < end; ++layer) {
      patterns.push_back(fmt::format(".{}.{}", layer, module == "all" ? "" : module));
    }
  }
  return patterns;
}

}  // namespace

NameFilter AdaptedLinears(const TrainingArguments& arguments) {
  std::vector<std::string> frozen = FrozenParts(arguments);
  const bool all = std::find(arguments.lora_target.begin(), arguments.lora_target.end(), "all") !=
                   arguments.lora_target.end();
  if (all) frozen.emplace_back("visual.merger");
  return [all, frozen, targets = arguments.lora_target](const std::string& name) {
    return !ContainsAny(name, frozen) && (all || ContainsAny(name, targets));
  };
}

NameFilter TrainedTensors(const TrainingArguments& arguments, const ModelConfig& config) {
  const std::vector<std::string> frozen = FrozenParts(arguments);
  if (arguments.finetuning_type == FinetuningType::kFull) {
    return [frozen](const std::string& name) { return !ContainsAny(name, frozen); };
  }
  return [frozen, patterns = FreezePatterns(arguments, config)](const std::string& name) {
    return ContainsAny(name, patterns) && !ContainsAny(name, frozen);
  };
}

size_t TrainedBytes(const ModelConfig& config, const NameFilter& trained) {
  constexpr size_t kBytesEach = 16;
  size_t bytes = 0;
  for (const TensorSpec& tensor : ExpectedTensors(config)) {
    if (!trained(tensor.name)) continue;
    size_t count = 1;
    for (const size_t size : tensor.shape) count *= size;
    bytes += kBytesEach * count;
  }
  return bytes;
}

}  // namespace roentgen
