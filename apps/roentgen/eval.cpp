// `roentgen eval`: what a model's answers are worth.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "column_options.h"
#include "commands.h"
#include "eval_run.h"
#include "evaluation_text.h"
#include "interrupt.h"
#include "output_options.h"
#include "roentgen/base/folder_lock.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output_folder.h"
#include "roentgen/evaluation/answered_run.h"
#include "roentgen/evaluation/evaluate.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "roentgen/evaluation/image_use.h"
#include "roentgen/evaluation/run_folder.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

struct EvalFlags {
  EvalRunFlags run;
  fs::path predictions;
  ColumnChoice columns;
  fs::path references;
  fs::path train;
  fs::path swapped;
  fs::path blank;
  fs::path noise;
  fs::path vocabulary;
  std::vector<std::string> scorers;
  std::vector<std::string> breakdown;
  BootstrapOptions bootstrap = EvaluateOptions().bootstrap;
  bool json = false;
};

/// What the run says about the use of the image, for one kind of other images.
struct ImageTest {
  std::string name;
  std::string images;  // in a sentence
  ImageUse use;
};

/// Predictions, and those on other images: of files, or of a run folder.
struct Answered {
  std::vector<Example> examples;
  std::vector<ImageTest> tests;
};

std::vector<Example> ReadExamples(const EvalFlags& flags, ThreadPool& pool) {
  const std::vector<Prediction> predictions = ReadPredictions(flags.predictions, flags.columns);
  const std::string file = flags.predictions.string();
  if (flags.references.empty()) {
    return ToExamples(predictions, file, PrintAside, HashImages(predictions, file, {}, pool));
  }
  const std::vector<Sample> samples =
      ReadSamples(flags.references, flags.run.split, PrintAside, flags.run.allow_outside);
  return ToExamples(predictions, file, samples, PrintAside,
                    HashImages(predictions, file, samples, pool));
}

/// Ids of questions that were answered and have no reference: other files may answer them, too.
std::set<std::string> LeftOut(const EvalFlags& flags, const std::vector<Example>& examples) {
  std::set<std::string> ids;
  for (const Prediction& row : ReadPredictions(flags.predictions, flags.columns)) {
    ids.insert(row.id);
  }
  for (const Example& example : examples) ids.erase(example.id);
  ids.erase("");
  return ids;
}

std::vector<ImageTest> TestImageUse(const EvalFlags& flags, const std::vector<Example>& examples,
                                    ThreadPool& pool) {
  std::vector<ImageTest> tests;
  if (flags.swapped.empty() && flags.blank.empty() && flags.noise.empty()) return tests;
  const std::set<std::string> left_out = LeftOut(flags, examples);
  const auto add = [&](const fs::path& file, const char* name, const char* images) {
    if (file.empty()) return;
    std::vector<Prediction> predictions = ReadPredictions(file, flags.columns);
    std::erase_if(predictions, [&](const Prediction& row) { return left_out.contains(row.id); });
    // What stands in for an image that is not shown may go by the image's own name.
    const bool named = file == flags.swapped;
    const ImageHashes hashes =
        named ? HashImages(predictions, file.string(), {}, pool) : ImageHashes();
    const auto others =
        AnswersTo(examples, predictions, file.string(),
                  named ? ImageRule::kOtherFiles : ImageRule::kOther, PrintAside, hashes);
    tests.push_back({name, images, MeasureImageUse(examples, others)});
  };
  add(flags.swapped, "swapped", "swapped images");
  add(flags.blank, "blank", "blank images");
  add(flags.noise, "noise", "images of noise");
  return tests;
}

/// What a finished run answered.
Answered ReadAnswers(const fs::path& folder, ThreadPool& pool) {
  AnsweredRun run = ReadAnsweredRun(folder, pool, {}, PrintAside);
  Answered answered{std::move(run.examples), {}};
  for (const auto& [shown, use] : run.image_use) {
    answered.tests.push_back(
        {std::string(NameOf(shown)), fmt::format("{} images", NameOf(shown)), use});
  }
  return answered;
}

EvaluateOptions Resolve(const EvalFlags& flags) {
  EvaluateOptions options;
  for (const std::string& name : flags.scorers) options.scorers.push_back(&FindScorer(name));
  options.breakdown = flags.breakdown;
  if (!flags.train.empty()) {
    options.training =
        ReadSamples(flags.train, std::string(kTrain), PrintAside, flags.run.allow_outside);
  }
  if (!flags.vocabulary.empty()) options.vocabulary = Vocabulary::Read(flags.vocabulary);
  options.bootstrap = flags.bootstrap;
  return options;
}

/// As it stands in the file.
std::string JsonText(const Evaluation& evaluation, const std::vector<ImageTest>& tests) {
  nlohmann::ordered_json json = ToJson(evaluation);
  for (const ImageTest& test : tests) json["image_use"][test.name] = ToJson(test.use);
  const std::string text =
      MarkedJson(FileKind::kEvaluation, json)
          .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return Sealed(FileKind::kEvaluation, text + "\n");
}

void WriteScores(const fs::path& folder, bool runs, const std::string& json) {
  WriteFile(folder / kEvaluationFile, json);
  SealFiles({folder, "eval", runs ? RunFiles() : std::set<std::string>{kEvaluationFile}});
}

/// Nothing of what is read is replaced.
void CheckOutputs(const EvalFlags& flags) {
  std::vector<fs::path> read = {flags.predictions, flags.references, flags.swapped,   flags.blank,
                                flags.noise,       flags.train,      flags.vocabulary};
  const bool runs = !flags.run.data.empty();
  if (runs) {
    read.push_back(flags.run.data);
    const std::vector<fs::path> folders = flags.run.model.Folders();
    read.insert(read.end(), folders.begin(), folders.end());
  }
  const FolderMark mark(flags.run.out);
  for (const std::string& name : runs ? RunFiles() : std::set<std::string>{kEvaluationFile}) {
    const fs::path file = flags.run.out / name;
    CheckIsNoInput(file, read, mark.Owns(name) || IsMadeByThisProgram(file, FileKind::kEvaluation));
  }
}

/// The scores of answers that are there.
void ClaimScores(const EvalFlags& flags) {
  Claim claim{flags.run.out, "eval", {kEvaluationFile}, flags.run.replaces};
  claim.kind = FileKind::kEvaluation;
  ClaimFiles(claim);
}

void RequireSense(const EvalFlags& flags) {
  const bool runs = !flags.run.data.empty();
  if (runs == !flags.predictions.empty()) {
    throw UsageError(
        "say what to score: --predictions FILE, or --data SET with --out FOLDER to "
        "run a model over it");
  }
  if (runs && flags.run.out.empty()) {
    throw UsageError("say where to keep the answers: --out FOLDER");
  }
  if (!runs && flags.references.empty() && !flags.run.split.empty()) {
    throw UsageError("--split is a part of --data or of --references");
  }
  for (const std::string& name : flags.scorers) ReadArgument([&] { FindScorer(name); });
}

/// Runs the model where one is to be run, and reads what was answered.
Answered Answers(const EvalFlags& flags, ThreadPool& pool, InterruptWatch& interrupt) {
  if (flags.run.data.empty()) {
    if (!flags.run.out.empty()) ClaimScores(flags);
    Answered answered;
    answered.examples = ReadExamples(flags, pool);
    answered.tests = TestImageUse(flags, answered.examples, pool);
    return answered;
  }
  RunModelOverQuestions(flags.run, pool, interrupt);
  return ReadAnswers(flags.run.out, pool);
}

int RunEval(const EvalFlags& flags) {
  RequireSense(flags);
  InterruptWatch interrupt;
  ThreadPool pool(flags.run.model.threads);
  std::optional<RunLock> lock;
  if (!flags.run.out.empty()) {
    lock.emplace(flags.run.out);
    CheckOutputs(flags);
  }
  const auto [examples, tests] = Answers(flags, pool, interrupt);
  ProgressLine progress;
  const Evaluation evaluation = Evaluate(examples, Resolve(flags), pool, progress.AsProgress());
  progress.Clear();
  const std::string json = JsonText(evaluation, tests);
  if (!flags.run.out.empty()) WriteScores(flags.run.out, flags.predictions.empty(), json);
  if (flags.json) {
    PrintJsonText(Strip(json));
  } else {
    PrintEvaluation(evaluation, flags.breakdown);
    if (!tests.empty()) Print("\n");
    for (const ImageTest& test : tests) Print("{}\n", Describe(test.use, test.images));
  }
  return kDone;
}

std::string ScorerHelp() {
  std::string help = "The scorers; docs/evaluation.md explains each.\n";
  for (const Scorer* scorer : AllScorers()) {
    help += fmt::format("  {:<25} {}\n", scorer->name, scorer->source);
  }
  return help;
}

}  // namespace

void AddEval(CLI::App& app, Run& run) {
  auto flags = std::make_shared<EvalFlags>();
  CLI::App* command = app.add_subcommand(
      "eval",
      "Ask a model a question set and score its answers, or score answers that are there, with "
      "intervals, baselines and tests");
  CLI::Option* predictions = command->add_option(
      "--predictions", flags->predictions,
      "Score these: generated_predictions.jsonl of this program, of LLaMA-Factory or another");
  AddColumnOptions(*command, flags->columns);
  EvalRunFlags& run_flags = flags->run;
  run_flags.model.AddTo(*command);
  run_flags.pixels.AddTo(*command);
  command
      ->add_option("--data", run_flags.data,
                   "Ask these: a folder of VQA-RAD, SLAKE or with dataset_info.json, a ShareGPT or "
                   "CSV file")
      ->excludes(predictions);
  command->add_option(
      "--out", run_flags.out,
      "Folder for the answers, what they were made with, and the scores; a run that "
      "was stopped goes on there");
  AddForce(*command, run_flags.replaces);
  command
      ->add_option("--images", run_flags.images,
                   "What is shown: the true images, and others that show whether the answers rest "
                   "on them (true, swapped, blank, noise)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_option("--max-new-tokens", run_flags.max_new_tokens, "Longest answer")
      ->check(CLI::Range(size_t{1}, size_t{1} << 20))
      ->capture_default_str();
  command->add_option("--max-samples", run_flags.max_samples, "Only the first so many questions");
  CLI::Option* references = command->add_option(
      "--references", flags->references,
      "The question set, when the predictions do not carry their references: a folder of VQA-RAD, "
      "SLAKE or with dataset_info.json, a ShareGPT or CSV file");
  command->add_option("--split", run_flags.split,
                      "The question set's part: train, validation, test; all by default");
  references->excludes("--data");
  command->add_flag("--allow-outside", run_flags.allow_outside,
                    "The question set may name images outside of its folder");
  command->add_option("--train", flags->train,
                      "A question set whose training part gives the question-only baseline");
  command->add_option("--swapped", flags->swapped, "Answers to the same questions on other images");
  command->add_option("--blank", flags->blank, "… on blank images");
  command->add_option("--noise", flags->noise, "… on images of noise");
  command->add_option("--vocabulary", flags->vocabulary,
                      "Medical terms for reports: JSON, or one a line; a few are built in");
  command
      ->add_option("--by", flags->breakdown,
                   "Break down by a field: modality, organ, question_type, language, …")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--scorer", flags->scorers, "Only this scorer; all by default")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--resamples", flags->bootstrap.resamples,
                   "Perfectly calibrated models that are drawn, for the calibration's comparison")
      ->check(CLI::Range(2, 10'000'000))
      ->capture_default_str();
  command->add_option("--seed", flags->bootstrap.seed, "Of those drawings")->capture_default_str();
  command->add_flag("--json", flags->json, "Everything as JSON");
  command->footer(ScorerHelp());
  command->callback([flags, &run] { run = [flags] { return RunEval(*flags); }; });
}

}  // namespace roentgen::app
