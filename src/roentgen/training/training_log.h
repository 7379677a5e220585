#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen {

/// What a step, or the mean of the steps since the last entry, came to.
struct StepEntry {
  size_t step = 0;  ///< counted from 1
  double epoch = 0;
  double loss = 0;
  double grad_norm = 0;  ///< before clipping
  double learning_rate = 0;
};

struct EvaluationEntry {
  size_t step = 0;
  double epoch = 0;
  double loss = 0;
  double seconds = 0;
  size_t samples = 0;
  size_t batches = 0;
};

/// A finished run.
struct TrainSummary {
  double epochs = 0;
  double loss = 0;  ///< mean over all steps
  double seconds = 0;
  double samples = 0;  ///< StepPlan::rows_seen
  size_t steps = 0;
  size_t tokens = 0;  ///< of all samples that were gone through, shared prefixes counted each time
  double flops = 0;   ///< total_flos
  std::optional<double> evaluation_loss = {};  ///< of what was saved, where it was evaluated
};

/// The keys of trainer_state.json that are settings.
struct LogSettings {
  size_t total_steps = 0;
  size_t epochs = 0;
  double logging_steps = 500;
  double eval_steps = 500;
  double save_steps = 500;
  size_t train_batch_size = 8;
};

/// Keeps what LLaMA-Factory and Hugging Face's Trainer log, and writes it into their files:
/// trainer_log.jsonl as it goes on, the others when asked.
class TrainingLog {
 public:
  TrainingLog(std::filesystem::path output_dir, const LogSettings& settings);

  /// Goes on from a checkpoint's trainer_state.json: later lines of trainer_log.jsonl are removed.
  void Resume(const Json& trainer_state);

  /// elapsed: seconds since the run, or this part of it, began.
  void Add(const StepEntry& entry, double elapsed);
  void Add(const EvaluationEntry& entry, double elapsed);
  void Finish(const TrainSummary& summary);

  void SetBest(double metric, size_t step, const std::string& checkpoint);
  std::optional<size_t> best_step() const;

  /// As trainer_state.json holds it after `step` steps.
  Json TrainerState(size_t step, double epoch) const;

  /// Says of which step the model is that is saved in the end. Unless called, that of the last
  /// evaluation.
  void SetSavedStep(size_t step) { saved_step_ = step; }
  /// The loss of the model that is saved; nothing when it was not evaluated.
  std::optional<double> SavedLoss() const;

  /// train_results.json, eval_results.json (of the model that is saved, if it was evaluated),
  /// all_results.json and trainer_state.json.
  void WriteResults() const;
  /// The names of all these files. evaluates: whether there will be an evaluation.
  static std::set<std::string> Files(bool evaluates);

  /// The losses so far, by step.
  struct Curve {
    std::vector<double> steps;
    std::vector<double> epochs;
    std::vector<double> losses;
  };
  Curve TrainingCurve() const { return CurveOf("loss"); }
  Curve EvaluationCurve() const { return CurveOf("eval_loss"); }

 private:
  void AppendLine(const Json& entry, double elapsed);
  Json SavedEvaluation() const;
  Curve CurveOf(const char* key) const;

  std::filesystem::path output_dir_;
  LogSettings settings_;
  Json history_ = Json::array();
  Json best_ = {{"metric", nullptr}, {"step", nullptr}, {"checkpoint", nullptr}};
  std::optional<TrainSummary> summary_;
  std::optional<size_t> saved_step_;
};

/// eval_results.json of an evaluation without training; all_results.json gets its keys too.
void WriteEvaluationResults(const std::filesystem::path& output_dir, const EvaluationEntry& entry);
/// The names of these files.
std::set<std::string> EvaluationFiles();

/// Seconds as Python prints a timedelta: "0:01:25", "1 day, 2:03:04".
std::string DurationText(double seconds);

/// The run in a few lines: epochs, tokens, seconds, samples, steps and tokens a second, loss.
std::string ClosingTable(const TrainSummary& summary);

}  // namespace roentgen
