// `roentgen compare`: what tuning changed, from two runs of `roentgen eval`.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "column_options.h"
#include "commands.h"
#include "output_options.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output_folder.h"
#include "roentgen/evaluation/answered_run.h"
#include "roentgen/evaluation/comparison_page.h"
#include "roentgen/evaluation/words.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxCurveBytes = 1 << 20;

struct CompareFlags {
  fs::path before;
  fs::path after;
  fs::path out;
  Replaces replaces = Replaces::kOwn;
  fs::path training;
  ColumnChoice columns;
  size_t gallery = 120;
  CompareOptions compare;
  bool json = false;
  int threads = PhysicalCores();
};

/// The parts of a path, the last first.
std::vector<std::string> PartsFromEnd(const fs::path& path) {
  std::vector<std::string> parts;
  for (const fs::path& part : path.lexically_normal()) {
    if (!part.empty()) parts.insert(parts.begin(), part.string());
  }
  return parts;
}

/// The shortest ends of two paths that tell them apart: "run", or "before/run" and "after/run".
std::pair<std::string, std::string> NamesOf(const fs::path& before, const fs::path& after) {
  const std::vector<std::string> one = PartsFromEnd(before);
  const std::vector<std::string> other = PartsFromEnd(after);
  if (one == other) {
    const std::string name = one.empty() ? "" : one[0];
    return {name + " (before)", name + " (after)"};
  }
  std::pair<fs::path, fs::path> ends;
  for (size_t i = 0; i < std::max(one.size(), other.size()); ++i) {
    if (i < one.size()) ends.first = fs::path(one[i]) / ends.first;
    if (i < other.size()) ends.second = fs::path(other[i]) / ends.second;
    if (i >= one.size() || i >= other.size() || one[i] != other[i]) break;
  }
  const auto text = [](const fs::path& end) {
    std::string name = end.generic_string();
    if (name.size() > 1 && name.ends_with('/')) name.pop_back();
    return name;
  };
  return {text(ends.first), text(ends.second)};
}

ComparedRun ToComparedRun(std::string name, AnsweredRun run) {
  ComparedRun compared;
  compared.name = std::move(name);
  compared.examples = std::move(run.examples);
  compared.description = std::move(run.description);
  for (const auto& [shown, use] : run.image_use) {
    compared.image_use.push_back(Describe(use, fmt::format("{} images", NameOf(shown))));
  }
  return compared;
}

/// Both runs. Says what could not be checked, and what is left out.
RunComparison ReadRuns(const CompareFlags& flags, ThreadPool& pool) {
  AnsweredRun before = ReadAnsweredRun(flags.before, pool, flags.columns, PrintAside);
  AnsweredRun after = ReadAnsweredRun(flags.after, pool, flags.columns, PrintAside);
  PutInOrder(before, after);
  if (const auto unchecked = RequireSameQuestions(before, after)) {
    PrintAside(fmt::format("Both runs: {}", *unchecked));
  }
  for (const std::string& note : OneSidedMeasures(before.examples, after.examples)) {
    PrintAside(note);
  }
  RunComparison comparison;
  auto [name_before, name_after] = NamesOf(flags.before, flags.after);
  comparison.before = ToComparedRun(std::move(name_before), std::move(before));
  comparison.after = ToComparedRun(std::move(name_after), std::move(after));
  return comparison;
}

/// The training's loss curve, as `roentgen train` drew it.
std::string ReadLossCurve(const fs::path& training) {
  if (training.empty()) return "";
  std::string svg = ReadFile(training / "training_loss.svg", kMaxCurveBytes);
  const size_t begin = svg.find("<svg");
  if (begin == std::string::npos) {
    throw Error((training / "training_loss.svg").string() + ": no <svg> element in it");
  }
  return svg.substr(begin);
}

constexpr std::array kPages = {"comparison.html", "comparison.md", "comparison.json"};

Claim ClaimOf(const CompareFlags& flags) {
  Claim claim{flags.out, "compare", {kPages.begin(), kPages.end()}, flags.replaces};
  claim.kind = FileKind::kComparison;
  return claim;
}

/// All of them, or none.
void WritePages(const CompareFlags& flags, const std::array<std::string, 3>& pages) {
  std::vector<Output> outputs;
  for (size_t i = 0; i < pages.size(); ++i) {
    Output& output = outputs.emplace_back(flags.out / kPages[i], Readers::kUmask, flags.replaces,
                                          FileKind::kComparison);
    output.Write(Sealed(FileKind::kComparison, pages[i]));
    output.Close();
  }
  for (Output& output : outputs) output.Commit();
  SealFiles(ClaimOf(flags));
}

/// Nothing of what is read is replaced.
void CheckOutputs(const CompareFlags& flags) {
  const FolderMark mark(flags.out);
  for (const char* page : kPages) {
    const fs::path file = flags.out / page;
    CheckIsNoInput(file, {{flags.before, flags.after, flags.training}},
                   mark.Owns(page) || IsMadeByThisProgram(file, FileKind::kComparison));
  }
}

int RunCompare(const CompareFlags& flags) {
  ReadArgument([&] { RequireMeasure(flags.compare.primary); });
  if (!flags.out.empty()) {
    CheckOutputs(flags);
    ClaimFiles(ClaimOf(flags));
  }
  ThreadPool pool(flags.threads);
  RunComparison comparison = ReadRuns(flags, pool);
  comparison.loss_curve = ReadLossCurve(flags.training);
  comparison.ablation =
      CompareRuns(comparison.before.examples, comparison.after.examples, flags.compare, pool);
  const std::string markdown = ComparisonToMarkdown(comparison);
  const std::string json =
      Sealed(FileKind::kComparison,
             MarkedJson(FileKind::kComparison, ComparisonToJson(comparison))
                     .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                 "\n");
  if (!flags.out.empty()) {
    WritePages(
        flags,
        {ComparisonToHtml(comparison, flags.gallery),
         fmt::format("{}\n<!-- {} -->\n", markdown, MadeByMark(FileKind::kComparison)), json});
  }
  flags.json ? PrintJsonText(Strip(json)) : Print("{}\n", markdown);
  if (!flags.out.empty() && !flags.json) {
    Print("Written: {}, comparison.md, comparison.json\n",
          (flags.out / "comparison.html").string());
  }
  return kDone;
}

}  // namespace

void AddCompare(CLI::App& app, Run& run) {
  auto flags = std::make_shared<CompareFlags>();
  CLI::App* command = app.add_subcommand(
      "compare", "Set two runs of `roentgen eval` side by side: what tuning changed");
  command
      ->add_option("before", flags->before,
                   "Run folder of the model before tuning, or its file of predictions")
      ->required();
  command->add_option("after", flags->after, "Run folder of the tuned one, same questions")
      ->required();
  AddColumnOptions(*command, flags->columns);
  command->add_option("--out", flags->out,
                      "Folder for comparison.html, comparison.md and comparison.json");
  AddForce(*command, flags->replaces);
  command->add_option("--training", flags->training,
                      "Output folder of the tuning, for its loss curve on the page");
  command->add_option("--gallery", flags->gallery, "Examples with their pictures on the page")
      ->capture_default_str();
  command
      ->add_option("--primary", flags->compare.primary,
                   "The measure that the comparison is about, chosen before looking; p of the "
                   "others is corrected for their number")
      ->capture_default_str();
  command
      ->add_option("--resamples", flags->compare.test.draws,
                   "Random exchanges of answers behind p and intervals")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print JSON instead of the table");
  command->add_option("--threads", flags->threads, "Threads that compare")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->callback([flags, &run] { run = [flags] { return RunCompare(*flags); }; });
}

}  // namespace roentgen::app
