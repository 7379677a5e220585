// `roentgen data`: question sets in, clean training files out.

#include "roentgen/data/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "interrupt.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

/// Which set to read.
struct SourceOptions {
  void AddTo(CLI::App& command) {
    command.add_option("format", format, "What it is: " + Names())
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>{"vqa-rad", "slake", "llamafactory",
                                                       "sharegpt", "alpaca", "csv"}));
    command.add_option("path", path, "The set's folder or file")->required();
    command
        .add_option("--dataset", datasets,
                    "Which entries of dataset_info.json (llamafactory); all by default")
        ->delimiter(',');
  }

  std::unique_ptr<SampleSource> Open() const {
    if (format == "vqa-rad") return OpenVqaRad(path);
    if (format == "slake") return OpenSlake(path);
    if (format == "llamafactory") return OpenLlamaFactory(path, datasets);
    if (format == "sharegpt") return OpenShareGpt(path);
    if (format == "alpaca") return OpenAlpaca(path);
    return OpenCsv(path);
  }

  std::string format;
  fs::path path;
  std::vector<std::string> datasets;

 private:
  static std::string Names() {
    return "vqa-rad, slake, llamafactory (a folder with dataset_info.json), sharegpt, alpaca "
           "(a JSON or JSON-lines file), csv (a table beside its images)";
  }
};

struct ImportFlags {
  SourceOptions source;
  std::vector<std::string> rules;
  bool raw = false;
  std::optional<double> blur_threshold;
  std::string split = "official";
  SplitPlan plan;
  bool conversations = false;
  fs::path out;
  std::string name;
  bool json_lines = false;
  bool copy_images = false;
  int threads = PhysicalCores();

  ImportOptions Resolve() const;
};

ImportOptions ImportFlags::Resolve() const {
  ImportOptions options;
  if (raw) options.rules = RuleModes::AllOff();
  for (const std::string& rule : rules) options.rules.Set(rule);
  options.blur_threshold = blur_threshold;
  options.split = plan;
  options.split.kind = split == "image"   ? SplitPlan::Kind::kByImage
                       : split == "folds" ? SplitPlan::Kind::kFolds
                                          : SplitPlan::Kind::kOfficial;
  if (plan.test_share + plan.validation_share >= 1) {
    throw UsageError("--test-share and --validation-share leave nothing to train on");
  }
  options.conversations = conversations;
  if (!out.empty()) {
    options.output =
        OutputOptions{out, name.empty() ? source.format : name, json_lines, copy_images};
  }
  return options;
}

std::string Count(size_t number, const char* one, const char* many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

/// "train 3, test 1", the most frequent first.
std::string TallyText(const std::map<std::string, size_t>& tally) {
  std::vector<std::pair<std::string, size_t>> entries(tally.begin(), tally.end());
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr size_t kShown = 8;
  std::string text;
  for (size_t i = 0; i < std::min(entries.size(), kShown); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", entries[i].first, entries[i].second);
  }
  if (entries.size() > kShown) text += fmt::format(", {} more", entries.size() - kShown);
  return text;
}

void PrintParts(const ImportSummary& summary) {
  fmt::print("{:<12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "part", "rows", "kept", "images",
             "CLOSED", "yes", "no");
  for (const auto& [name, part] : summary.parts) {
    fmt::print("{:<12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}\n", name, part.rows, part.kept,
               part.images, part.closed, part.yes, part.no);
  }
}

void PrintRules(const ImportSummary& summary, const RuleModes& modes) {
  fmt::print("\n{:<21} {:>8} {:>8} {:>8}  where\n", "rule", "dropped", "mended", "reported");
  std::string clean;
  std::string off;
  for (const RuleInfo& info : AllRules()) {
    const RuleSummary& rule = summary.rules[static_cast<size_t>(info.rule)];
    if (rule.tally.empty()) {
      std::string& list = modes.On(info.rule) ? clean : off;
      list += fmt::format("{}{}", list.empty() ? "" : ", ", info.name);
      continue;
    }
    fmt::print("{:<21} {:>8} {:>8} {:>8}  {}\n", info.name, rule.dropped, rule.mended,
               rule.reported, TallyText(rule.tally));
  }
  if (!clean.empty()) fmt::print("Nothing found by: {}.\n", clean);
  if (!off.empty()) fmt::print("Off: {}.\n", off);
}

void PrintClosed(const ImportSummary& summary) {
  const auto plain = [](const PartSummary& part) { return part.yes + part.no; };
  for (const auto& [name, part] : summary.parts) {
    if (part.closed == plain(part)) continue;
    fmt::print("{}: {} closed by their field, {} of them really yes or no ({} no, {} yes).\n", name,
               part.closed, plain(part), part.no, part.yes);
  }
}

void PrintOverlaps(const ImportSummary& summary) {
  for (const Overlap& overlap : summary.overlaps) {
    fmt::print(
        "Warning: {} of {} {} images are in the training part too: its scores tell how well these\n"
        "  images are known, not how well new ones are read. --split image keeps them apart.\n",
        overlap.images_in_train, overlap.images, overlap.part);
  }
}

void PrintSummary(const ImportSummary& summary, const RuleModes& modes, bool official) {
  fmt::print("{}, {}", Count(summary.rows, "row", "rows"),
             Count(summary.images, "image", "images"));
  if (summary.images_in_set > 0) fmt::print(" of {} in the set", summary.images_in_set);
  if (summary.knowledge > 0) fmt::print(", {} facts", summary.knowledge);
  fmt::print("\n\n");
  PrintParts(summary);
  PrintRules(summary, modes);
  fmt::print("\n{} kept, {} dropped.\n", Count(summary.kept, "row", "rows"),
             summary.rows - summary.kept);
  if (modes.On(Rule::kBlur)) {
    fmt::print("Blur: median {:.3f}, too much above {:.3f}.\n", summary.blur_median,
               summary.blur_threshold);
  }
  const size_t unused = summary.unused_images.size();
  if (unused > 0) {
    fmt::print("{} not used by any row: {}{}.\n", Count(unused, "image is", "images are"),
               summary.unused_images[0], unused > 1 ? ", …" : "");
  }
  PrintClosed(summary);
  if (official) PrintOverlaps(summary);
  if (summary.files.empty()) return;
  fmt::print("\nWritten:");
  const char* before = " ";
  for (const auto& [part, count] : summary.written_parts) {
    fmt::print("{}{} {}", before, part, count);
    before = ", ";
  }
  fmt::print("\n");
  for (const fs::path& file : summary.files) fmt::print("  {}\n", file.string());
}

int RunImport(const ImportFlags& flags) {
  InterruptWatch interrupt;
  ThreadPool pool(flags.threads);
  ImportOptions options = flags.Resolve();
  const InterruptWatch::Work work(interrupt);
  options.stop = work.token();
  ProgressLine progress;
  const std::unique_ptr<SampleSource> source = flags.source.Open();
  const ImportSummary summary = Import(*source, options, pool, progress.AsProgress());
  progress.Clear();
  PrintSummary(summary, options.rules, options.split.kind == SplitPlan::Kind::kOfficial);
  const auto unusable =
      std::find_if(AllRules().begin(), AllRules().end(), [&](const RuleInfo& info) {
        const RuleSummary& rule = summary.rules[static_cast<size_t>(info.rule)];
        return info.remedy == Remedy::kDropEverywhere && rule.dropped + rule.reported > 0;
      });
  // `check` judges: rows that nobody can use make it fail. `import` has dealt with them.
  return flags.out.empty() && unusable != AllRules().end() ? kFailed : kDone;
}

std::string RuleHelp() {
  std::string help = "The cleaning rules; each is off, report or apply.\n";
  for (const RuleInfo& info : AllRules()) {
    const char* mode = info.default_mode == RuleMode::kApply ? "apply" : "report";
    help += fmt::format("  {:<21} {:<7} {}\n", info.name, mode, info.what);
  }
  return help + "Rows of test and validation parts are dropped only where nobody could use them.";
}

void AddCleaningFlags(CLI::App& command, ImportFlags& flags) {
  command.add_option("--rule", flags.rules, "Set a cleaning rule: NAME=off, report or apply")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_flag("--raw", flags.raw, "All rules off, but those that --rule sets");
  command.add_option("--blur-threshold", flags.blur_threshold,
                     "What is too blurred, 0 to 1, instead of the set's own outliers");
  command.add_option("--threads", flags.threads, "Threads that look at images")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command.footer(RuleHelp());
}

void AddImport(CLI::App& data, Run& run) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* command = data.add_subcommand(
      "import", "Check, clean and split a question set into files that LLaMA-Factory loads");
  flags->source.AddTo(*command);
  command->add_option("--out", flags->out, "Folder to write to")->required();
  command->add_option("--name", flags->name, "Name of the dataset; the format's by default");
  command
      ->add_option("--split", flags->split,
                   "official; image: no image in two parts; folds: so many such parts")
      ->check(CLI::IsMember({"official", "image", "folds"}))
      ->capture_default_str();
  command->add_option("--test-share", flags->plan.test_share, "With --split image")
      ->check(CLI::Range(0.001, 0.999))
      ->capture_default_str();
  command->add_option("--validation-share", flags->plan.validation_share, "With --split image")
      ->check(CLI::Range(0.0, 0.999))
      ->capture_default_str();
  command->add_option("--folds", flags->plan.folds, "With --split folds")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  command->add_option("--seed", flags->plan.seed, "Of the split")->capture_default_str();
  command->add_flag("--conversations", flags->conversations,
                    "Join the questions about an image into one conversation of several turns");
  command->add_flag("--jsonl", flags->json_lines, "Write JSON lines");
  command->add_flag("--copy-images", flags->copy_images,
                    "Copy the images into the folder, so that it stands alone");
  AddCleaningFlags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return RunImport(*flags); }; });
}

void AddCheck(CLI::App& data, Run& run) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* command = data.add_subcommand(
      "check", "Say what import would find, and write nothing; fails when rows cannot be used");
  flags->source.AddTo(*command);
  AddCleaningFlags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return RunImport(*flags); }; });
}

}  // namespace

void AddData(CLI::App& app, Run& run) {
  CLI::App* data = app.add_subcommand("data", "Question sets: import, check");
  data->require_subcommand(1);
  AddImport(*data, run);
  AddCheck(*data, run);
  AddPhantom(*data, run);
}

}  // namespace roentgen::app
