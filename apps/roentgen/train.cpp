// `roentgen train`: a LLaMA-Factory YAML in, an adapter or a model out.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "eval_run.h"
#include "interrupt.h"
#include "roentgen/base/folder_lock.h"
#include "roentgen/evaluation/predict_arguments.h"
#include "roentgen/training/arguments.h"
#include "roentgen/training/loss_evaluation.h"
#include "roentgen/training/prepared_run.h"
#include "terminal.h"
#include "training_display.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

struct TrainFlags {
  fs::path yaml;
  std::vector<std::string> overrides;
  bool plan = false;
  int threads = PhysicalCores();
};

/// The settings, with a word on what means nothing here.
TrainingArguments ReadArguments(const TrainFlags& flags) {
  ParsedArguments parsed = ReadTrainingArguments(flags.yaml, flags.overrides);
  if (!parsed.without_meaning.empty()) {
    PrintAside(fmt::format("without meaning here: {}", fmt::join(parsed.without_meaning, ", ")));
  }
  return std::move(parsed.arguments);
}

void PrintPlan(const TrainingArguments& arguments, ThreadPool& pool) {
  TrainingDisplay display;
  const TrainingListener listener = display.AsListener();
  PreparedRun run(arguments, pool, listener.progress);
  for (const std::string& note : run.notes()) listener.note(note);
  const RunEstimate estimate = EstimateRun(run, pool, listener.progress);
  display.Clear();
  PrintEstimate(run, estimate);
}

/// Whether it came to its end.
bool TrainToTheEnd(const TrainingArguments& arguments, ThreadPool& pool,
                   const std::stop_token& stop) {
  TrainingDisplay display;
  const TrainingListener listener = display.AsListener();
  PreparedRun run(arguments, pool, listener.progress);
  for (const std::string& note : run.notes()) listener.note(note);
  const TrainingResult result = Train(run, pool, listener, stop);
  display.Clear();
  if (result.stopped) {
    Tell("stopped after step {}; the same command goes on from there\n", result.summary.steps);
    return false;
  }
  Print("{}", ClosingTable(result.summary));
  for (const std::string& rows : run.left_out()) Print("{}\n", rows);
  return true;
}

/// do_eval without do_train.
void Evaluate(const TrainingArguments& arguments, ThreadPool& pool) {
  TrainingDisplay display;
  const TrainingListener listener = display.AsListener();
  const PreparedRun run(arguments, pool, listener.progress);
  for (const std::string& note : run.notes()) listener.note(note);
  const EvaluationEntry entry = EvaluateAlone(run, pool, listener.progress);
  display.Clear();
  Print("eval_loss {:.4f} on {} rows in {:.1f} s\n", entry.loss, entry.samples, entry.seconds);
}

void Predict(const TrainingArguments& arguments, ThreadPool& pool) {
  TrainingDisplay display;
  const TrainingListener listener = display.AsListener();
  const PredictRunResult result =
      PredictFromArguments(arguments, pool, listener.note, listener.progress);
  display.Clear();
  SayHowItWent(result, arguments.output_dir);
}

/// A command of LLaMA-Factory whose settings are flags: "--stage sft --do_train True".
[[noreturn]] void RefuseFlags(const std::vector<std::string>& unknown) {
  const std::string& first = unknown.front();
  const std::string name = first.substr(std::min(first.find_first_not_of('-'), first.size()));
  const std::string key = name.substr(0, name.find('='));
  if (!IsTrainingSetting(key)) {
    throw UsageError(first + ": no such option", "See roentgen train --help");
  }
  throw UsageError(first + ": settings are not given as options",
                   fmt::format("Put them into a YAML file, a line \"{}: VALUE\" for each, and name "
                               "that file; behind it, {}=VALUE sets one of them.",
                               key, key));
}

void RequireWork(const TrainFlags& flags, const TrainingArguments& arguments) {
  if (!arguments.do_train && !arguments.do_eval && !arguments.do_predict) {
    throw UsageError(flags.yaml.string() + ": do_train is not set: nothing to train",
                     "Set do_train, do_eval or do_predict to true.");
  }
  if (flags.plan && !arguments.do_train) {
    throw UsageError(flags.yaml.string() + ": do_train is not set: there are no steps to plan",
                     fmt::format("Without --plan it {}.", arguments.do_predict
                                                              ? "answers the questions (do_predict)"
                                                              : "evaluates (do_eval)"));
  }
}

int RunTrain(const TrainFlags& flags, const std::vector<std::string>& unknown) {
  if (!unknown.empty()) RefuseFlags(unknown);
  if (flags.yaml.empty()) {
    throw UsageError("the YAML file with the settings is missing", "See roentgen train --help");
  }
  InterruptWatch interrupt;
  ThreadPool pool(flags.threads);
  const TrainingArguments arguments = ReadArguments(flags);
  RequireWork(flags, arguments);
  const InterruptWatch::Work work(interrupt);
  const ThreadPool::CancelScope cancel(pool, work.token());
  if (flags.plan) {
    PrintPlan(arguments, pool);
    return kDone;
  }
  const RunLock lock(arguments.output_dir);
  if (arguments.do_predict) ClaimPredictionFiles(arguments);
  if (arguments.do_train && !TrainToTheEnd(arguments, pool, work.token())) return kInterrupted;
  if (!arguments.do_train && arguments.do_eval) Evaluate(arguments, pool);
  if (arguments.do_predict) Predict(arguments, pool);
  Print("{}\n", arguments.output_dir.string());
  return kDone;
}

}  // namespace

void AddTrain(CLI::App& app, Run& run) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* command = app.add_subcommand(
      "train",
      "Fine-tune a model, evaluate it (do_eval) or let it answer (do_predict), as a LLaMA-Factory "
      "YAML says");
  command->allow_extras();  // to say what becomes of LLaMA-Factory's flags
  command->add_option("yaml", flags->yaml, "The settings");
  command->add_option("overrides", flags->overrides, "key=value, laid over the file");
  command->add_flag("--plan", flags->plan,
                    "Only tell steps, tokens, memory and time, measured from one pass");
  command->add_option("--threads", flags->threads, "Threads that compute")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->callback([flags, command, &run] {
    run = [flags, unknown = command->remaining()] { return RunTrain(*flags, unknown); };
  });
}

}  // namespace roentgen::app
