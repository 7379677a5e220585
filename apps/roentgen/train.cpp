// `roentgen train`: a LLaMA-Factory YAML in, an adapter or a model out.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "interrupt.h"
#include "roentgen/training/arguments.h"
#include "roentgen/training/prepared_run.h"
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

int RunTrain(const TrainFlags& flags) {
  InterruptWatch interrupt;
  ThreadPool pool(flags.threads);
  const ParsedArguments parsed = ReadTrainingArguments(flags.yaml, flags.overrides);
  if (!parsed.without_meaning.empty()) {
    fmt::print(
        stderr, "{}\n",
        Dim(fmt::format("without meaning here: {}", fmt::join(parsed.without_meaning, ", "))));
  }
  if (!parsed.arguments.do_train) {
    throw UsageError(flags.yaml.string() + ": do_train is not set: nothing to train");
  }
  const InterruptWatch::Work work(interrupt);
  const ThreadPool::CancelScope cancel(pool, work.token());
  TrainingDisplay display;
  const TrainingListener listener = display.AsListener();
  PreparedRun run(parsed.arguments, pool, listener.progress);
  for (const std::string& note : run.notes()) listener.note(note);
  if (flags.plan) {
    const RunEstimate estimate = EstimateRun(run, pool, listener.progress);
    display.Clear();
    PrintEstimate(run, estimate);
    return kDone;
  }
  const TrainingResult result = Train(run, pool, listener, work.token());
  display.Clear();
  if (result.stopped) {
    fmt::print(stderr, "stopped after step {}; the same command goes on from there\n",
               result.summary.steps);
    return kInterrupted;
  }
  fmt::print("{}", ClosingTable(result.summary));
  fmt::print("{}\n", parsed.arguments.output_dir.string());
  return kDone;
}

}  // namespace

void AddTrain(CLI::App& app, Run& run) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* command = app.add_subcommand("train", "Fine-tune a model as a LLaMA-Factory YAML says");
  command->add_option("yaml", flags->yaml, "The settings")->required();
  command->add_option("overrides", flags->overrides, "key=value, laid over the file");
  command->add_flag("--plan", flags->plan,
                    "Only tell steps, tokens, memory and time, measured from one pass");
  command->add_option("--threads", flags->threads, "Threads that compute")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->callback([flags, &run] { run = [flags] { return RunTrain(*flags); }; });
}

}  // namespace roentgen::app
