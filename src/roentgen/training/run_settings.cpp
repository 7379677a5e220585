#include "roentgen/training/run_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/qwen2vl/fingerprint.h"

namespace roentgen {
namespace {

constexpr const char* kBase = "model_name_or_path";
constexpr const char* kName = "name";
constexpr const char* kHash = "sha256";

const char* NameOf(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::kLinear:
      return "linear";
    case ScheduleKind::kCosine:
      return "cosine";
    case ScheduleKind::kConstant:
      return "constant";
    case ScheduleKind::kConstantWithWarmup:
      break;
  }
  return "constant_with_warmup";
}

Json PatternJson(const std::vector<std::pair<std::string, double>>& pattern) {
  Json json = Json::object();
  for (const auto& [key, value] : pattern) json[key] = value;
  return json;
}

/// Which tensors full or freeze tuning changes: too many to be named.
std::string TensorsOf(const TrainedParameters& parameters) {
  std::string names;
  for (const TrainedTensor& tensor : parameters.tensors()) names += tensor.name + "\n";
  return fmt::format("{} (hash {:016x})", parameters.tensors().size(), Fnv1a64(names));
}

std::string TextOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (!value.is_array()) return value.dump();
  return fmt::format("{}", fmt::join(value.get<std::vector<std::string>>(), ","));
}

/// A base under another name is the same one if its weights are.
std::string BaseDifference(const Json& before, const Json& now) {
  if (before.at(kHash) == now.at(kHash)) return "";
  if (before.at(kName) == now.at(kName)) {
    return fmt::format("{}: {} has other weights now", kBase, TextOf(now.at(kName)));
  }
  return fmt::format("{}: {} → {}", kBase, TextOf(before.at(kName)), TextOf(now.at(kName)));
}

}  // namespace

const char* NameOf(FinetuningType type) {
  switch (type) {
    case FinetuningType::kLora:
      return "lora";
    case FinetuningType::kFreeze:
      return "freeze";
    case FinetuningType::kFull:
      break;
  }
  return "full";
}

Json SettingsOfWeights(const PreparedRun& run, ThreadPool& pool, const Progress& progress) {
  const TrainingArguments& arguments = run.arguments();
  Json settings = {{kBase,
                    {{kName, arguments.model_name_or_path},
                     {kHash, FingerprintOfTensors(*run.model().base, pool, progress)}}},
                   {"finetuning_type", NameOf(arguments.finetuning_type)}};
  const bool quantized = arguments.quantization != Quantization::kNone;
  settings["quantization_bit"] = quantized ? "4" : "none";
  if (quantized) settings["double_quantization"] = arguments.double_quantization;
  if (!run.adapter()) {
    settings["trained tensors"] = TensorsOf(run.parameters());
    return settings;
  }
  const AdapterDescription& adapter = *run.adapter();
  settings["lora_rank"] = adapter.rank;
  settings["lora_alpha"] = adapter.alpha;
  settings["rank_pattern"] = PatternJson(adapter.rank_pattern);
  settings["alpha_pattern"] = PatternJson(adapter.alpha_pattern);
  settings["use_rslora"] = adapter.use_rslora;
  settings["use_dora"] = adapter.use_dora;
  settings["lora_target"] = TargetModules(adapter);
  settings["additional_target"] = adapter.modules_to_save;
  return settings;
}

Json SettingsOfSteps(const TrainingArguments& a) {
  return {{"learning_rate", a.learning_rate},
          {"per_device_train_batch_size", a.steps.per_device_train_batch_size},
          {"gradient_accumulation_steps", a.steps.gradient_accumulation_steps},
          {"average_tokens_across_step", a.normalisation == LossNormalisation::kNumItemsInBatch},
          {"seed", a.seed},
          {"data_seed", a.data_seed.value_or(a.seed)},
          {"disable_shuffling", a.disable_shuffling},
          {"group_by_image", a.group_by_image},
          {"lr_scheduler_type", NameOf(a.lr_scheduler_type)},
          {"warmup", a.warmup},
          {"weight_decay", a.adam.weight_decay},
          {"adam_beta1", a.adam.beta1},
          {"adam_beta2", a.adam.beta2},
          {"adam_epsilon", a.adam.epsilon},
          {"max_grad_norm", a.max_grad_norm},
          {"loraplus_lr_ratio", a.loraplus_lr_ratio},
          {"lora_dropout", a.lora_dropout},
          {"neftune_noise_alpha", a.neftune_noise_alpha}};
}

std::vector<std::string> Differences(const Json& before, const Json& now) {
  std::vector<std::string> differences;
  for (const auto& [key, value] : now.items()) {
    const auto old = before.find(key);
    if (old == before.end() || *old == value) continue;
    const std::string difference =
        key == kBase ? BaseDifference(*old, value)
                     : fmt::format("{}: {} → {}", key, TextOf(*old), TextOf(value));
    if (!difference.empty()) differences.push_back(difference);
  }
  return differences;
}

Json ToJson(const std::vector<RunPart>& parts) {
  Json json = Json::array();
  for (const RunPart& part : parts) {
    json.push_back({{"begin", part.begin}, {"settings", part.settings}});
  }
  return json;
}

std::vector<RunPart> RunPartsOf(const Json& json, const std::string& where) {
  if (!json.is_array() || json.empty()) throw Error(where + ": expected a list of parts");
  std::vector<RunPart> parts;
  for (const Json& part : json) {
    const JsonObject object(part, where);
    parts.push_back({object.Get<size_t>("begin"), object.Object("settings").json()});
  }
  return parts;
}

}  // namespace roentgen
