#include "roentgen/training/other_settings_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string_view>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using Settings = std::span<const YamlSetting>;

const YamlSetting* Find(Settings settings, std::string_view key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const YamlSetting& setting) { return setting.key() == key; });
  return found == settings.end() || found->IsNull() ? nullptr : &*found;
}

bool HasAny(Settings settings, std::initializer_list<std::string_view> keys) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](std::string_view key) { return Find(settings, key) != nullptr; });
}

bool NamesAModel(Settings settings) {
  return HasAny(settings, {"model_name_or_path"});
}

bool IsRun(Settings settings) {
  return HasAny(settings, {"do_train", "do_eval", "do_predict", "dataset", "eval_dataset"});
}

/// The value as it stands in a command; a word for it where there is none.
std::string Word(Settings settings, std::string_view key, std::string_view otherwise) {
  const YamlSetting* setting = Find(settings, key);
  const bool text = setting != nullptr && setting->kind() == YamlSetting::Kind::kScalar;
  return text ? setting->Text() : std::string(otherwise);
}

/// "--model M --adapter A".
std::string ModelFlags(Settings settings) {
  std::string flags = "--model " + Word(settings, "model_name_or_path", "MODEL");
  if (const YamlSetting* adapters = Find(settings, "adapter_name_or_path")) {
    for (const std::string& adapter : adapters->List()) flags += " --adapter " + adapter;
  }
  return flags;
}

bool IsTokenList(Settings settings) {
  return !settings.empty() && std::all_of(settings.begin(), settings.end(),
                                          [](const auto& s) { return s.key().starts_with('<'); });
}

struct OtherFile {
  bool (*is)(Settings);
  std::string_view what;
  std::string (*hint)(Settings);
};

// In this order: the first that fits.
constexpr OtherFile kOthers[] = {
    {[](Settings s) {
       return !NamesAModel(s) && HasAny(s, {"compute_environment", "distributed_type"});
     },
     "it is a configuration of accelerate, which spreads a run over devices",
     [](Settings) {
       return std::string("It has no meaning here: give the YAML of the run itself.");
     }},
    {[](Settings s) {
       return !NamesAModel(s) &&
              HasAny(s, {"train_dataset", "peft_config", "kernel_config", "dist_config",
                         "quant_config", "init_config", "optim_config", "micro_batch_size",
                         "sample_backend", "model_class"});
     },
     "it is in the form of LLaMA-Factory's version 1 (model, train_dataset, peft_config), which is "
     "not read",
     [](Settings) {
       return std::string(
           "Write it in the form of version 0: model_name_or_path, dataset, finetuning_type, …");
     }},
    {[](Settings s) { return HasAny(s, {"task"}) && !IsRun(s); },
     "it is for llamafactory-cli eval, whose tasks are not there",
     [](Settings) { return std::string("Medical question sets are measured by: roentgen eval"); }},
    {[](Settings s) { return !IsRun(s) && HasAny(s, {"export_dir"}); },
     "it is for exporting a model (export_dir), not for a run",
     [](Settings s) {
       const std::string out = Word(s, "export_dir", "FOLDER");
       if (HasAny(s, {"export_quantization_bit"})) {
         return fmt::format("A model is quantised by: roentgen quantize {}{} --quant q4 --out {}",
                            ModelFlags(s), HasAny(s, {"adapter_name_or_path"}) ? " --merge" : "",
                            out);
       }
       if (!HasAny(s, {"adapter_name_or_path"})) {
         return std::string("Without an adapter there is nothing to merge: use the model itself.");
       }
       return fmt::format("An adapter is merged by: roentgen merge {} --out {}", ModelFlags(s),
                          out);
     }},
    {[](Settings s) {
       return !IsRun(s) && NamesAModel(s) && HasAny(s, {"infer_backend", "template"}) &&
              !HasAny(s, {"output_dir", "stage"});
     },
     "it is for a conversation (llamafactory-cli chat), not for a run",
     [](Settings s) {
       return fmt::format("Talk with the model by: roentgen chat {}", ModelFlags(s));
     }},
    {IsTokenList, "it describes special tokens (new_special_tokens_config), not a run",
     [](Settings) { return std::string("Give the YAML of the run itself."); }},
};

}  // namespace

void RefuseOtherFiles(const std::string& file, Settings settings) {
  for (const OtherFile& other : kOthers) {
    if (other.is(settings))
      throw Error(fmt::format("{}: {}", file, other.what), other.hint(settings));
  }
}

}  // namespace roentgen
