#include "roentgen/training/trained_modules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/adapter_config.h"
#include "roentgen/qwen2vl/names.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {
namespace {

bool ContainsAny(std::string_view name, const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(), [name](const std::string& part) {
    return name.find(part) != std::string_view::npos;
  });
}

/// A module's name under either naming.
bool NameContainsAny(const std::string& name, const std::vector<std::string>& parts) {
  return ContainsAny(name, parts) || ContainsAny(NestedName(name), parts);
}

bool IsNumber(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::vector<std::string> Components(const std::string& name) {
  std::vector<std::string> components;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t dot = std::min(name.find('.', begin), name.size());
    components.push_back(name.substr(begin, dot - begin));
    begin = dot + 1;
  }
  return components;
}

/// All tensors, with the vocabulary head where it is tied, too.
std::vector<TensorSpec> TensorsAndHead(const ModelConfig& config) {
  std::vector<TensorSpec> tensors = ExpectedTensors(config);
  if (config.tie_word_embeddings) {
    tensors.push_back({"lm_head.weight", {config.vocab_size, config.hidden_size}});
  }
  return tensors;
}

/// Published names of the linears that LoRA corrects.
std::vector<std::string> LinearNames(const ModelConfig& config) {
  constexpr std::string_view kWeight = ".weight";
  std::vector<std::string> names;
  for (const TensorSpec& tensor : ExpectedTensors(config)) {
    const bool table =
        tensor.name.starts_with("model.embed_tokens") || tensor.name == "lm_head.weight";
    if (tensor.shape.size() != 2 || table) continue;
    names.push_back(tensor.name.substr(0, tensor.name.size() - kWeight.size()));
  }
  return names;
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

/// "embed_tokens", "norm", "ln_q", …: modules outside of layers and blocks that have tensors.
std::set<std::string> ModulesOutsideLayers(const ModelConfig& config) {
  std::set<std::string> modules;
  for (const TensorSpec& tensor : ExpectedTensors(config)) {
    const std::vector<std::string> components = Components(tensor.name);
    if (std::none_of(components.begin(), components.end(), IsNumber)) {
      modules.insert(components[components.size() - 2]);
    }
  }
  return modules;
}

void RequireModule(const char* key, const std::string& module, const std::set<std::string>& known,
                   const char* place) {
  if (known.contains(module)) return;
  throw Error(fmt::format("{}: {} has a module \"{}\"", key, place, module),
              fmt::format("There are: {}", fmt::join(known, ", ")));
}

std::vector<std::string> FreezePatterns(const TrainingArguments& arguments,
                                        const ModelConfig& config) {
  const auto layers = static_cast<int>(config.num_hidden_layers);
  const int wanted = arguments.freeze_trainable_layers;
  const int first = wanted > 0 ? std::max(0, layers - wanted) : 0;
  const int end = wanted > 0 ? layers : std::min(layers, -wanted);
  const std::set<std::string> known = ModulesOfLayers(config);
  std::vector<std::string> patterns = arguments.freeze_extra_modules;
  for (const std::string& module : arguments.freeze_extra_modules) {
    RequireModule("freeze_extra_modules", module, ModulesOutsideLayers(config),
                  "nothing outside of the layers");
  }
  if (!arguments.freeze_multi_modal_projector) patterns.emplace_back("visual.merger");
  for (const std::string& module : arguments.freeze_trainable_modules) {
    if (module != "all") {
      RequireModule("freeze_trainable_modules", module, known, "no layer");
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
  const bool all = arguments.lora_target == std::vector<std::string>{"all"};
  if (all) frozen.emplace_back("visual.merger");
  return [all, frozen, targets = arguments.lora_target,
          whole = arguments.additional_target](const std::string& name) {
    return !ContainsAny(name, frozen) && (all || NameContainsAny(name, targets)) &&
           !LiesInModule(name + ".weight", whole);
  };
}

std::vector<std::string> RequireLoraTargets(const TrainingArguments& arguments,
                                            const ModelConfig& config) {
  if (arguments.lora_target == std::vector<std::string>{"all"}) return {};
  const std::vector<std::string> frozen = FrozenParts(arguments);
  const std::vector<std::string> linears = LinearNames(config);
  std::vector<std::string> only_frozen;
  for (const std::string& target : arguments.lora_target) {
    size_t fitting = 0;
    size_t trained = 0;
    std::set<std::string> known;
    for (const std::string& name : linears) {
      const std::string ending = Components(name).back();
      known.insert(IsNumber(ending) ? "mlp." + ending : ending);
      if (!NameContainsAny(name, {target})) continue;
      ++fitting;
      trained += ContainsAny(name, frozen) ? 0 : 1;
    }
    if (fitting == 0) {
      throw Error(
          fmt::format("lora_target: {} fits none of the linears that LoRA corrects", target),
          target == "all"
              ? "all stands alone: every linear of the parts that are not frozen"
              : fmt::format("There are: {}; a module of another kind is trained whole as "
                            "additional_target",
                            fmt::join(known, ", ")));
    }
    if (trained == 0) only_frozen.push_back(target);
  }
  return only_frozen;
}

NameFilter WholeTensors(const TrainingArguments& arguments, const ModelConfig& config) {
  const std::vector<std::string>& targets = arguments.additional_target;
  const std::vector<TensorSpec> tensors = TensorsAndHead(config);
  for (const std::string& target : targets) {
    if (!target.empty() &&
        std::any_of(tensors.begin(), tensors.end(), [&](const TensorSpec& tensor) {
          return LiesInModule(tensor.name, {target});
        })) {
      continue;
    }
    std::set<std::string> known;
    for (const TensorSpec& tensor : tensors) {
      std::vector<std::string> components = Components(tensor.name);
      components.pop_back();
      for (const std::string& component : components) {
        if (!IsNumber(component)) known.insert(component);
      }
    }
    throw Error(fmt::format("additional_target: no module's name ends with \"{}\"", target),
                fmt::format("There are: {}", fmt::join(known, ", ")));
  }
  if (arguments.quantization != Quantization::kNone) {
    for (const std::string& name : LinearNames(config)) {
      if (!LiesInModule(name + ".weight", targets)) continue;
      throw Error(
          fmt::format("additional_target: {} is quantised and cannot be trained whole", name),
          "Leave quantization_bit away, or name modules that are not quantised: embed_tokens, "
          "lm_head, norms.");
    }
  }
  return [targets](const std::string& name) { return LiesInModule(name, targets); };
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
