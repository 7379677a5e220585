#include "roentgen/evaluation/predict_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/inference/model_settings.h"
#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/qwen2vl/quantize.h"
#include "roentgen/training/output_files.h"
#include "roentgen/training/row_order.h"
#include "roentgen/training/training_set.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

Model LoadForPrediction(const TrainingArguments& arguments, ThreadPool& pool,
                        const Progress& progress) {
  std::string name = arguments.model_name_or_path;
  std::vector<fs::path> adapters(arguments.adapter_name_or_path.begin(),
                                 arguments.adapter_name_or_path.end());
  if (arguments.do_train && arguments.finetuning_type == FinetuningType::kLora) {
    if (!adapters.empty()) adapters.pop_back();  // it was trained further
    adapters.push_back(arguments.output_dir);
  } else if (arguments.do_train) {
    name = arguments.output_dir.string();
  }
  Model model = LoadModel(ResolveModel(name, arguments.hub, "model_name_or_path"), adapters,
                          AdapterMode::kBeside, pool, progress);
  if (arguments.quantization == Quantization::kNf4) {
    QuantizeLinears(model.weights, arguments.double_quantization, pool, progress);
  }
  return model;
}

RunFolderUse FolderUse(const TrainingArguments& arguments) {
  return {arguments.overwrite_output_dir, "output_dir", "overwrite_output_dir: true", "train"};
}

PredictRunOptions OptionsOf(const TrainingArguments& arguments) {
  PredictRunOptions options;
  options.images = {ShownImages::kTrue};
  options.default_system = arguments.encoding.default_system;
  options.max_sample_tokens = arguments.encoding.cutoff_len;
  // A training that has just ended left the answers of an earlier one behind.
  options.folder_use = FolderUse(arguments);
  options.folder_use.overwrite = arguments.overwrite_output_dir || arguments.do_train;
  GenerationOptions& generation = options.generation;
  generation.max_new_tokens = arguments.max_new_tokens;
  generation.seed = arguments.seed;
  generation.sampling.repetition_penalty = arguments.repetition_penalty;
  if (!arguments.do_sample) return options;
  generation.sampling.temperature = arguments.temperature;
  generation.sampling.top_k = static_cast<int64_t>(arguments.top_k);
  generation.sampling.top_p = arguments.top_p;
  return options;
}

std::string QuantizationOf(const TrainingArguments& arguments) {
  if (arguments.quantization == Quantization::kNone) return "none";
  return arguments.double_quantization ? "nf4, scales too" : "nf4";
}

/// What run.json says of the rows and of how they met the model: the data sets, how pictures were
/// read, what the base's weights were rounded to.
nlohmann::ordered_json DescribeData(const TrainingArguments& arguments) {
  return {{"path", arguments.dataset_dir.string()},
          {"dataset", arguments.eval_dataset.empty() ? arguments.dataset : arguments.eval_dataset},
          {"image_max_pixels", arguments.image_limits.image_max_pixels},
          {"image_min_pixels", arguments.image_limits.image_min_pixels},
          {"apply_exif", arguments.apply_exif},
          {"quantization", QuantizationOf(arguments)}};
}

/// The samples to be asked: eval_dataset, or what val_size takes of dataset when it is trained on.
DatasetSamples SamplesToAsk(const TrainingArguments& arguments) {
  const auto read = [&](const std::vector<std::string>& datasets, Unanswered unanswered) {
    return ReadTrainingSamples(arguments.dataset_dir,
                               {arguments.media_dir, arguments.allow_outside}, datasets,
                               arguments.max_samples, unanswered);
  };
  if (!arguments.eval_dataset.empty()) return read(arguments.eval_dataset, Unanswered::kKept);
  // The rows that a training splits, so that none is asked that it has seen.
  DatasetSamples part = read(arguments.dataset, Unanswered::kDropped);
  const ValidationSplit split =
      SplitValidation(part.samples.size(), arguments.val_size, arguments.seed);
  std::vector<Sample> taken;
  for (const size_t number : split.validation) taken.push_back(std::move(part.samples[number]));
  part.samples = std::move(taken);
  return part;
}

std::optional<std::string> NoteOnUnanswered(std::span<const Sample> samples) {
  const auto unanswered = std::count_if(samples.begin(), samples.end(), [](const Sample& sample) {
    return sample.turns.back().text.empty();
  });
  if (unanswered == 0) return std::nullopt;
  return fmt::format("{} of {} rows have no answer: the model is asked, the scores leave them out",
                     unanswered, samples.size());
}

}  // namespace

void ClaimPredictionFiles(const TrainingArguments& arguments) {
  CheckAreNoInputs(arguments, RunFiles());
  ClaimRunFiles(arguments.output_dir, FolderUse(arguments));
}

PredictRunResult PredictFromArguments(const TrainingArguments& arguments, ThreadPool& pool,
                                      const std::function<void(const std::string&)>& note,
                                      const Progress& progress) {
  const DatasetSamples read = SamplesToAsk(arguments);
  for (const std::string& text : read.notes) note(text);
  for (const std::string& row : read.dropped) note("left out: " + row);
  for (const std::string& rows : read.dropped_counts) note("left out: " + rows);
  if (read.samples.empty()) {
    throw Error(arguments.dataset_dir.string() + ": eval_dataset has no question to answer");
  }
  if (const auto text = NoteOnUnanswered(read.samples)) note(*text);
  const Model model = LoadForPrediction(arguments, pool, progress);
  for (const AdapterInfo& adapter : model.adapters) {
    for (const std::string& text : adapter.notes) note(text);
  }
  const Tokenizer tokenizer = Tokenizer::Load(model.location.folder);
  const PreprocessorConfig preprocessor = PreprocessorConfig::Load(model.location.folder);
  const ImagePreparation preparation = {arguments.image_limits, arguments.apply_exif, preprocessor};
  const PredictRunInput input = {
      model,
      tokenizer,
      preprocessor,
      read.samples,
      DescribeData(arguments),
      [preparation](const fs::path& path) { return PrepareTrainingImage(path, preparation); },
      FingerprintOfSettings(model)};
  return PredictRun(input, OptionsOf(arguments), arguments.output_dir, pool, progress);
}

}  // namespace roentgen
