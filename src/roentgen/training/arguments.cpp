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

/// A key of which only what changes nothing is taken.
Setter Only(std::vector<std::string> accepted, std::string reason) {
  return [accepted = std::move(accepted), reason = std::move(reason)](const YamlSetting& given,
                                                                      Arguments&) {
    const std::string word = given.Text();
    if (std::find(accepted.begin(), accepted.end(), word) != accepted.end()) return;
    given.Fail(fmt::format("\"{}\" is not supported: {}", word, reason));
  };
}

Setter Off(std::string reason) {
  return [reason = std::move(reason)](const YamlSetting& given, Arguments&) {
    if (given.Bool()) given.Fail("not supported: " + reason);
  };
}

/// Keys that are refused whatever they say, and why.
void AddRefused(KeyTable& keys, const std::map<std::string, std::string>& reasons) {
  for (const auto& [name, reason] : reasons) {
    keys[name] = [reason = reason](const YamlSetting& given, Arguments&) {
      given.Fail("not supported: " + reason);
    };
  }
}

#define AT(place) ([](Arguments & a) -> auto& { return a.place; })

void AddModelKeys(KeyTable& keys) {
  keys["model_name_or_path"] = Text(AT(model_name_or_path));
  keys["adapter_name_or_path"] = List(AT(adapter_name_or_path));
  keys["create_new_adapter"] = Off("an adapter is continued, or merged first (roentgen merge)");
  keys["finetuning_type"] =
      Choice<FinetuningType>(AT(finetuning_type), {{"lora", FinetuningType::kLora},
                                                   {"freeze", FinetuningType::kFreeze},
                                                   {"full", FinetuningType::kFull}});
  keys["lora_rank"] = Count(AT(lora_rank), 1, 1 << 16);
  keys["lora_alpha"] = Number(AT(lora_alpha));
  keys["lora_dropout"] = Number(AT(lora_dropout), 0, 0.999);
  keys["lora_target"] = List(AT(lora_target));
  keys["use_rslora"] = Flag(AT(use_rslora));
  keys["use_dora"] = Flag(AT(use_dora));
  keys["loraplus_lr_ratio"] = Number(AT(loraplus_lr_ratio), 1e-6);
  keys["pissa_init"] = Off("PiSSA changes the base model's weights");
  keys["pissa_convert"] = Off("PiSSA changes the base model's weights");
  keys["use_llama_pro"] = Off("no layers are added");
  keys["shift_attn"] = Off("attention stays as the model has it");
  keys["train_from_scratch"] = Off("training starts from a checkpoint");
  keys["resize_vocab"] = Off("the vocabulary stays as it is");
  AddRefused(keys, {{"additional_target", "only LoRA matrices are saved in an adapter"},
                    {"rope_scaling", "positions stay as the model has them"},
                    {"mixture_of_depths", "layers stay as the model has them"},
                    {"add_tokens", "the vocabulary stays as it is"},
                    {"add_special_tokens", "the vocabulary stays as it is"},
                    {"new_special_tokens", "the vocabulary stays as it is"}});
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
  keys["quantization_type"] = Only({"nf4"}, "only nf4 is");
  keys["quantization_method"] = Only({"bnb", "bitsandbytes"}, "only that of bitsandbytes is");
  keys["double_quantization"] = Flag(AT(double_quantization));
  keys["disable_gradient_checkpointing"] = Flag(AT(disable_gradient_checkpointing));
}

void AddDataKeys(KeyTable& keys) {
  keys["stage"] = Only({"sft"}, "only supervised fine-tuning is");
  keys["template"] = Only({"qwen2_vl"}, "only Qwen2-VL's is");
  keys["dataset"] = List(AT(dataset));
  keys["eval_dataset"] = List(AT(eval_dataset));
  keys["dataset_dir"] = Text(AT(dataset_dir));
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
  AddRefused(keys, {{"tokenized_path", "samples are encoded anew for every run"},
                    {"media_dir", "images are looked for in dataset_dir, then from here"},
                    {"tool_format", "conversations have no tools"}});
  keys["eval_on_each_dataset"] = Off("evaluation sets are taken together");
  keys["mix_strategy"] = Only({"concat"}, "datasets follow each other");
  keys["streaming"] = Off("datasets are read whole");
  keys["ignore_pad_token_for_loss"] = [](const YamlSetting& given, Arguments&) {
    if (!given.Bool()) given.Fail("not supported: there is no padding");
  };
  keys["dataloader_drop_last"] = Off("no row is left out");
  keys["group_by_length"] = Off("there is no padding to save; see group_by_image");
  keys["split_special_tokens"] = Off("control tokens in a text become tokens");
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
  keys["lr_scheduler_type"] = Choice<ScheduleKind>(
      AT(lr_scheduler_type), {{"linear", ScheduleKind::kLinear},
                              {"cosine", ScheduleKind::kCosine},
                              {"constant", ScheduleKind::kConstant},
                              {"constant_with_warmup", ScheduleKind::kConstantWithWarmup}});
  keys["weight_decay"] = Number(AT(adam.weight_decay));
  keys["adam_beta1"] = Number(AT(adam.beta1), 0, 0.999999999);
  keys["adam_beta2"] = Number(AT(adam.beta2), 0, 0.999999999);
  keys["adam_epsilon"] = Number(AT(adam.epsilon), 1e-30);
  keys["optim"] = Only({"adamw_torch", "adamw_torch_fused"}, "only AdamW is");
  keys["max_grad_norm"] = Number(AT(max_grad_norm));
  keys["neftune_noise_alpha"] = Number(AT(neftune_noise_alpha));
  keys["average_tokens_across_step"] = [](const YamlSetting& given, Arguments& a) {
    a.normalisation =
        given.Bool() ? LossNormalisation::kNumItemsInBatch : LossNormalisation::kMicroBatchMean;
  };
  AddRefused(keys, {{"lr_scheduler_kwargs", "schedules have no further settings"},
                    {"optim_args", "AdamW's settings are adam_beta1, adam_beta2, adam_epsilon"}});
  keys["label_smoothing_factor"] = Only({"0", "0.0"}, "the loss is plain cross-entropy");
  keys["seed"] = Count(AT(seed), 0, INT64_MAX);
  keys["data_seed"] = [](const YamlSetting& given, Arguments& a) {
    a.data_seed = static_cast<uint64_t>(given.Integer(0, INT64_MAX));
  };
  for (const char* name : {"use_galore", "use_apollo", "use_badam", "use_adam_mini", "use_muon"}) {
    keys[name] = Off("only AdamW is");
  }
}

void AddOutputKeys(KeyTable& keys) {
  const std::vector<std::pair<std::string, Interval>> intervals = {
      {"no", Interval::kNo}, {"steps", Interval::kSteps}, {"epoch", Interval::kEpoch}};
  keys["output_dir"] = Text(AT(output_dir));
  keys["overwrite_output_dir"] = Flag(AT(overwrite_output_dir));
  keys["resume_from_checkpoint"] = [](const YamlSetting& given, Arguments& a) {
    const std::string text = given.Text();  // "true": the last one, which is our default
    a.resume_from_checkpoint = text == "true" || text == "True" ? "" : text;
  };
  keys["logging_steps"] = Number(AT(logging_steps), 1e-6);
  keys["save_strategy"] = Choice<Interval>(AT(save_strategy), intervals);
  keys["save_steps"] = Number(AT(save_steps), 1e-6);
  keys["save_total_limit"] = Count(AT(save_total_limit), 1);
  keys["save_only_model"] = Flag(AT(save_only_model));
  keys["eval_strategy"] = Choice<Interval>(AT(eval_strategy), intervals);
  keys["evaluation_strategy"] = keys["eval_strategy"];  // its name before Transformers 4.46
  keys["eval_steps"] = Number(AT(eval_steps), 1e-6);
  keys["load_best_model_at_end"] = Flag(AT(load_best_model_at_end));
  keys["metric_for_best_model"] = Only({"loss", "eval_loss"}, "only the evaluation's loss is");
  keys["greater_is_better"] = Off("a smaller loss is better");
  keys["compute_accuracy"] = Off("the evaluation's loss is computed");
  keys["early_stopping_steps"] = Count(AT(early_stopping_steps), 1);
  keys["plot_loss"] = Flag(AT(plot_loss));
  keys["max_new_tokens"] = Count(AT(max_new_tokens), 1, 1 << 24);
  keys["do_sample"] = Flag(AT(do_sample));
  keys["temperature"] = Number(AT(temperature));
  keys["top_p"] = Number(AT(top_p), 0, 1);
  keys["top_k"] = Count(AT(top_k));
  keys["num_beams"] = Only({"1"}, "answers are written token by token, without beams");
  keys["eval_num_beams"] = keys["num_beams"];
  keys["skip_special_tokens"] = [](const YamlSetting& given, Arguments&) {
    if (!given.Bool()) given.Fail("not supported: answers are text without control tokens");
  };
  keys["repetition_penalty"] = Number(AT(repetition_penalty), 1e-3);
}

#undef AT

/// Every key that means something. "warmup_steps" and "warmup_ratio" share one place and are not
/// among them.
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
  std::vector<std::string> names = {"warmup_steps", "warmup_ratio"};
  for (const auto& [name, ignored] : Keys()) names.push_back(name);
  for (const std::string_view name : NamesWithoutMeaning()) names.emplace_back(name);
  setting.Fail("no such setting",
               fmt::format("Did you mean {}?", NearestName(setting.key(), names)));
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
    if (a.do_train && a.output_dir.empty()) Fail("output_dir", "missing");
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
    if (a.eval_strategy != Interval::kNo && a.val_size == 0 && a.eval_dataset.empty()) {
      Fail("eval_strategy", "there is nothing to evaluate on", "Set val_size or eval_dataset.");
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
    if (a.eval_dataset.empty()) Fail("eval_dataset", "missing: nothing to predict on");
    if (a.output_dir.empty()) Fail("output_dir", "missing");
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

ParsedArguments ReadTrainingArguments(const std::filesystem::path& yaml,
                                      std::span<const std::string> overrides) {
  const std::vector<YamlSetting> settings = Merged(ReadYamlSettings(yaml), overrides);
  ParsedArguments parsed;
  TrainingArguments& arguments = parsed.arguments;
  for (const YamlSetting& setting : settings) {
    const auto key = Keys().find(setting.key());
    if (key != Keys().end()) {
      if (!setting.IsNull()) key->second(setting, arguments);
    } else if (HasNoMeaning(setting.key())) {
      parsed.without_meaning.push_back(setting.key());
    } else if (setting.key() != "warmup_steps" && setting.key() != "warmup_ratio") {
      FailUnknown(setting);
    }
  }
  SetWarmup(settings, arguments);
  if (arguments.lora_alpha == 0) arguments.lora_alpha = 2 * arguments.lora_rank;
  arguments.packing = arguments.packing || arguments.neat_packing;
  Contradictions(yaml.string(), settings).Check(arguments);
  return parsed;
}

}  // namespace roentgen
