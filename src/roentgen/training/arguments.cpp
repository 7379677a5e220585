#include "roentgen/training/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/yaml.h"
#include "roentgen/training/argument_names.h"
#include "roentgen/training/other_settings_files.h"

namespace roentgen {
namespace {

constexpr double kAnyNumber = std::numeric_limits<double>::max();
constexpr int64_t kAnyCount = int64_t{1} << 48;

using Arguments = TrainingArguments;
using Setter = std::function<void(const YamlSetting&, Arguments&)>;
using KeyTable = std::map<std::string, Setter>;

// Each makes the setter of a key whose place in the arguments `at` tells.

template <class Place>
Setter Flag(Place at) {
  return [at](const YamlSetting& given, Arguments& a) { at(a) = given.Bool(); };
}

template <class Place>
Setter Count(Place at, int64_t least = 0, int64_t most = kAnyCount) {
  return [=](const YamlSetting& given, Arguments& a) {
    using T = std::remove_reference_t<decltype(at(a))>;
    at(a) = static_cast<T>(given.Integer(least, most));
  };
}

template <class Place>
Setter Number(Place at, double least = 0, double most = kAnyNumber) {
  return [=](const YamlSetting& given, Arguments& a) { at(a) = given.Number(least, most); };
}

template <class Place>
Setter Text(Place at) {
  return [at](const YamlSetting& given, Arguments& a) { at(a) = given.Text(); };
}

template <class Place>
Setter List(Place at) {
  return [at](const YamlSetting& given, Arguments& a) { at(a) = given.List(); };
}

template <class T, class Place>
Setter Choice(Place at, std::vector<std::pair<std::string, T>> choices) {
  return [at, choices = std::move(choices)](const YamlSetting& given, Arguments& a) {
    const std::string word = given.Text();
    std::string known;
    for (const auto& [name, value] : choices) {
      if (word == name) {
        at(a) = value;
        return;
      }
      known += (known.empty() ? "" : ", ") + name;
    }
    given.Fail(fmt::format("\"{}\" is not supported", word), "There are: " + known);
  };
}

#define AT(place) ([](Arguments & a) -> auto& { return a.place; })

void AddModelKeys(KeyTable& keys) {
  keys["model_name_or_path"] = Text(AT(model_name_or_path));
  keys["model_revision"] = Text(AT(hub.revision));
  keys["cache_dir"] = Text(AT(hub.cache));
  keys["adapter_name_or_path"] = List(AT(adapter_name_or_path));
  keys["finetuning_type"] =
      Choice<FinetuningType>(AT(finetuning_type), {{"lora", FinetuningType::kLora},
                                                   {"freeze", FinetuningType::kFreeze},
                                                   {"full", FinetuningType::kFull}});
  keys["lora_rank"] = Count(AT(lora_rank), 1, 1 << 16);
  keys["lora_alpha"] = Number(AT(lora_alpha));
  keys["lora_dropout"] = Number(AT(lora_dropout), 0, 0.999);
  keys["lora_target"] = List(AT(lora_target));
  keys["additional_target"] = List(AT(additional_target));
  keys["use_rslora"] = Flag(AT(use_rslora));
  keys["use_dora"] = Flag(AT(use_dora));
  keys["loraplus_lr_ratio"] = Number(AT(loraplus_lr_ratio), 1e-6);
  keys["freeze_trainable_layers"] = Count(AT(freeze_trainable_layers), -1000, 1000);
  keys["freeze_trainable_modules"] = List(AT(freeze_trainable_modules));
  keys["freeze_extra_modules"] = List(AT(freeze_extra_modules));
  keys["freeze_vision_tower"] = Flag(AT(freeze_vision_tower));
  keys["freeze_multi_modal_projector"] = Flag(AT(freeze_multi_modal_projector));
  keys["freeze_language_model"] = Flag(AT(freeze_language_model));
  keys["quantization_bit"] = [](const YamlSetting& given, Arguments& a) {
    if (given.Integer(2, 8) != 4) given.Fail("only 4 bits are supported");
    a.quantization = Quantization::kNf4;
  };
  keys["double_quantization"] = Flag(AT(double_quantization));
  keys["disable_gradient_checkpointing"] = Flag(AT(disable_gradient_checkpointing));
}

void AddDataKeys(KeyTable& keys) {
  keys["dataset"] = List(AT(dataset));
  keys["eval_dataset"] = List(AT(eval_dataset));
  keys["dataset_dir"] = Text(AT(dataset_dir));
  keys["media_dir"] = Text(AT(media_dir));
  keys["allow_outside"] = Flag(AT(allow_outside));
  keys["val_size"] = Number(AT(val_size));
  keys["max_samples"] = Count(AT(max_samples), 1);
  keys["cutoff_len"] = Count(AT(encoding.cutoff_len), 2, 1 << 24);
  keys["default_system"] = Text(AT(encoding.default_system));
  keys["mask_history"] = Flag(AT(encoding.mask_history));
  keys["train_on_prompt"] = Flag(AT(encoding.train_on_prompt));
  keys["packing"] = Flag(AT(packing));
  keys["neat_packing"] = Flag(AT(neat_packing));
  keys["image_max_pixels"] = Count(AT(image_limits.image_max_pixels), 1);
  keys["image_min_pixels"] = Count(AT(image_limits.image_min_pixels), 1);
  keys["apply_exif"] = Flag(AT(apply_exif));
  keys["group_by_image"] = Flag(AT(group_by_image));
  keys["disable_shuffling"] = Flag(AT(disable_shuffling));
}

void AddRunKeys(KeyTable& keys) {
  keys["do_train"] = Flag(AT(do_train));
  keys["do_eval"] = Flag(AT(do_eval));
  keys["do_predict"] = Flag(AT(do_predict));
  keys["predict_with_generate"] = Flag(AT(predict_with_generate));
  keys["per_device_train_batch_size"] = Count(AT(steps.per_device_train_batch_size), 1, 1 << 20);
  keys["per_device_eval_batch_size"] = Count(AT(per_device_eval_batch_size), 1, 1 << 20);
  keys["gradient_accumulation_steps"] = Count(AT(steps.gradient_accumulation_steps), 1, 1 << 20);
  keys["num_train_epochs"] = Number(AT(steps.num_train_epochs), 1e-9, 1e6);
  keys["max_steps"] = [](const YamlSetting& given, Arguments& a) {
    a.steps.max_steps = static_cast<size_t>(std::max<int64_t>(0, given.Integer(-1, 1 << 30)));
  };
  keys["learning_rate"] = Number(AT(learning_rate));
  // Both are one argument, and are set at the end: see SetWarmup.
  keys["warmup_steps"] = [](const YamlSetting& given, Arguments&) { given.Number(0, 1e9); };
  keys["warmup_ratio"] = [](const YamlSetting& given, Arguments&) { given.Number(0, 1); };
  keys["lr_scheduler_type"] = Choice<ScheduleKind>(
      AT(lr_scheduler_type), {{"linear", ScheduleKind::kLinear},
                              {"cosine", ScheduleKind::kCosine},
                              {"constant", ScheduleKind::kConstant},
                              {"constant_with_warmup", ScheduleKind::kConstantWithWarmup}});
  keys["weight_decay"] = Number(AT(adam.weight_decay));
  keys["adam_beta1"] = Number(AT(adam.beta1), 0, 0.999999999);
  keys["adam_beta2"] = Number(AT(adam.beta2), 0, 0.999999999);
  keys["adam_epsilon"] = Number(AT(adam.epsilon), 1e-30);
  keys["max_grad_norm"] = Number(AT(max_grad_norm));
  keys["neftune_noise_alpha"] = Number(AT(neftune_noise_alpha));
  keys["average_tokens_across_step"] = [](const YamlSetting& given, Arguments& a) {
    a.normalisation =
        given.Bool() ? LossNormalisation::kNumItemsInBatch : LossNormalisation::kMicroBatchMean;
  };
  keys["seed"] = Count(AT(seed), 0, INT64_MAX);
  keys["data_seed"] = [](const YamlSetting& given, Arguments& a) {
    a.data_seed = static_cast<uint64_t>(given.Integer(0, INT64_MAX));
  };
}

void AddOutputKeys(KeyTable& keys) {
  const std::vector<std::pair<std::string, Interval>> intervals = {
      {"no", Interval::kNo}, {"steps", Interval::kSteps}, {"epoch", Interval::kEpoch}};
  keys["output_dir"] = Text(AT(output_dir));
  keys["overwrite_output_dir"] = Flag(AT(overwrite_output_dir));
  keys["resume_from_checkpoint"] = [](const YamlSetting& given, Arguments& a) {
    const std::string text = given.Text();
    if (text == "true" || text == "True") {
      a.resume = ResumeFrom::kLast;
    } else if (text == "false" || text == "False") {
      a.resume = ResumeFrom::kNever;
    } else {
      a.resume = ResumeFrom::kNamed;
      a.resume_from_checkpoint = text;
    }
  };
  keys["logging_strategy"] = Choice<Interval>(AT(logging_strategy), intervals);
  keys["logging_first_step"] = Flag(AT(logging_first_step));
  keys["logging_steps"] = Number(AT(logging_steps), 1e-6);
  keys["save_strategy"] = Choice<Interval>(AT(save_strategy), intervals);
  keys["save_steps"] = Number(AT(save_steps), 1e-6);
  keys["save_total_limit"] = [](const YamlSetting& given, Arguments& a) {
    a.save_total_limit =
        static_cast<size_t>(std::max<int64_t>(0, given.Integer(-kAnyCount, kAnyCount)));
  };
  keys["save_only_model"] = Flag(AT(save_only_model));
  keys["eval_strategy"] = Choice<Interval>(AT(eval_strategy), intervals);
  keys["evaluation_strategy"] = keys["eval_strategy"];  // its name before Transformers 4.46
  keys["eval_steps"] = Number(AT(eval_steps), 1e-6);
  keys["load_best_model_at_end"] = Flag(AT(load_best_model_at_end));
  keys["early_stopping_steps"] = Count(AT(early_stopping_steps), 1);
  keys["plot_loss"] = Flag(AT(plot_loss));
  keys["max_new_tokens"] = Count(AT(max_new_tokens), 1, 1 << 24);
  keys["do_sample"] = Flag(AT(do_sample));
  keys["temperature"] = Number(AT(temperature));
  keys["top_p"] = Number(AT(top_p), 0, 1);
  keys["top_k"] = Count(AT(top_k));
  keys["repetition_penalty"] = Number(AT(repetition_penalty), 1e-3);
}

#undef AT

/// Every key that sets something.
const KeyTable& Keys() {
  static const KeyTable kKeys = [] {
    KeyTable keys;
    AddModelKeys(keys);
    AddDataKeys(keys);
    AddRunKeys(keys);
    AddOutputKeys(keys);
    return keys;
  }();
  return kKeys;
}

[[noreturn]] void FailUnknown(const YamlSetting& setting) {
  std::vector<std::string> names = UnusedSettingNames();
  for (const auto& [name, ignored] : Keys()) names.push_back(name);
  const std::optional<std::string> nearest = NearestName(setting.key(), names);
  setting.Fail("no such setting", nearest ? fmt::format("Did you mean {}?", *nearest) : "");
}

void Take(const YamlSetting& setting, ParsedArguments& parsed) {
  if (const auto key = Keys().find(setting.key()); key != Keys().end()) {
    if (!setting.IsNull()) key->second(setting, parsed.arguments);
    return;
  }
  const UnusedSetting* unused = FindUnusedSetting(setting.key());
  if (unused == nullptr) FailUnknown(setting);
  RequireAccepted(*unused, setting);
  if (unused->kind == UnusedSetting::Kind::kWithoutMeaning) {
    parsed.without_meaning.push_back(setting.key());
  }
}

/// One error for all that is wrong with a file, a line for each.
[[noreturn]] void FailTogether(const std::string& file, const std::vector<Error>& errors) {
  if (errors.size() == 1) throw errors.front();
  std::string message = fmt::format("{}: {} settings cannot be used:", file, errors.size());
  for (const Error& error : errors) {
    std::string line = error.what();
    if (line.starts_with(file + ": ")) line.erase(0, file.size() + 2);
    message += "\n  " + line;
    if (!error.hint().empty()) message += fmt::format(" ({})", error.hint());
  }
  throw Error(message);
}

/// warmup_steps counts where it is above 0, as in Transformers.
void SetWarmup(std::span<const YamlSetting> settings, Arguments& arguments) {
  double steps = 0;
  double ratio = 0;
  for (const YamlSetting& setting : settings) {
    if (setting.IsNull()) continue;
    if (setting.key() == "warmup_steps") steps = setting.Number(0, 1e9);
    if (setting.key() == "warmup_ratio") ratio = setting.Number(0, 1);
  }
  if (ratio == 1) ratio = std::nextafter(1.0, 0.0);  // all of them, not one
  arguments.warmup = steps > 0 ? steps : ratio;
}

/// What is wrong with settings that do not go together.
class Contradictions {
 public:
  Contradictions(std::string where, std::span<const YamlSetting> settings)
      : where_(std::move(where)), settings_(settings) {}

  void Check(const Arguments& a) const {
    if (a.model_name_or_path.empty()) Fail("model_name_or_path", "missing");
    if (a.do_train && a.dataset.empty()) Fail("dataset", "missing: nothing to train on");
    const bool writes = a.do_train || a.do_eval || a.do_predict;
    if (writes && a.output_dir.empty()) Fail("output_dir", "missing");
    CheckMethod(a);
    CheckData(a);
    CheckEvaluation(a);
    CheckPrediction(a);
  }

 private:
  void CheckMethod(const Arguments& a) const {
    const bool lora = a.finetuning_type == FinetuningType::kLora;
    if (a.quantization != Quantization::kNone && !lora) {
      Fail("quantization_bit", "only LoRA trains on quantised weights");
    }
    if (!a.adapter_name_or_path.empty() && !lora) {
      Fail("adapter_name_or_path", "only goes with finetuning_type: lora");
    }
    if (!a.additional_target.empty() && !lora) {
      Fail("additional_target", "only goes with finetuning_type: lora",
           "With freeze, freeze_extra_modules names modules outside of the layers.");
    }
    if (a.adapter_name_or_path.size() > 1 && a.do_train) {
      Fail("adapter_name_or_path", "one adapter can be continued; merge the others first");
    }
    if (a.finetuning_type == FinetuningType::kFreeze && a.freeze_trainable_layers == 0) {
      Fail("freeze_trainable_layers", "0 leaves nothing to train");
    }
  }

  void CheckData(const Arguments& a) const {
    if (a.val_size > 0 && !a.eval_dataset.empty()) {
      Fail("val_size", "does not go with eval_dataset");
    }
    if (a.encoding.mask_history && a.encoding.train_on_prompt) {
      Fail("mask_history", "does not go with train_on_prompt");
    }
    if (a.image_limits.image_min_pixels > a.image_limits.image_max_pixels) {
      Fail("image_min_pixels", "is above image_max_pixels");
    }
  }

  void CheckEvaluation(const Arguments& a) const {
    if (a.do_eval && a.val_size == 0 && a.eval_dataset.empty()) {
      Fail(a.eval_strategy != Interval::kNo ? "eval_strategy" : "do_eval",
           "there is nothing to evaluate on", "Set val_size or eval_dataset.");
    }
    if (a.val_size > 0 && a.dataset.empty()) {
      Fail("val_size", "is a part of dataset, which is missing");
    }
    if (a.load_best_model_at_end && a.eval_strategy != a.save_strategy) {
      Fail("load_best_model_at_end", "needs eval_strategy and save_strategy to be the same");
    }
    if (a.load_best_model_at_end && a.eval_strategy == Interval::kSteps) {
      const double every = a.eval_steps > 0 ? a.eval_steps : a.logging_steps;
      if (std::abs(std::remainder(a.save_steps, every)) > 1e-9 * a.save_steps) {
        Fail("save_steps", "must be a multiple of eval_steps with load_best_model_at_end");
      }
    }
    if (a.early_stopping_steps > 0 &&
        (!a.load_best_model_at_end || a.eval_strategy == Interval::kNo)) {
      Fail("early_stopping_steps", "needs eval_strategy and load_best_model_at_end");
    }
  }

  void CheckPrediction(const Arguments& a) const {
    if (!a.do_predict) return;
    if (!a.predict_with_generate) {
      Fail("do_predict", "answers are generated", "Set predict_with_generate: true.");
    }
    if (a.eval_dataset.empty() && a.val_size == 0) {
      Fail("eval_dataset", "missing: nothing to predict on",
           "Set eval_dataset, or val_size to predict on a part of dataset.");
    }
    if (a.eval_dataset.empty() && a.packing) {
      Fail("packing", "packs samples before val_size takes its part: there are none to predict on",
           "Set packing: false, or eval_dataset.");
    }
    if (a.do_sample && a.temperature == 0) {
      Fail("temperature", "0 cannot be drawn with", "Set do_sample: false for greedy answers.");
    }
  }

  /// At the key's own line where it was given.
  [[noreturn]] void Fail(const std::string& key, const std::string& problem,
                         const std::string& hint = {}) const {
    for (const YamlSetting& setting : settings_) {
      if (setting.key() == key && !setting.IsNull()) setting.Fail(problem, hint);
    }
    throw Error(fmt::format("{}: {}: {}", where_, key, problem), hint);
  }

  std::string where_;
  std::span<const YamlSetting> settings_;
};

/// The file's settings with those of the command line in their place or behind them.
std::vector<YamlSetting> Merged(std::vector<YamlSetting> settings,
                                std::span<const std::string> overrides) {
  for (const std::string& text : overrides) {
    const YamlSetting setting = ParseYamlOverride(text);
    std::erase_if(settings, [&](const YamlSetting& old) { return old.key() == setting.key(); });
    settings.push_back(setting);
  }
  return settings;
}

}  // namespace

size_t StepsOf(double given, size_t total_steps) {
  return static_cast<size_t>(
      std::ceil(given < 1 ? given * static_cast<double>(total_steps) : given));
}

bool IsTrainingSetting(const std::string& key) {
  return Keys().contains(key) || FindUnusedSetting(key) != nullptr;
}

ParsedArguments ReadTrainingArguments(const std::filesystem::path& yaml,
                                      std::span<const std::string> overrides) {
  const std::vector<YamlSetting> settings = Merged(ReadYamlSettings(yaml), overrides);
  RefuseOtherFiles(yaml.string(), settings);
  ParsedArguments parsed;
  TrainingArguments& arguments = parsed.arguments;
  arguments.settings_file = yaml;
  std::vector<Error> errors;
  for (const YamlSetting& setting : settings) {
    try {
      Take(setting, parsed);
    } catch (const Error& error) {
      errors.push_back(error);
    }
  }
  if (!errors.empty()) FailTogether(yaml.string(), errors);
  SetWarmup(settings, arguments);
  if (arguments.lora_alpha == 0) arguments.lora_alpha = 2 * arguments.lora_rank;
  arguments.packing = arguments.packing || arguments.neat_packing;
  arguments.do_eval = arguments.do_eval || arguments.eval_strategy != Interval::kNo;
  // Adapters and cards name their base by it, for programs that know a revision only beside a name.
  arguments.model_name_or_path = TakeRevision(arguments.model_name_or_path, arguments.hub);
  Contradictions(yaml.string(), settings).Check(arguments);
  return parsed;
}

}  // namespace roentgen
