// `roentgen data stats`: a question set as it is, counted.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <set>
#include <vector>

#include "commands.h"
#include "data_options.h"
#include "interrupt.h"
#include "output_options.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/data/import.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/text/printable.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

struct StatsFlags {
  SourceOptions source;
  StatisticsFlags statistics;
  bool json = false;
  fs::path html;
  Replaces replaces = Replaces::kOwn;
  int threads = PhysicalCores();
};

/// The page must not take the place of what the set, with its images, or the model consists of.
void CheckPage(const StatsFlags& flags, const SampleSource& source) {
  std::vector<fs::path> read = source.Files();
  for (const fs::path& each :
       {flags.source.path, flags.source.media_dir, flags.statistics.folder()}) {
    read.push_back(each);
  }
  const bool own = IsMadeByThisProgram(flags.html, FileKind::kStatistics);
  if (FileExists(flags.html) && !own) {
    std::set<fs::path> images;
    source.ForEach([&](const SourceSample& row) {
      images.insert(row.sample.images.begin(), row.sample.images.end());
    });
    read.insert(read.end(), images.begin(), images.end());
  }
  CheckIsNoInput(flags.html, read, own);
  CheckOutput(flags.html, flags.replaces, FileKind::kStatistics);
}

int RunStats(StatsFlags& flags) {
  InterruptWatch interrupt;
  ThreadPool pool(flags.threads);
  ImportOptions options;
  options.rules = RuleModes::AllOff();
  options.statistics = flags.statistics.Resolve();
  const InterruptWatch::Work work(interrupt);
  options.stop = work.token();
  ProgressLine progress;
  const std::unique_ptr<SampleSource> source = flags.source.Open();
  if (!flags.html.empty()) CheckPage(flags, *source);
  const ImportSummary summary = Import(*source, options, pool, progress.AsProgress());
  if (!flags.html.empty()) {
    const HtmlReport report = {fs::absolute(flags.source.path / "").parent_path().filename(),
                               NotesOn(summary, options.split)};
    WriteFile(flags.html, StatisticsToHtml(summary.statistics, report), Readers::kUmask,
              flags.replaces, FileKind::kStatistics);
  }
  for (const std::string& note : summary.notes) PrintAside(OneLine(note));
  if (flags.json) {
    PrintJson(StatisticsToJson(summary.statistics));
  } else {
    Print("{}", StatisticsToText(summary.statistics, TerminalColumns()));
  }
  return kDone;
}

}  // namespace

void AddDataStats(CLI::App& data, Run& run) {
  auto flags = std::make_shared<StatsFlags>();
  CLI::App* command = data.add_subcommand(
      "stats", "Count what a question set consists of, as it is: nothing is cleaned");
  flags->source.AddTo(*command);
  command->add_flag("--json", flags->json, "Print JSON");
  command->add_option("--html", flags->html, "Write a page with charts and samples to this file");
  AddForce(*command, flags->replaces);
  flags->statistics.AddTo(*command);
  command->add_option("--threads", flags->threads, "Threads that look at images")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->callback([flags, &run] { run = [flags] { return RunStats(*flags); }; });
}

}  // namespace roentgen::app
