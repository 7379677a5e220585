#include "roentgen/training/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/qwen2vl/training_pass.h"
#include "roentgen/tensor/buffer.h"
#include "roentgen/training/batches.h"
#include "roentgen/training/checkpoint.h"
#include "roentgen/training/image_features.h"
#include "roentgen/training/loss_curve.h"
#include "roentgen/training/model_card.h"
#include "roentgen/training/optimizer.h"
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
        best_(arguments_.early_stopping_steps) {
    MakeOutputFolder();
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
    began_at_step_ = optimizer_.steps();
    const MemoryReuse reuse;
    const size_t total = run_.steps().total_steps();
    while (optimizer_.steps() < total && !best_.ShouldStop()) {
      if (!TryStep()) {
        if (optimizer_.steps() > began_at_step_) Save(optimizer_.steps());
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

  void MakeOutputFolder() const {
    std::error_code error;
    fs::create_directories(arguments_.output_dir, error);
    if (error) {
      throw Error(
          fmt::format("{}: cannot make it: {}", arguments_.output_dir.string(), error.message()));
    }
    // Better now than after hours.
    AtomicFile(arguments_.output_dir / "writable").Write("");
  }

  LogSettings Settings() const {
    return {run_.steps().total_steps(),
            run_.steps().epochs(),
            arguments_.logging_steps,
            arguments_.eval_steps > 0 ? arguments_.eval_steps : arguments_.logging_steps,
            arguments_.save_steps,
            arguments_.steps.per_device_train_batch_size};
  }

  std::optional<Checkpoint> FindCheckpoint() const {
    if (!arguments_.resume_from_checkpoint.empty()) {
      return LoadCheckpoint(arguments_.resume_from_checkpoint);
    }
    if (arguments_.overwrite_output_dir) return std::nullopt;
    LastCheckpoint last = FindLastCheckpoint(arguments_.output_dir);
    for (const std::string& skipped : last.skipped) Note("passed over: " + skipped);
    if (last.checkpoint) return std::move(last.checkpoint);
    for (const char* result : {"adapter_model.safetensors", "model.safetensors"}) {
      if (!FileExists(arguments_.output_dir / result)) continue;
      throw Error(fmt::format("{}: another run's result is there",
                              (arguments_.output_dir / result).string()),
                  "Name another output_dir, or set overwrite_output_dir: true.");
    }
    return std::nullopt;
  }

  void Resume() {
    const std::optional<Checkpoint> checkpoint = FindCheckpoint();
    if (!checkpoint) return;
    const JsonObject state(checkpoint->state, checkpoint->folder.string());
    if (state.Get<std::string>("data") != run_.fingerprint()) {
      throw Error(fmt::format("{}: it was made with other data", checkpoint->folder.string()),
                  "Name another output_dir, or set overwrite_output_dir: true.");
    }
    if (state.Get<size_t>("total_steps") != run_.steps().total_steps()) {
      throw Error(fmt::format("{}: it belongs to a run of {} steps, this one has {}",
                              checkpoint->folder.string(), state.Get<size_t>("total_steps"),
                              run_.steps().total_steps()),
                  "Name another output_dir, or set overwrite_output_dir: true.");
    }
    LoadMasters(run_, checkpoint->folder, pool_);
    optimizer_.Restore(Safetensors(checkpoint->folder / kOptimizerFile));
    log_->Resume(ReadJsonFile(checkpoint->folder / kStateFile, kMaxStateBytes));
    totals_ = Totals::FromJson(state.Object("totals"));
    for (const double loss : log_->EvaluationCurve().losses) best_.Add(loss);
    best_folder_ = state.GetOr<std::string>("best", "");
    Note(fmt::format("resumed from {} after step {}", checkpoint->folder.filename().string(),
                     optimizer_.steps()));
  }

  TrainingImage ImageOf(size_t image) const {
    if (features_) return features_->Get(image);
    const Patches patches = run_.images().Load(image);
    const size_t width = run_.model().config.vision.patch_values();
    auto rows = std::make_shared<OwnedMatrix>(patches.values.size() / width, width);
    std::copy(patches.values.begin(), patches.values.end(), rows->data());
    return {patches.grid, nullptr, std::move(rows)};
  }
  TrainingBatch BatchOf(const Pass& pass) const {
    return MakeBatch(pass, run_.model().config, [this](size_t image) { return ImageOf(image); });
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
    const size_t step = optimizer_.steps();
    const StepPlan::Step plan = run_.steps().At(step);
    double loss = 0;
    try {
      loss = ComputeGradients(step, plan);
    } catch (const Cancelled&) {
      return false;
    }
    const double norm = GradientNorm(optimizer_.tensors(), pool_);
    if (!std::isfinite(loss) || !std::isfinite(norm)) {
      throw Error(fmt::format("step {}: the {} is not finite", step + 1,
                              std::isfinite(loss) ? "gradient" : "loss"),
                  "Lower learning_rate, or go on from the last checkpoint with max_grad_norm set.");
    }
    const double rate = schedule_.At(step);
    optimizer_.Step(rate, ClipFactor(norm, arguments_.max_grad_norm), pool_);
    run_.parameters().ValuesChanged(run_.model().weights, pool_);
    AfterStep(plan, loss, norm, rate);
    return true;
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
    const size_t step = optimizer_.steps();
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
    const Clock::time_point begin = Clock::now();
    const std::vector<MicroBatch> micro_batches =
        EvaluationBatches(run_.evaluation_rows(), arguments_.per_device_eval_batch_size);
    const std::vector<Pass> passes = PassesOf(micro_batches);
    double loss = 0;
    for (size_t i = 0; i < passes.size(); ++i) {
      Report(listener_.progress, "Evaluating", i, passes.size());
      const TrainingBatch batch = BatchOf(passes[i]);
      const std::vector<float> losses =
          ForwardLoss(run_.model().config, run_.model().weights, batch, pool_);
      for (size_t t = 0; t < losses.size(); ++t) loss += batch.targets[t].weight * losses[t];
    }
    Report(listener_.progress, "Evaluating", 1, 1);
    log_->Add(EvaluationEntry{step, epoch, loss,
                              std::chrono::duration<double>(Clock::now() - begin).count(),
                              run_.evaluation_rows().size(), micro_batches.size()},
              Elapsed());
    return best_.Add(loss);
  }

  void Save(size_t step, bool better = false) {
    const fs::path folder = arguments_.output_dir / fmt::format("checkpoint-{}", step);
    if (better) {
      best_folder_ = folder.string();
      log_->SetBest(log_->EvaluationCurve().losses.back(), step, best_folder_);
    }
    Totals totals = totals_;
    totals.seconds += Elapsed();
    const Json state = {{"data", run_.fingerprint()},
                        {"total_steps", run_.steps().total_steps()},
                        {"totals", totals.ToJson()},
                        {"best", best_folder_}};
    const double epoch = step == 0 ? 0 : run_.steps().At(step - 1).epochs_done;
    SaveCheckpoint(arguments_.output_dir, step, state, [&](const fs::path& to) {
      SaveMasters(run_, to);
      if (!arguments_.save_only_model) {
        SaveSafetensors(to / kOptimizerFile, optimizer_.State(), optimizer_.Metadata());
      }
      WriteFileAtomically(to / kStateFile, log_->TrainerState(step, epoch).dump(2) + "\n");
    });
    RotateCheckpoints(arguments_.output_dir, arguments_.save_total_limit, folder, best_folder_);
  }

  TrainSummary Summary() const {
    const size_t step = optimizer_.steps();
    TrainSummary summary;
    summary.epochs = step == 0 ? 0 : run_.steps().At(step - 1).epochs_done;
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
    const TrainSummary summary = Summary();
    if (arguments_.load_best_model_at_end && !best_folder_.empty()) {
      LoadMasters(run_, best_folder_, pool_);
      Note("took the best checkpoint: " + fs::path(best_folder_).filename().string());
    }
    SaveTrainedModel(run_, arguments_.output_dir);
    log_->Finish(summary);
    log_->WriteResults();
    if (arguments_.plot_loss) PlotLosses(*log_, arguments_.output_dir);
    WriteFileAtomically(arguments_.output_dir / "README.md", ModelCard(arguments_, *log_));
    if (features_) features_->Remove();
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
  size_t began_at_step_ = 0;
  // A quarter stays for everything else that runs here.
  const size_t memory_bytes_ = AvailableMemory() / 4 * 3;
};

}  // namespace

TrainingResult Train(PreparedRun& run, ThreadPool& pool, const TrainingListener& listener,
                     const std::stop_token& stop) {
  return Training(run, pool, listener, stop).Run();
}

}  // namespace roentgen
