#include "roentgen/training/model_card.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "roentgen/base/json.h"
#include "roentgen/text/escape_markdown.h"
#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

/// A text as YAML takes it: JSON's quotes are YAML's.
std::string Quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Head(const TrainingArguments& arguments, const std::string& name) {
  const bool lora = arguments.finetuning_type == FinetuningType::kLora;
  std::string head =
      fmt::format("---\nlibrary_name: {}\nlicense: other\nbase_model: {}\ntags:\n",
                  lora ? "peft" : "transformers", Quoted(arguments.model_name_or_path));
  if (lora)
    head += fmt::format("- {}\n", Quoted("base_model:adapter:" + arguments.model_name_or_path));
  return head + fmt::format(
                    "- roentgen\n- {}\npipeline_tag: image-text-to-text\nmodel-index:\n"
                    "- name: {}\n  results: []\n---\n\n",
                    NameOf(arguments.finetuning_type), Quoted(name));
}

/// Names of models, datasets and folders, and values of settings, as the text that they are.
std::string Text(const std::string& text) {
  return EscapeMarkdown(OneLine(text));
}

std::string Settings(const TrainingArguments& a, const JsonObject& ran) {
  std::string text;
  const auto line = [&](const char* key, const auto& value) {
    text += fmt::format("- {}: {}\n", key, Text(fmt::to_string(value)));
  };
  const auto batch = ran.Get<size_t>("per_device_train_batch_size");
  const auto accumulated = ran.Get<size_t>("gradient_accumulation_steps");
  line("learning_rate", ran.Get<double>("learning_rate"));
  line("train_batch_size", batch);
  line("eval_batch_size", a.per_device_eval_batch_size);
  line("seed", ran.Get<uint64_t>("seed"));
  line("gradient_accumulation_steps", accumulated);
  line("total_train_batch_size", batch * accumulated);
  text += fmt::format("- optimizer: AdamW with betas=({},{}) and epsilon={}\n",
                      ran.Get<double>("adam_beta1"), ran.Get<double>("adam_beta2"),
                      ran.Get<double>("adam_epsilon"));
  line("lr_scheduler_type", ran.Get<std::string>("lr_scheduler_type"));
  line("lr_scheduler_warmup", ran.Get<double>("warmup"));
  if (a.steps.max_steps > 0) {
    line("training_steps", a.steps.max_steps);
  } else {
    line("num_epochs", a.steps.num_train_epochs);
  }
  return text;
}

/// What changed on the way, where a run was gone on with under other settings.
std::string Changes(std::span<const RunPart> parts) {
  std::string text;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    text += fmt::format("- changed after step {}: {}\n", parts[i + 1].begin,
                        Text(fmt::to_string(fmt::join(
                            Differences(parts[i].settings, parts[i + 1].settings), ", "))));
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

std::string ModelCard(const TrainingArguments& arguments, std::span<const RunPart> parts,
                      const TrainingLog& log) {
  const std::string name = arguments.output_dir.lexically_normal().filename().string();
  std::string card = Head(arguments, name);
  card += fmt::format("# {}\n\nA fine-tuned version of {} on the {} dataset{}.\n", Text(name),
                      Text(arguments.model_name_or_path),
                      Text(fmt::to_string(fmt::join(arguments.dataset, ", "))),
                      arguments.dataset.size() == 1 ? "" : "s");
  if (const std::optional<double> loss = log.SavedLoss()) {
    card += fmt::format("Its loss on the evaluation set is {:.4f}.\n", *loss);
  }
  card += "\nFor research. Not a medical device: its answers are no diagnosis.\n";
  const JsonObject ran(parts.back().settings, "settings of the run");
  return card + "\n## Training hyperparameters\n\n" + Settings(arguments, ran) + Changes(parts) +
         Evaluations(log);
}

}  // namespace roentgen
