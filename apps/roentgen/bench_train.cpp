// `roentgen bench train`: seconds and memory of a training step, and of an epoch.

#include "bench_train.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "interrupt.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/training/training_log.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

double Gigabytes(size_t bytes) {
  return static_cast<double>(bytes) * 1e-9;
}

nlohmann::ordered_json ToJson(const EpochPart& part) {
  return {{"images", part.images},
          {"samples", part.samples},
          {"computed_tokens", part.computed_tokens},
          {"steps", part.steps},
          {"feature_seconds", part.feature_seconds},
          {"step_seconds", part.step_seconds}};
}

void PrintFiguresAsJson(const TrainBenchOptions& options, const StepFigures& step,
                        const std::optional<EpochFigures>& epoch) {
  nlohmann::ordered_json json;
  json["instruction_set"] = InstructionSet();
  json["threads"] = options.threads;
  json["fma_peak_gflops"] = step.fma_peak * 1e-9;
  json["tokens"] = step.tokens;
  json["trained_values"] = step.trained_values;
  json["kept_layers"] = step.kept_layers;
  json["step_seconds"] = step.seconds;
  json["step_processor_seconds"] = step.processor_seconds;
  json["tokens_per_second"] = static_cast<double>(step.tokens) / step.seconds;
  json["samples_per_second"] = 1 / step.seconds;
  json["operations"] = step.operations;
  json["share_of_fma_peak"] = step.Share();
  json["share_of_fma_peak_by_processor_time"] = step.ProcessorShare();
  json["peak_memory_bytes"] = step.peak_memory_bytes;
  if (epoch) {
    json["epoch_measured"] = ToJson(epoch->measured);
    json["epoch_measured"]["processor_seconds"] = epoch->processor_seconds;
    json["epoch_measured"]["peak_memory_bytes"] = epoch->peak_memory_bytes;
    json["epoch_extrapolated"] = ToJson(epoch->whole);
    json["epoch_extrapolated"]["samples_per_second"] = epoch->SamplesPerSecond();
  }
  PrintJson(json);
}

void PrintStep(const TrainBenchOptions& options, const StepFigures& step) {
  Print("{} threads, {}: f32 FMA peak {:.0f} GF/s\n", options.threads, InstructionSet(),
        step.fma_peak * 1e-9);
  Print("One sample of {} tokens, features of its image at hand; LoRA of rank 8, {} values\n\n",
        step.tokens, step.trained_values);
  const auto row = [](const char* what, const std::string& figure, const std::string& more) {
    Print("{:<16}  {:>15}   {}\n", what, figure, more);
  };
  row("step", fmt::format("{:.2f} s", step.seconds),
      fmt::format("{:.2f} s of processor time a thread", step.processor_seconds));
  row("tokens", fmt::format("{:.1f} /s", static_cast<double>(step.tokens) / step.seconds), "");
  row("samples", fmt::format("{:.4f} /s", 1 / step.seconds), "");
  row("useful work", fmt::format("{:.1f} GF/s", step.operations / step.seconds * 1e-9),
      fmt::format("{:.1f} % of the FMA peak, {:.1f} % by processor time", 100 * step.Share(),
                  100 * step.ProcessorShare()));
  row("peak memory", fmt::format("{:.2f} GB", Gigabytes(step.peak_memory_bytes)),
      fmt::format("{} layers kept", step.kept_layers));
}

void PrintEpoch(const EpochFigures& epoch) {
  const auto print = [](const char* what, const EpochPart& part) {
    Print("{}\n  features of {} images in {}; {} samples, {} tokens computed, in {} steps and {}\n",
          what, part.images, DurationText(part.feature_seconds), part.samples, part.computed_tokens,
          part.steps, DurationText(part.step_seconds));
  };
  print("\nMeasured on a part of the training rows:", epoch.measured);
  Print("  {:.1f} s of processor time a thread, peak memory {:.2f} GB\n", epoch.processor_seconds,
        Gigabytes(epoch.peak_memory_bytes));
  print("Extrapolated to an epoch of all of them, by images and computed tokens:", epoch.whole);
  Print("  {:.3f} samples/s, {:.3f} without the features\n", epoch.SamplesPerSecond(),
        static_cast<double>(epoch.whole.samples) / epoch.whole.step_seconds);
}

int RunBenchTrain(const TrainBenchOptions& options) {
  if (!options.instruction_set.empty()) {
    ReadArgument([&] { UseInstructionSet(options.instruction_set); });
  }
  InterruptWatch interrupt;
  ThreadPool pool(options.threads);
  const InterruptWatch::Work work(interrupt);
  const ThreadPool::CancelScope cancel(pool, work.token());
  ProgressLine progress;
  const StepFigures step = MeasureTrainingStep(options, pool, progress.AsProgress());
  std::optional<EpochFigures> epoch;
  if (!options.data.empty()) {
    epoch = MeasureEpoch(options, pool, progress.AsProgress(), work.token());
  }
  progress.Clear();
  if (options.json) {
    PrintFiguresAsJson(options, step, epoch);
    return kDone;
  }
  PrintStep(options, step);
  if (epoch) PrintEpoch(*epoch);
  return kDone;
}

}  // namespace

void AddBenchTrain(CLI::App& bench, Run& run) {
  auto options = std::make_shared<TrainBenchOptions>();
  CLI::App* command = bench.add_subcommand(
      "train",
      "Measure a training step: LoRA of rank 8, one sample with an image of 448×448 pixels;\n"
      "with --data also an epoch");
  // Those of `bench` itself would have no effect here.
  for (CLI::Option* option : bench.get_options()) {
    if (option != bench.get_help_ptr()) command->excludes(option);
  }
  command->add_option("--model", options->model, "As for `roentgen ask`");
  command->add_option("--threads", options->threads, "Threads (default: the physical cores)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--isa", options->instruction_set,
                      "Use an instruction set below the best: avx512, avx2, …");
  command->add_option("--runs", options->runs, "Steps after the first, whose median counts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--data", options->data,
                      "A folder with VQA-RAD: train on a part of it, 16 questions a step");
  command->add_option("--images", options->images, "Images of that part")
      ->check(CLI::Range(size_t{1}, size_t{100000}))
      ->capture_default_str();
  command
      ->add_option("--max-steps", options->max_steps,
                   "Steps on that part; 0: all that an epoch of it has")
      ->check(CLI::Range(size_t{0}, size_t{100000}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &run] { run = [options] { return RunBenchTrain(*options); }; });
}

}  // namespace roentgen::app
