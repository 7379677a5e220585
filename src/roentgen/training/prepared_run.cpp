#include "roentgen/training/prepared_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/qwen2vl/adapter.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/qwen2vl/quantize.h"
#include "roentgen/qwen2vl/save_model.h"

namespace roentgen {

PreparedRun::PreparedRun(const TrainingArguments& arguments, ThreadPool& pool,
                         const Progress& progress)
    : arguments_(arguments), pool_(pool) {
  LoadTheModel(progress);
  if (arguments_.do_train) ChooseParameters();
  ReadData(progress);
  if (!arguments_.do_train) return;
  steps_.emplace(RowOrder(rows_, arguments_.Order()), arguments_.steps);
  fingerprint_ = DataFingerprint(rows_, *images_);
}

void PreparedRun::LoadTheModel(const Progress& progress) {
  // All adapters but the last stay as they are; the last one may be trained on.
  std::vector<std::filesystem::path> frozen;
  for (const std::string& adapter : arguments_.adapter_name_or_path) {
    frozen.push_back(ResolveAdapter(adapter, arguments_.hub).folder);
  }
  if (arguments_.do_train && !frozen.empty()) frozen.pop_back();
  model_ =
      LoadModel(ResolveModel(arguments_.model_name_or_path, arguments_.hub, "model_name_or_path"),
                frozen, AdapterMode::kBeside, pool_, progress);
  if (!model_.location.note.empty()) notes_.push_back(model_.location.note);
  if (arguments_.quantization == Quantization::kNf4) {
    QuantizeLinears(model_.weights, arguments_.double_quantization, pool_, progress);
  }
}

void PreparedRun::ChooseParameters() {
  if (arguments_.finetuning_type != FinetuningType::kLora) {
    const NameFilter trained = TrainedTensors(arguments_, model_.config);
    RequireMemory(trained, "Train an adapter (finetuning_type: lora), or fewer layers (freeze).");
    CheckOutputFolder(arguments_.output_dir, model_.location.folder);
    CheckSettingsOf(model_.location.folder);  // they go into the folder that is written at the end
    parameters_ = TrainedParameters::OfModel(model_.weights, model_.config, trained);
    return;
  }
  adapter_.emplace();
  if (!arguments_.adapter_name_or_path.empty()) return ContinueAdapter();
  for (const std::string& target : RequireLoraTargets(arguments_, model_.config)) {
    notes_.push_back(
        fmt::format("lora_target: {} only fits frozen modules, none is trained", target));
  }
  const NameFilter whole = WholeTensors(arguments_, model_.config);
  if (!arguments_.additional_target.empty()) {
    RequireMemory(whole, "Name smaller modules as additional_target, or none.");
  }
  const LoraSettings settings{arguments_.lora_rank, arguments_.lora_alpha, arguments_.use_rslora,
                              arguments_.use_dora, arguments_.seed};
  parameters_ =
      TrainedParameters::NewLora(model_.weights, settings, AdaptedLinears(arguments_), pool_);
  parameters_->AddWhole(model_.weights, model_.config, whole);
  adapter_->rank = settings.rank;
  adapter_->alpha = settings.alpha;
  adapter_->use_rslora = settings.use_rslora;
  adapter_->use_dora = settings.use_dora;
  adapter_->modules_to_save = arguments_.additional_target;
  DescribeAdapter();
}

/// The adapter's own settings count, as in LLaMA-Factory.
void PreparedRun::ContinueAdapter() {
  const AdapterLocation found =
      ResolveAdapter(arguments_.adapter_name_or_path.back(), arguments_.hub);
  const AdapterContent content = ReadAdapter(model_.weights, found.folder);
  const AdapterConfig& config = content.config;
  if (config.ensure_weight_tying && !content.whole.empty()) {
    throw Error(fmt::format("{}: its embeddings are trained as one (ensure_weight_tying), which "
                            "is not supported",
                            found.folder.string()),
                "Merge it (roentgen merge) and train a new adapter on the result.");
  }
  for (const auto& [name, tensor] : content.whole) {
    if (LiesInModule(name, config.modules_to_save)) continue;
    throw Error(fmt::format("{}: {} is in it, but in none of modules_to_save, and would stay as it "
                            "is",
                            found.folder.string(), name),
                "Merge it (roentgen merge) and train a new adapter on the result.");
  }
  for (const std::string& target : arguments_.additional_target) {
    const std::vector<std::string>& own = config.modules_to_save;
    if (std::find(own.begin(), own.end(), target) != own.end()) continue;
    throw Error(fmt::format("additional_target: the adapter that is continued does not train {} "
                            "whole",
                            target),
                "Leave additional_target away; the adapter's own modules are trained on.");
  }
  AdapterInfo info;
  parameters_ =
      TrainedParameters::FromAdapter(model_.weights, model_.config, found.folder, pool_, &info);
  notes_.insert(notes_.end(), info.notes.begin(), info.notes.end());
  if (config.dropout != arguments_.lora_dropout) {
    notes_.push_back(
        fmt::format("lora_dropout: {}, as in the adapter that is continued", config.dropout));
    arguments_.lora_dropout = config.dropout;
  }
  adapter_->rank = config.rank;
  adapter_->alpha = config.alpha;
  adapter_->use_rslora = config.use_rslora;
  adapter_->use_dora = config.use_dora;
  adapter_->modules_to_save = config.modules_to_save;
  SetPatterns(content, *adapter_);
  DescribeAdapter();
}

/// Better refused than killed by the system half-way.
void PreparedRun::RequireMemory(const NameFilter& trained, const char* way_out) const {
  const size_t changing = TrainedBytes(model_.config, trained);
  size_t frozen = 0;
  for (const std::string& name : model_.weights.source->Names()) {
    if (!trained(name)) frozen += model_.weights.source->Find(name)->data.size();
  }
  const size_t available = AvailableMemory();
  if (changing + frozen <= available) return;
  const auto gigabytes = [](size_t bytes) { return static_cast<double>(bytes) / 1e9; };
  throw Error(fmt::format("what is trained takes {:.1f} GB (values, gradients and the optimiser's "
                          "moments), the rest of the model {:.1f} GB, and {:.1f} GB are free",
                          gigabytes(changing), gigabytes(frozen), gigabytes(available)),
              way_out);
}

bool PreparedRun::TrainsVision() const {
  const std::vector<TrainedTensor>& tensors = parameters_->tensors();
  return std::any_of(tensors.begin(), tensors.end(), [](const TrainedTensor& tensor) {
    return tensor.name.starts_with("visual.");
  });
}

/// What does not depend on where the adapter comes from.
void PreparedRun::DescribeAdapter() {
  adapter_->base_model = arguments_.model_name_or_path;
  adapter_->dropout = arguments_.lora_dropout;
  adapter_->image_max_pixels = arguments_.image_limits.image_max_pixels;
  VisitLinears(model_.weights, [&](const std::string& name, Linear& linear) {
    const bool trained =
        !linear.lora.empty() && parameters_->IsTrained(linear.lora.back().a->data());
    (trained ? adapter_->adapted : adapter_->others).push_back(name);
  });
  adapter_->others.insert(adapter_->others.end(), {"lm_head", "visual.patch_embed.proj"});
}

std::vector<TrainingRow> PreparedRun::Rows(std::span<const Sample> samples,
                                           const SampleEncoder& encoder) const {
  std::vector<EncodedSample> encoded = EncodeAll(samples, *images_, encoder);
  return arguments_.packing
             ? PackRows(std::move(encoded), arguments_.encoding.cutoff_len, arguments_.neat_packing)
             : SingleRows(std::move(encoded));
}

void PreparedRun::ReadData(const Progress& progress) {
  const Tokenizer tokenizer = Tokenizer::Load(model_.location.folder);
  CheckVocabulary(tokenizer, model_.config);
  const auto read_rows = [this](const std::vector<std::string>& datasets) {
    return ReadTrainingSamples(arguments_.dataset_dir,
                               {arguments_.media_dir, arguments_.allow_outside}, datasets,
                               arguments_.max_samples);
  };
  DatasetSamples train;
  if (arguments_.do_train || arguments_.val_size > 0) train = read_rows(arguments_.dataset);
  DatasetSamples evaluation = read_rows(arguments_.eval_dataset);
  for (const DatasetSamples* read : {&train, &evaluation}) {
    for (const std::string& note : read->notes) notes_.push_back(note);
    for (const std::string& row : read->dropped) notes_.push_back("left out: " + row);
    for (const std::string& rows : read->dropped_counts) left_out_.push_back("left out: " + rows);
  }
  notes_.insert(notes_.end(), left_out_.begin(), left_out_.end());
  // One set of images for both, so that one that is in both is encoded once.
  const size_t train_samples = train.samples.size();
  std::vector<Sample> samples = std::move(train.samples);
  std::move(evaluation.samples.begin(), evaluation.samples.end(), std::back_inserter(samples));
  images_.emplace(samples,
                  ImagePreparation{arguments_.image_limits, arguments_.apply_exif,
                                   PreprocessorConfig::Load(model_.location.folder)},
                  pool_, progress);
  const SampleEncoder encoder(tokenizer, arguments_.SampleEncoding());
  const std::span<const Sample> all(samples);
  rows_ = Rows(all.first(train_samples), encoder);
  evaluation_rows_ = Rows(all.subspan(train_samples), encoder);
  if (arguments_.val_size > 0) {
    const ValidationSplit split =
        SplitValidation(rows_.size(), arguments_.val_size, arguments_.seed);
    const auto take = [&](const std::vector<size_t>& numbers) {
      std::vector<TrainingRow> taken;
      for (const size_t row : numbers) taken.push_back(rows_[row]);
      return taken;
    };
    evaluation_rows_ = take(split.validation);
    rows_ = take(split.train);
  }
  if (!arguments_.MaySharePrefixes()) {
    notes_.emplace_back(
        "samples do not share their images' tokens: dropout and NEFTune want each its own");
  }
}

PassOptions PreparedRun::passes() const {
  PassOptions options;
  options.share_prefixes = arguments_.MaySharePrefixes();
  return options;
}

RunPlan PreparedRun::Plan() const {
  return PlanRun(rows_, arguments_.Order(), arguments_.steps, model_.config.image_token_id,
                 passes());
}

}  // namespace roentgen
