#include "roentgen/training/model_card.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "roentgen/base/json.h"

namespace roentgen {
namespace {

/// A text as YAML takes it: JSON's quotes are YAML's.
std::string Quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

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

std::string Head(const TrainingArguments& arguments, const std::string& name) {
  const bool lora = arguments.finetuning_type == FinetuningType::kLora;
  const char* method = lora                                                   ? "lora"
                       : arguments.finetuning_type == FinetuningType::kFreeze ? "freeze"
                                                                              : "full";
  std::string head =
      fmt::format("---\nlibrary_name: {}\nlicense: other\nbase_model: {}\ntags:\n",
                  lora ? "peft" : "transformers", Quoted(arguments.model_name_or_path));
  if (lora)
    head += fmt::format("- {}\n", Quoted("base_model:adapter:" + arguments.model_name_or_path));
  return head + fmt::format(
                    "- roentgen\n- {}\npipeline_tag: image-text-to-text\nmodel-index:\n"
                    "- name: {}\n  results: []\n---\n\n",
                    method, Quoted(name));
}

std::string Settings(const TrainingArguments& a) {
  std::string text;
  const auto line = [&](const char* key, const auto& value) {
    text += fmt::format("- {}: {}\n", key, value);
  };
  line("learning_rate", a.learning_rate);
  line("train_batch_size", a.steps.per_device_train_batch_size);
  line("eval_batch_size", a.per_device_eval_batch_size);
  line("seed", a.seed);
  line("gradient_accumulation_steps", a.steps.gradient_accumulation_steps);
  line("total_train_batch_size",
       a.steps.per_device_train_batch_size * a.steps.gradient_accumulation_steps);
  text += fmt::format("- optimizer: AdamW with betas=({},{}) and epsilon={}\n", a.adam.beta1,
                      a.adam.beta2, a.adam.epsilon);
  line("lr_scheduler_type", NameOf(a.lr_scheduler_type));
  line("lr_scheduler_warmup", a.warmup);
  if (a.steps.max_steps > 0) {
    line("training_steps", a.steps.max_steps);
  } else {
    line("num_epochs", a.steps.num_train_epochs);
  }
  return text;
}

/// A row for each evaluation, with the training loss that was logged last before it.
std::string Evaluations(const TrainingLog& log) {
  const TrainingLog::Curve training = log.TrainingCurve();
  const TrainingLog::Curve evaluation = log.EvaluationCurve();
  std::string rows;
  for (size_t i = 0; i < evaluation.steps.size(); ++i) {
    const auto behind =
        std::upper_bound(training.steps.begin(), training.steps.end(), evaluation.steps[i]);
    const std::string loss =
        behind == training.steps.begin()
            ? "No log"
            : fmt::format(
                  "{:.4f}",
                  training.losses[static_cast<size_t>(behind - training.steps.begin() - 1)]);
    rows += fmt::format("| {} | {:.4f} | {:.0f} | {:.4f} |\n", loss, evaluation.epochs[i],
                        evaluation.steps[i], evaluation.losses[i]);
  }
  if (rows.empty()) return rows;
  return "\n## Training results\n\n| Training Loss | Epoch | Step | Validation Loss |\n"
         "|:---:|:---:|:---:|:---:|\n" +
         rows;
}

}  // namespace

std::string ModelCard(const TrainingArguments& arguments, const TrainingLog& log) {
  const std::string name = arguments.output_dir.lexically_normal().filename().string();
  std::string card = Head(arguments, name);
  card += fmt::format("# {}\n\nA fine-tuned version of {} on the {} dataset{}.\n", name,
                      arguments.model_name_or_path, fmt::join(arguments.dataset, ", "),
                      arguments.dataset.size() == 1 ? "" : "s");
  if (const std::optional<double> loss = log.SavedLoss()) {
    card += fmt::format("Its loss on the evaluation set is {:.4f}.\n", *loss);
  }
  card += "\nFor research. Not a medical device: its answers are no diagnosis.\n";
  return card + "\n## Training hyperparameters\n\n" + Settings(arguments) + Evaluations(log);
}

}  // namespace roentgen
