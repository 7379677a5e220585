// `roentgen data import` and `roentgen data check`: the same work, with and without files.

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "data_options.h"
#include "data_summary.h"
#include "interrupt.h"
#include "roentgen/data/import.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kListedRows = 20;

struct ImportFlags {
  SourceOptions source;
  StatisticsFlags statistics;
  std::vector<std::string> rules;
  bool raw = false;
  std::optional<double> blur_threshold;
  std::string split = "official";
  SplitPlan plan;
  std::map<std::string, std::string> parts;
  double missing_share = ImportOptions().missing_share;
  bool conversations = false;
  fs::path out;
  std::string name;
  bool json_lines = false;
  bool copy_images = false;
  bool force = false;
  int threads = PhysicalCores();

  ImportOptions Resolve();
};

ImportOptions ImportFlags::Resolve() {
  ImportOptions options;
  if (raw) options.rules = RuleModes::AllOff();
  for (const std::string& rule : rules) options.rules.Set(rule);
  options.blur_threshold = blur_threshold;
  options.split = plan;
  options.split.kind = split == "image"   ? SplitPlan::Kind::kByUnit
                       : split == "folds" ? SplitPlan::Kind::kFolds
                                          : SplitPlan::Kind::kOfficial;
  if (plan.test_share + plan.validation_share >= 1) {
    throw UsageError("--test-share and --validation-share leave nothing to train on");
  }
  options.parts = parts;
  options.missing_share = missing_share;
  options.conversations = conversations;
  options.statistics = statistics.Resolve();
  if (!out.empty()) {
    OutputOptions& output = options.output.emplace();
    output.folder = out;
    output.name = name.empty() ? source.format : name;
    output.json_lines = json_lines;
    output.copy_images = copy_images;
    output.source = source.Describe();
    output.force = force;
    output.on_replaced = [](const std::string& dataset) { PrintAside("replaces " + dataset); };
  }
  return options;
}

ImportSummary RunOn(const SourceOptions& source, ImportOptions& options, int threads) {
  InterruptWatch interrupt;
  ThreadPool pool(threads);
  const InterruptWatch::Work work(interrupt);
  options.stop = work.token();
  ProgressLine progress;
  return Import(*source.Open(), options, pool, progress.AsProgress());
}

/// The rules that only reported something, as --rule takes them; empty when there are none.
std::string ActingRules(const ImportSummary& summary) {
  std::string rules;
  for (const RuleInfo& info : AllRules()) {
    if (summary.rules[static_cast<size_t>(info.rule)].actable == 0) continue;
    rules += fmt::format("{}{}=apply", rules.empty() ? "" : ",", info.name);
  }
  return rules;
}

/// The import of what is checked.
std::string ImportCommand(const ImportFlags& flags) {
  std::string command = fmt::format("roentgen data import {} {} --out FOLDER", flags.source.format,
                                    ShellWord(flags.source.path.string()));
  for (const auto& [flag, value] : flags.source.Flags()) {
    command += " " + flag + (value.empty() ? "" : " " + ShellWord(value));
  }
  for (const auto& [name, part] : flags.parts) {
    command += " --part " + ShellWord(name + "=" + part);
  }
  if (flags.raw) command += " --raw";
  if (flags.blur_threshold) command += fmt::format(" --blur-threshold {}", *flags.blur_threshold);
  for (const std::string& rule : flags.rules) command += " --rule " + rule;
  return command;
}

int RunImport(ImportFlags& flags) {
  ImportOptions options = flags.Resolve();
  const ImportSummary summary = RunOn(flags.source, options, flags.threads);
  PrintSummary(summary, options, TerminalColumns());
  PrintActing(summary, "the same with", ActingRules(summary), TerminalColumns());
  return kDone;
}

/// Fails where import would have to drop rows that nobody can use, or training would refuse some.
int RunCheck(ImportFlags& flags) {
  ImportOptions options = flags.Resolve();
  std::vector<FoundRow> unusable;
  options.on_finding = [&](const Sample& sample, const CleaningFinding& finding) {
    if (InfoOf(finding.rule).remedy != Remedy::kDropEverywhere) return;
    if (unusable.size() < kListedRows) unusable.push_back({sample.id, sample.source, finding});
  };
  const ImportSummary summary = RunOn(flags.source, options, flags.threads);
  PrintSummary(summary, options, TerminalColumns());
  PrintActing(summary, ImportCommand(flags), ActingRules(summary), TerminalColumns());
  PrintAlignment(summary, options.rules, unusable, TerminalColumns());
  if (summary.kept == 0) Print("\nNo row is left: import would write nothing.\n");
  const bool wrong = UnusableRows(summary) + summary.statistics.images_cut > 0 || summary.kept == 0;
  return wrong ? kFailed : kDone;
}

std::string RuleHelp() {
  std::string help = "The cleaning rules; each is off, report or apply.\n";
  for (const RuleInfo& info : AllRules()) {
    const char* mode = info.default_mode == RuleMode::kApply ? "apply" : "report";
    help += fmt::format("  {:<21} {:<7} {}\n", info.name, mode, info.what);
  }
  return help + "Rows of test and validation parts are dropped only where nobody could use them.";
}

/// What is wrong with a --rule, for CLI11; empty when nothing is.
std::string CheckRule(const std::string& rule) {
  try {
    RuleModes().Set(rule);
    return "";
  } catch (const Error& error) {
    return fmt::format("{}. {}", error.what(), error.hint());
  }
}

/// Takes "NAME=test".
void AddPart(const std::string& assignment, ImportFlags& flags) {
  const size_t equals = assignment.rfind('=');
  const std::string_view role = equals == std::string::npos
                                    ? std::string_view()
                                    : std::string_view(assignment).substr(equals + 1);
  if (equals == 0 || (role != kTrain && role != kValidation && role != kTest)) {
    throw CLI::ValidationError("--part", assignment + ": say NAME=train, validation or test");
  }
  flags.parts[assignment.substr(0, equals)] = role;
}

void AddCleaningFlags(CLI::App& command, ImportFlags& flags) {
  command.add_option("--rule", flags.rules, "Set a cleaning rule: NAME=off, report or apply")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Validator(CheckRule, ""));
  command
      .add_option_function<std::vector<std::string>>(
          "--part",
          [&flags](const std::vector<std::string>& parts) {
            for (const std::string& part : parts) AddPart(part, flags);
          },
          "What a part of the source is that has another name: NAME=train, validation or test")
      ->type_name("NAME=PART")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_flag("--raw", flags.raw, "All rules off, but those that --rule sets");
  command
      .add_option("--blur-threshold", flags.blur_threshold,
                  "What is too blurred, 0 to 1, instead of the outliers of each modality")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--threads", flags.threads, "Threads that look at images")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command.footer(RuleHelp());
}

void AddSplitFlags(CLI::App& command, ImportFlags& flags) {
  command
      .add_option("--split", flags.split,
                  "official; image: no patient, and no image or near duplicate, in two parts; "
                  "folds: so many such parts")
      ->check(CLI::IsMember({"official", "image", "folds"}))
      ->capture_default_str();
  command.add_option("--test-share", flags.plan.test_share, "With --split image")
      ->check(CLI::Range(0.001, 0.999))
      ->capture_default_str();
  command.add_option("--validation-share", flags.plan.validation_share, "With --split image")
      ->check(CLI::Range(0.0, 0.999))
      ->capture_default_str();
  command.add_option("--folds", flags.plan.folds, "With --split folds")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  command.add_option("--seed", flags.plan.seed, "Of the split")->capture_default_str();
}

}  // namespace

void AddDataImport(CLI::App& data, Run& run) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* command = data.add_subcommand(
      "import", "Check, clean and split a question set into files that LLaMA-Factory loads");
  flags->source.AddTo(*command);
  command->add_option("--out", flags->out, "Folder to write to")->required();
  command->add_option("--name", flags->name, "Name of the dataset; the format's by default");
  command->add_flag("--force", flags->force,
                    "Write over files of the dataset that were changed since they were written");
  AddSplitFlags(*command, *flags);
  command->add_flag("--conversations", flags->conversations,
                    "Join the questions about an image into one conversation of several turns");
  command->add_flag("--jsonl", flags->json_lines, "Write JSON lines");
  command
      ->add_option("--missing-share", flags->missing_share,
                   "Nothing is written when more of the images than this are missing")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--copy-images", flags->copy_images,
                    "Copy the images into the folder, so that it stands alone");
  flags->statistics.AddTo(*command);
  AddCleaningFlags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return RunImport(*flags); }; });
}

void AddDataCheck(CLI::App& data, Run& run) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* command = data.add_subcommand(
      "check", "Say what import would find, and write nothing; fails when rows cannot be used");
  flags->source.AddTo(*command);
  flags->statistics.AddTo(*command);
  AddCleaningFlags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return RunCheck(*flags); }; });
}

}  // namespace roentgen::app
