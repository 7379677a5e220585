// `roentgen eval`: what a model's answers are worth.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "column_options.h"
#include "commands.h"
#include "eval_run.h"
#include "interrupt.h"
#include "report_scores.h"
#include "roentgen/base/files.h"
#include "roentgen/evaluation/answered_run.h"
#include "roentgen/evaluation/evaluate.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "roentgen/evaluation/image_use.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/text/display_width.h"
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
  BootstrapOptions bootstrap;
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
  const std::vector<Sample> samples = ReadSamples(flags.references, flags.run.split, PrintAside);
  return ToExamples(predictions, file, samples, PrintAside,
                    HashImages(predictions, file, samples, pool));
}

std::vector<ImageTest> TestImageUse(const EvalFlags& flags, const std::vector<Example>& examples,
                                    ThreadPool& pool) {
  std::vector<std::string> references;
  std::vector<std::string> answers;
  for (const Example& example : examples) {
    references.push_back(example.reference);
    answers.push_back(example.prediction);
  }
  std::vector<ImageTest> tests;
  const auto add = [&](const fs::path& file, const char* name, const char* images) {
    if (file.empty()) return;
    const std::vector<Prediction> predictions = ReadPredictions(file, flags.columns);
    // What stands in for an image that is not shown may go by the image's own name.
    const bool named = file == flags.swapped;
    const ImageHashes hashes =
        named ? HashImages(predictions, file.string(), {}, pool) : ImageHashes();
    const auto others =
        AnswersTo(examples, predictions, file.string(), ImageRule::kOther, PrintAside, hashes);
    tests.push_back({name, images, MeasureImageUse(references, answers, others)});
  };
  add(flags.swapped, "swapped", "swapped images");
  add(flags.blank, "blank", "blank images");
  add(flags.noise, "noise", "images of noise");
  return tests;
}

/// What a finished run answered.
Answered ReadAnswers(const fs::path& folder, ThreadPool& pool) {
  AnsweredRun run = ReadAnsweredRun(folder, pool);
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
    options.training = ReadSamples(flags.train, std::string(kTrain), PrintAside);
  }
  if (!flags.vocabulary.empty()) options.vocabulary = Vocabulary::Read(flags.vocabulary);
  options.bootstrap = flags.bootstrap;
  return options;
}

/// A score in percent with one decimal; a ratio with two.
std::string Number(double value, ScoreUnit unit) {
  if (unit == ScoreUnit::kRatio) return fmt::format("{:.2f}", value);
  return fmt::format("{:.1f}", unit == ScoreUnit::kShare ? 100 * value : value);
}

void PrintScores(const GroupSummary& group, const std::vector<std::string>& baselines) {
  fmt::print("\n{}, {} questions\n", group.value, group.examples);
  fmt::print("  {:<48} {:>5} {:>7}  {:^13}", "score", "n", "%", "95 %");
  for (const std::string& baseline : baselines) fmt::print("  {:>13.13}", baseline);
  fmt::print("\n");
  std::string refused;
  for (const ScoreSummary& score : group.scores) {
    if (!score.refusal.empty()) {
      if (score.scorer != refused) fmt::print("  {}: {}.\n", score.scorer, score.refusal);
      refused = score.scorer;
      continue;
    }
    fmt::print("  {:<48} {:>5} {:>7}  {:>5} – {:<5}", score.scorer + " " + score.value, score.count,
               Number(score.interval.mean, score.unit), Number(score.interval.lower, score.unit),
               Number(score.interval.upper, score.unit));
    for (const auto& baseline : score.baselines) {
      fmt::print("  {:>13}", baseline ? Number(*baseline, score.unit) : "");
    }
    fmt::print("\n");
  }
}

/// The three scores that say most, a line for each group of a field.
void PrintBreakdown(const std::vector<GroupSummary>& groups, const std::string& field) {
  static constexpr std::pair<const char*, const char*> kShown[] = {
      {"strict", "exact_match"}, {"strict", "f1"}, {"first-token", "accuracy"}};
  fmt::print("\nby {:<27} {:>5}", field, "n");
  for (const auto& [scorer, value] : kShown) {
    fmt::print("  {:>22}", fmt::format("{} {}", scorer, value));
  }
  fmt::print("\n");
  for (const GroupSummary& group : groups) {
    if (group.field != field) continue;
    fmt::print("  {} {:>5}", FitToWidth(group.value, 28), group.examples);
    for (const auto& shown : kShown) {
      const auto score =
          std::find_if(group.scores.begin(), group.scores.end(), [&](const ScoreSummary& s) {
            return s.scorer == shown.first && s.value == shown.second;
          });
      std::string cell;
      if (score != group.scores.end()) {
        cell = fmt::format("{} ({} – {})", Number(score->interval.mean, score->unit),
                           Number(score->interval.lower, score->unit),
                           Number(score->interval.upper, score->unit));
      }
      fmt::print("  {:>22}", cell);
    }
    fmt::print("\n");
  }
}

void PrintYesNo(const std::string& what, const YesNoTable& table) {
  if (table.total() == 0) return;
  fmt::print("{:<22} {:>5} {:>9.1f} {:>10.1f} {:>7.1f} {:>6.1f} {:>11.1f} {:>15.1f} {:>8}\n", what,
             table.total(), 100 * table.accuracy(), 100 * table.precision(), 100 * table.recall(),
             100 * table.f1(), 100 * table.yes_ratio(), 100 * table.false_positive_rate(),
             table.unanswered);
}

void PrintHallucination(const Evaluation& evaluation) {
  const GroupSummary& all = evaluation.groups.front();
  if (all.yes_no.total() > 0) {
    fmt::print("\n{:<22} {:>5} {:>9} {:>10} {:>7} {:>6} {:>11} {:>15} {:>8}\n", "yes/no questions",
               "n", "accuracy", "precision", "recall", "F1", "said yes", "false positive",
               "neither");
    PrintYesNo("  all", all.yes_no);
    PrintYesNo("  presence, abnormality", evaluation.presence);
  }
  const auto print_share = [](const char* what, size_t part, size_t whole) {
    if (whole == 0) return;
    fmt::print("{}: {} of {} ({:.1f} %).\n", what, part, whole,
               100 * static_cast<double>(part) / static_cast<double>(whole));
  };
  print_share("Questions about what is not there, declined", evaluation.false_premises.declined,
              evaluation.false_premises.questions);
  print_share("Twins right on both sides", evaluation.twins.both_right, evaluation.twins.pairs);
  print_share("Paraphrases answered alike", evaluation.paraphrases.equal,
              evaluation.paraphrases.pairs);
  if (evaluation.calibration.count > 0) {
    fmt::print("Calibration of yes/no: expected error {:.1f} % over {} questions.\n",
               100 * evaluation.calibration.expected_calibration_error,
               evaluation.calibration.count);
  }
}

void PrintEvaluation(const Evaluation& evaluation, const EvalFlags& flags,
                     const std::vector<ImageTest>& tests) {
  fmt::print("{} questions, {} answered with nothing\n", evaluation.examples,
             evaluation.empty_answers);
  for (const GroupSummary& group : evaluation.groups) {
    if (group.field == "kind") PrintScores(group, evaluation.baselines);
  }
  for (const std::string& field : flags.breakdown) PrintBreakdown(evaluation.groups, field);
  PrintHallucination(evaluation);
  PrintReportScores(evaluation.reports);
  if (!tests.empty()) fmt::print("\n");
  for (const ImageTest& test : tests) fmt::print("{}\n", Describe(test.use, test.images));
}

std::string JsonText(const Evaluation& evaluation, const std::vector<ImageTest>& tests) {
  nlohmann::ordered_json json = ToJson(evaluation);
  for (const ImageTest& test : tests) json["image_use"][test.name] = ToJson(test.use);
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// Runs the model where one is to be run, and reads what was answered.
Answered Answers(const EvalFlags& flags, ThreadPool& pool, InterruptWatch& interrupt) {
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
  if (!runs) {
    Answered answered;
    answered.examples = ReadExamples(flags, pool);
    answered.tests = TestImageUse(flags, answered.examples, pool);
    return answered;
  }
  RunModelOverQuestions(flags.run, pool, interrupt);
  return ReadAnswers(flags.run.out, pool);
}

int RunEval(const EvalFlags& flags) {
  InterruptWatch interrupt;
  ThreadPool pool(flags.run.model.threads);
  const auto [examples, tests] = Answers(flags, pool, interrupt);
  ProgressLine progress;
  const Evaluation evaluation = Evaluate(examples, Resolve(flags), pool, progress.AsProgress());
  progress.Clear();
  const std::string json = JsonText(evaluation, tests);
  if (!flags.run.out.empty()) WriteFileAtomically(flags.run.out / "evaluation.json", json);
  if (flags.json) {
    fmt::print("{}", json);
  } else {
    PrintEvaluation(evaluation, flags, tests);
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
  command->add_option("--resamples", flags->bootstrap.resamples, "Of the bootstrap intervals")
      ->check(CLI::Range(2, 10'000'000))
      ->capture_default_str();
  command->add_option("--seed", flags->bootstrap.seed, "Of the bootstrap intervals")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Everything as JSON");
  command->footer(ScorerHelp());
  command->callback([flags, &run] { run = [flags] { return RunEval(*flags); }; });
}

}  // namespace roentgen::app
