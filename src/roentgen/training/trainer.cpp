#include "roentgen/training/trainer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/qwen2vl/training_pass.h"
#include "roentgen/training/batches.h"
#include "roentgen/training/checkpoint.h"
#include "roentgen/training/image_features.h"
#include "roentgen/training/loss_curve.h"
#include "roentgen/training/loss_evaluation.h"
#include "roentgen/training/model_card.h"
#include "roentgen/training/optimizer.h"
#include "roentgen/training/output_files.h"
#include "roentgen/training/run_settings.h"
#include "roentgen/training/step_calendar.h"
#include "roentgen/training/trained_files.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxStateBytes = size_t{256} << 20;
constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kStateFile = "trainer_state.json";
/// A step has fewer passes: what numbers them for the random values in them.
constexpr uint64_t kPassesOfAStep = uint64_t{1} << 20;

/// What has added up since the run began. It is part of a checkpoint.
struct Totals {
  double loss = 0;         // of all steps
  double logged_loss = 0;  // of the steps since the last entry of the log
  size_t logged_steps = 0;
  size_t tokens = 0;
  size_t samples = 0;
  double seconds = 0;

  Json ToJson() const {
    return {{"loss", loss},     {"logged_loss", logged_loss}, {"logged_steps", logged_steps},
            {"tokens", tokens}, {"samples", samples},         {"seconds", seconds}};
  }
  static Totals FromJson(const JsonObject& json) {
    return {json.Get<double>("loss"),         json.Get<double>("logged_loss"),
            json.Get<size_t>("logged_steps"), json.Get<size_t>("tokens"),
            json.Get<size_t>("samples"),      json.Get<double>("seconds")};
  }
};

std::vector<OptimizedTensor> TensorsToOptimize(PreparedRun& run) {
  std::vector<OptimizedTensor> tensors;
  for (TrainedTensor& tensor : run.parameters().tensors()) {
    tensors.push_back({tensor.name,
                       tensor.values,
                       {tensor.gradient.data(), tensor.gradient.size()},
                       tensor.decays,
                       LoraPlusRatio(tensor.name, run.arguments().loraplus_lr_ratio)});
  }
  return tensors;
}

/// Of the model's own parameters, without the embeddings: what total_flos counts.
size_t ParametersWithoutEmbeddings(const ModelConfig& config) {
  size_t sum = 0;
  for (const TensorSpec& tensor : ExpectedTensors(config)) {
    if (tensor.name.starts_with("model.embed_tokens") || tensor.name.starts_with("lm_head"))
      continue;
    size_t count = 1;
    for (const size_t size : tensor.shape) count *= size;
    sum += count;
  }
  return sum;
}

class Training {
 public:
  Training(PreparedRun& run, ThreadPool& pool, const TrainingListener& listener,
           const std::stop_token& stop)
      : run_(run),
        arguments_(run.arguments()),
        pool_(pool),
        listener_(listener),
        stop_(stop),
        cancel_(pool, stop),
        schedule_(arguments_.ScheduleOver(run.steps().total_steps())),
        optimizer_(TensorsToOptimize(run), arguments_.adam),
        best_(arguments_.early_stopping_steps),
        image_of_([this](size_t image) { return ImageOf(image); }),
        patches_of_(PatchesOf(run)),
        weight_settings_(SettingsOfWeights(run, pool, listener.progress)),
        parts_({{0, SettingsOfSteps(arguments_)}}) {
    CheckOutputIsNoInput(run);
    RefuseForeignCheckpoints();
    log_.emplace(arguments_.output_dir, Settings());
    if (!run.TrainsVision()) {
      features_.emplace(run.model().config, run.model().weights, run.images(),
                        arguments_.output_dir / "image_features", pool);
    }
  }

  TrainingResult Run() {
    Resume();
    if (features_) features_->Compute(listener_.progress);
    begin_ = Clock::now();
    began_at_ = totals_;
    began_at_step_ = step_;
    const MemoryReuse reuse;
    const size_t total = run_.steps().total_steps();
    while (step_ < total && !best_.ShouldStop()) {
      if (!TryStep()) {
        if (step_ > began_at_step_) Save(step_);
        SealFiles(ClaimOf(arguments_, FilesOfTraining(run_)));
        return {Summary(), /*stopped=*/true};
      }
    }
    return {Finish(), /*stopped=*/false};
  }

 private:
  using Clock = std::chrono::steady_clock;

  double Elapsed() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }
  void Note(const std::string& text) const {
    if (listener_.note) listener_.note(text);
  }

  /// Better now than after hours. Whose checkpoint is gone on with, in a folder from before
  /// folders were marked, his are the other files.
  void ClaimOutputs(const std::optional<Checkpoint>& checkpoint) const {
    Claim claim = ClaimOf(arguments_, FilesOfTraining(run_));
    const bool ours = checkpoint && LiesIn(arguments_.output_dir, checkpoint->folder) &&
                      !FolderMark(arguments_.output_dir).exists();
    if (ours) claim.replaces = Replaces::kAny;
    ClaimFiles(claim);
  }

  LogSettings Settings() const {
    return {run_.steps().total_steps(),
            run_.steps().epochs(),
            arguments_.logging_steps,
            arguments_.eval_steps > 0 ? arguments_.eval_steps : arguments_.logging_steps,
            arguments_.save_steps,
            arguments_.steps.per_device_train_batch_size};
  }

  /// None of these may be in the way of a checkpoint, which an interrupted run saves after any of
  /// its steps; nor is it clear, beside them, whose run a new one would go on with.
  void RefuseForeignCheckpoints() const {
    const bool looks_back =
        !arguments_.overwrite_output_dir && arguments_.resume != ResumeFrom::kNamed;
    const size_t last = looks_back ? SIZE_MAX : run_.steps().total_steps();
    const std::vector<fs::path> foreign = ForeignCheckpoints(arguments_.output_dir, last);
    if (foreign.empty()) return;
    throw Error(fmt::format("{}: another run's result is there: a checkpoint of another program",
                            foreign[0].string()),
                "Name another output_dir, or move it away: it is never overwritten.");
  }

  std::optional<Checkpoint> FindCheckpoint() const {
    const ResumeFrom resume = arguments_.resume;
    if (resume == ResumeFrom::kNamed) return LoadCheckpoint(arguments_.resume_from_checkpoint);
    if (resume != ResumeFrom::kLast && arguments_.overwrite_output_dir) return std::nullopt;
    LastCheckpoint last = FindLastCheckpoint(arguments_.output_dir);
    for (const std::string& skipped : last.skipped) Note(skipped);
    if (last.checkpoint && resume != ResumeFrom::kNever) return std::move(last.checkpoint);
    if (resume == ResumeFrom::kLast) {
      throw Error(arguments_.output_dir.string() + ": no checkpoint to go on from",
                  "Begin without resume_from_checkpoint: true.");
    }
    if (last.checkpoint) RefuseResult(last.checkpoint->folder);
    for (const char* result :
         {"adapter_model.safetensors", "adapter_model.bin", "model.safetensors",
          "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"}) {
      if (FileExists(arguments_.output_dir / result)) RefuseResult(arguments_.output_dir / result);
    }
    return std::nullopt;
  }

  [[noreturn]] void RefuseResult(const fs::path& result) const {
    throw Error(result.string() + ": another run's result is there", WaysOut(result));
  }

  /// The checkpoint is of a run that this one does not continue.
  [[noreturn]] void RefuseCheckpoint(const Checkpoint& checkpoint, const std::string& why,
                                     const std::string& way_out = {}) const {
    throw Error(fmt::format("{}: {}", checkpoint.folder.string(), why),
                way_out + WaysOut(checkpoint.folder));
  }

  /// found: what is in the way, a checkpoint's folder or a file.
  std::string WaysOut(const fs::path& found) const {
    const bool lora = arguments_.finetuning_type == FinetuningType::kLora;
    const fs::path& folder = arguments_.output_dir;
    const bool finished = FileExists(folder / (lora ? "adapter_config.json" : "config.json"));
    // A checkpoint of LoRA is an adapter, others are no model that can be loaded.
    const fs::path result = finished || !lora ? folder : found;
    if (!finished && !FileExists(result / "adapter_config.json")) {
      return "Name another output_dir, or set overwrite_output_dir: true.";
    }
    return fmt::format(
        "To train its result further, name another output_dir and set {}: {}; to begin anew, name "
        "another output_dir or set overwrite_output_dir: true.",
        lora ? "adapter_name_or_path" : "model_name_or_path", result.string());
  }

  void Resume() {
    const std::optional<Checkpoint> checkpoint = FindCheckpoint();
    if (checkpoint) {
      GoOnFrom(*checkpoint);
    } else {
      ClaimOutputs(checkpoint);
    }
  }

  void GoOnFrom(const Checkpoint& checkpoint) {
    const JsonObject state(checkpoint.state, checkpoint.folder.string());
    RequireSameWeights(checkpoint, state);  // another base reads the data otherwise, too
    if (state.Get<std::string>("data") != run_.fingerprint()) {
      RefuseCheckpoint(checkpoint, "it was made with other data");
    }
    const size_t total = run_.steps().total_steps();
    if (checkpoint.step > total) {
      RefuseCheckpoint(checkpoint, fmt::format("it is {} steps into a run, this one has {}",
                                               checkpoint.step, total));
    }
    ClaimOutputs(checkpoint);
    LoadMasters(run_, checkpoint.folder, pool_);
    step_ = checkpoint.step;
    RestoreOptimizer(checkpoint.folder);
    log_->Resume(ReadJsonFile(checkpoint.folder / kStateFile, kMaxStateBytes));
    totals_ = Totals::FromJson(state.Object("totals"));
    for (const double loss : log_->EvaluationCurve().losses) best_.Add(loss);
    best_folder_ = state.GetOr<std::string>("best", "");
    Note(
        fmt::format("resumed from {} after step {}", checkpoint.folder.filename().string(), step_));
    if (const auto before = state.Get<size_t>("total_steps"); before != total) {
      Note(fmt::format("it was made for {} steps; from here on the learning rate is that of {}",
                       before, total));
    }
    TakeSettings(state);
  }

  /// Checkpoints of before these were kept have none of them.
  void RequireSameWeights(const Checkpoint& checkpoint, const JsonObject& state) const {
    if (!state.Has("weights")) return;
    const std::vector<std::string> differences =
        Differences(state.Object("weights").json(), weight_settings_);
    if (differences.empty()) return;
    RefuseCheckpoint(checkpoint,
                     fmt::format("it was trained with other settings, without which its weights "
                                 "mean something else: {}",
                                 fmt::join(differences, ", ")),
                     "To go on with it, set them as they were. ");
  }

  /// The settings of the steps that were done, and those of the steps to come.
  void TakeSettings(const JsonObject& state) {
    if (!state.Has("parts")) return;
    const RunPart now{step_, parts_.front().settings};
    parts_ = RunPartsOf(state.json().at("parts"), state.where() + ": parts");
    const std::vector<std::string> differences = Differences(parts_.back().settings, now.settings);
    if (differences.empty()) return;
    if (step_ == run_.steps().total_steps()) {
      Note(fmt::format("all steps are done: these settings change nothing any more: {}",
                       fmt::join(differences, ", ")));
      return;
    }
    Note(fmt::format("from here on it goes with other settings: {}", fmt::join(differences, ", ")));
    parts_.push_back(now);
  }

  /// Without its state (save_only_model) the optimiser begins anew, as Transformers' does.
  void RestoreOptimizer(const fs::path& folder) {
    if (FileExists(folder / kOptimizerFile)) {
      optimizer_.Restore(Safetensors(folder / kOptimizerFile));
    } else if (step_ < run_.steps().total_steps()) {
      Note(
          fmt::format("{} has no state of the optimiser (save_only_model): it begins anew, so the "
                      "run will not end as one that was not stopped",
                      folder.filename().string()));
    }
  }

  TrainingImage ImageOf(size_t image) const {
    return features_ ? features_->Get(image) : patches_of_(image);
  }
  TrainingBatch BatchOf(const Pass& pass) const {
    return MakeBatch(pass, run_.model().config, image_of_);
  }
  std::vector<Pass> PassesOf(const std::vector<MicroBatch>& micro_batches) const {
    return PlanPasses(micro_batches, run_.model().config.image_token_id, run_.passes());
  }

  TrainingOptions PassSettings(size_t step, size_t pass) const {
    TrainingOptions options;
    options.lora_dropout = static_cast<float>(arguments_.lora_dropout);
    options.neftune_alpha = static_cast<float>(arguments_.neftune_noise_alpha);
    options.seed = arguments_.seed;
    options.pass = step * kPassesOfAStep + pass;
    options.memory_bytes = memory_bytes_;
    return options;
  }

  /// False when the work was stopped; nothing has changed then but gradients.
  bool TryStep() {
    if (stop_.stop_requested()) return false;
    const size_t step = step_;
    const StepPlan::Step plan = run_.steps().At(step);
    double loss = 0;
    try {
      loss = ComputeGradients(step, plan);
    } catch (const Cancelled&) {
      return false;
    }
    const double rate = schedule_.At(step);
    const double norm = Update(step, loss, rate);
    ++step_;
    AfterStep(plan, loss, norm, rate);
    return true;
  }

  /// Changes the weights by the gradients, wholly: whoever stops the work meanwhile would leave
  /// half of them changed, and nothing that can be saved. Returns the gradients' norm.
  double Update(size_t step, double loss, double rate) {
    const ThreadPool::CancelScope whole(pool_, std::stop_token());
    const double norm = GradientNorm(optimizer_.tensors(), pool_);
    if (!std::isfinite(loss) || !std::isfinite(norm)) {
      throw Error(fmt::format("step {}: the {} is not finite", step + 1,
                              std::isfinite(loss) ? "gradient" : "loss"),
                  "Lower learning_rate, or go on from the last checkpoint with max_grad_norm set.");
    }
    optimizer_.Step(rate, ClipFactor(norm, arguments_.max_grad_norm), pool_);
    run_.parameters().ValuesChanged(run_.model().weights, pool_);
    return norm;
  }

  double ComputeGradients(size_t step, const StepPlan::Step& plan) {
    run_.parameters().ZeroGradients();
    const std::vector<MicroBatch> micro_batches =
        MicroBatchesOf(plan, run_.rows(), arguments_.normalisation);
    double loss = 0;
    const std::vector<Pass> passes = PassesOf(micro_batches);
    for (size_t i = 0; i < passes.size(); ++i) {
      const TrainingBatch batch = BatchOf(passes[i]);
      const std::vector<float> losses =
          ForwardBackward(run_.model().config, run_.model().weights, batch, PassSettings(step, i),
                          run_.parameters(), pool_);
      for (size_t t = 0; t < losses.size(); ++t) loss += batch.targets[t].weight * losses[t];
    }
    // After the passes: a step that is stopped counts for nothing.
    for (const MicroBatch& micro_batch : micro_batches) {
      for (const EncodedSample* sample : micro_batch.samples) {
        totals_.tokens += sample->ids.size();
        ++totals_.samples;
      }
    }
    return loss;
  }

  void AfterStep(const StepPlan::Step& plan, double loss, double norm, double rate) {
    const size_t step = step_;
    totals_.loss += loss;
    totals_.logged_loss += loss;
    ++totals_.logged_steps;
    const Due due = DueAfter(step, arguments_, run_.steps());
    if (due.log) {
      log_->Add(
          StepEntry{step, plan.epochs_done,
                    totals_.logged_loss / static_cast<double>(totals_.logged_steps), norm, rate},
          Elapsed());
      totals_.logged_loss = 0;
      totals_.logged_steps = 0;
    }
    ReportStep(step, loss, rate);
    const bool better = due.evaluate && Evaluate(step, plan.epochs_done);
    if (due.save) Save(step, better);
  }

  void ReportStep(size_t step, double loss, double rate) const {
    if (!listener_.step) return;
    const size_t total = run_.steps().total_steps();
    const double seconds = Elapsed();
    const auto done = static_cast<double>(step - began_at_step_);
    listener_.step({step, total, loss, rate, totals_.tokens - began_at_.tokens,
                    totals_.samples - began_at_.samples, seconds,
                    seconds / done * static_cast<double>(total - step)});
  }

  /// Whether it was the best so far.
  bool Evaluate(size_t step, double epoch) {
    if (run_.evaluation_rows().empty()) return false;
    EvaluationEntry entry = EvaluateLoss(run_, image_of_, pool_, listener_.progress);
    entry.step = step;
    entry.epoch = epoch;
    log_->Add(entry, Elapsed());
    return best_.Add(entry.loss);
  }

  void Save(size_t step, bool better = false) {
    const fs::path folder = arguments_.output_dir / fmt::format("checkpoint-{}", step);
    if (better) {
      best_folder_ = folder.string();
      log_->SetBest(log_->EvaluationCurve().losses.back(), step, best_folder_);
    }
    Totals totals = totals_;
    totals.seconds += Elapsed();
    const Json state = {{"data", run_.fingerprint()}, {"total_steps", run_.steps().total_steps()},
                        {"totals", totals.ToJson()},  {"weights", weight_settings_},
                        {"parts", ToJson(parts_)},    {"best", best_folder_}};
    const double epoch = EpochsAt(step);
    SaveCheckpoint(arguments_.output_dir, step, state, [&](const fs::path& to) {
      SaveMasters(run_, to);
      if (!arguments_.save_only_model) {
        SaveSafetensors(to / kOptimizerFile, optimizer_.State(), optimizer_.Metadata());
      }
      WriteFile(to / kStateFile, log_->TrainerState(step, epoch).dump(2) + "\n");
    });
    RotateCheckpoints(arguments_.output_dir, arguments_.save_total_limit, folder, best_folder_);
  }

  double EpochsAt(size_t step) const {
    return step == 0 ? 0 : run_.steps().At(step - 1).epochs_done;
  }

  TrainSummary Summary() const {
    const size_t step = step_;
    TrainSummary summary;
    summary.epochs = EpochsAt(step);
    summary.loss = step == 0 ? 0 : totals_.loss / static_cast<double>(step);
    summary.seconds = totals_.seconds + Elapsed();
    summary.samples = run_.steps().rows_seen() * static_cast<double>(step) /
                      static_cast<double>(run_.steps().total_steps());
    summary.steps = step;
    summary.tokens = totals_.tokens;
    summary.flops = 6.0 * static_cast<double>(totals_.tokens) *
                    static_cast<double>(ParametersWithoutEmbeddings(run_.model().config));
    return summary;
  }

  TrainSummary Finish() {
    TrainSummary summary = Summary();
    size_t saved_step = step_;
    if (arguments_.load_best_model_at_end && !best_folder_.empty()) {
      LoadMasters(run_, best_folder_, pool_);
      saved_step = log_->best_step().value_or(step_);
      Note("took the best checkpoint: " + fs::path(best_folder_).filename().string());
    }
    SaveTrainedModel(run_, arguments_.output_dir);
    log_->Finish(summary);
    log_->SetSavedStep(saved_step);
    if (arguments_.do_eval && !log_->SavedLoss()) Evaluate(saved_step, EpochsAt(saved_step));
    summary.evaluation_loss = log_->SavedLoss();
    log_->WriteResults();
    if (arguments_.plot_loss) PlotLosses(*log_, arguments_.output_dir);
    WriteFile(arguments_.output_dir / kModelCardFile, ModelCard(arguments_, parts_, *log_));
    if (features_) features_->Remove();
    SealFiles(ClaimOf(arguments_, FilesOfTraining(run_)));
    return summary;
  }

  PreparedRun& run_;
  const TrainingArguments& arguments_;
  ThreadPool& pool_;
  const TrainingListener& listener_;
  const std::stop_token& stop_;
  const ThreadPool::CancelScope cancel_;
  const Schedule schedule_;
  AdamW optimizer_;
  BestEvaluation best_;
  std::string best_folder_;
  std::optional<TrainingLog> log_;
  std::optional<ImageFeatures> features_;
  Totals totals_;
  Totals began_at_;
  Clock::time_point begin_ = Clock::now();
  size_t step_ = 0;  // steps that were done
  size_t began_at_step_ = 0;
  ImageSource image_of_;
  ImageSource patches_of_;
  const Json weight_settings_;
  std::vector<RunPart> parts_;  // so far
  // A quarter stays for everything else that runs here.
  const size_t memory_bytes_ = AvailableMemory() / 4 * 3;
};

}  // namespace

TrainingResult Train(PreparedRun& run, ThreadPool& pool, const TrainingListener& listener,
                     const std::stop_token& stop) {
  return Training(run, pool, listener, stop).Run();
}

}  // namespace roentgen
