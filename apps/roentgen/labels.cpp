// `roentgen labels`: what reports state, and what of them was not understood.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "column_options.h"
#include "commands.h"
#include "roentgen/assistant/read_report_text.h"
#include "roentgen/base/ascii.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/text_encoding.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/report_labels.h"
#include "roentgen/evaluation/report_quality.h"
#include "roentgen/imaging/known_formats.h"
#include "roentgen/imaging/load.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/utf8.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

constexpr size_t kMaxReport = 1 << 20;
constexpr size_t kMaxFile = 64 << 20;  // a report of this program holds its images

struct LabelsFlags {
  ColumnChoice columns;
  std::vector<std::string> files;
  bool references = false;
  bool unread = false;
  bool json = false;
};

/// A report with the name under which it is shown.
struct NamedReport {
  std::string name;
  std::string text;
};

/// The reports of a file of predictions; where it has other answers beside reports, these are left
/// out.
std::vector<NamedReport> ReportsOf(const fs::path& file, const ColumnChoice& columns,
                                   bool references) {
  const std::vector<Example> examples =
      ToExamples(ReadPredictions(file, columns), file.string(), PrintAside);
  const auto reports =
      static_cast<size_t>(std::count_if(examples.begin(), examples.end(), IsReport));
  if (reports > 0 && reports < examples.size()) {
    PrintAside(fmt::format("{}: {} of {} rows are reports; the others are left out", file.string(),
                           reports, examples.size()));
  }
  std::vector<NamedReport> named;
  for (size_t i = 0; i < examples.size(); ++i) {
    if (reports > 0 && !IsReport(examples[i])) continue;
    const std::string& id = examples[i].id;
    named.push_back({id.empty() ? fmt::format("row {}", i + 1) : id,
                     references ? examples[i].reference : examples[i].prediction});
  }
  return named;
}

/// Throws Error for more than a report has.
void RequireLength(const std::string& name, std::string_view text) {
  if (text.size() <= kMaxReport) return;
  throw Error(fmt::format("{}: more than 1 MB of text, which no report has", name));
}

/// Throws Error where it is known that this is no text with a report.
void RequireText(const std::string& name, std::string_view text) {
  const auto refuse = [&](std::string_view what) {
    throw Error(fmt::format("{}: it is {}, no text of a report", name, what),
                "Save the report as a plain text in UTF-8 (.txt). Of this program's own reports, "
                ".md, .html and .json are read.");
  };
  if (BeginsAsUtf16(text)) ThrowUtf16(name);
  if (MayBeNoText(text)) {
    const auto bytes = std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    if (const auto known = NameKnownFormat(bytes)) refuse(known->name);
    if (LooksLikeImage(bytes)) refuse("an image");
    if (text.find('\0') != text.npos) refuse("a file with bytes that no text has");
  }
  if (text.starts_with('{') && TryParseJson(text)) refuse("JSON");
  if (const std::optional<size_t> at = FindInvalidUtf8(text)) ThrowNotUtf8(name, text.substr(*at));
  RequireLength(name, text);
}

/// The text as a report; of a report of this program, its sentences.
NamedReport AsReport(const std::string& name, std::string text) {
  if (std::optional<std::string> sentences = ReadReportText(text)) {
    RequireLength(name, *sentences);
    return {name, std::move(*sentences)};
  }
  RequireText(name, text);
  return {name, std::move(text)};
}

/// Whether JSON is a report that was exported: this program's, or a FHIR resource, which is told.
bool IsExport(std::string_view json) {
  const bool fhir = json.starts_with('{') && json.find("\"resourceType\"") < 100;
  return fhir || ReadReportText(json).has_value();
}

/// A file with one report or one of predictions.
std::vector<NamedReport> ReadNamed(const std::string& name, const LabelsFlags& flags) {
  const fs::path path =
      fs::is_directory(name) ? fs::path(name) / "generated_predictions.jsonl" : fs::path(name);
  const std::string ending = EndingOf(path);
  if (ending == ".csv" || ending == ".tsv") {
    throw Error(fmt::format("{}: a table, whose reports would be read as one", name),
                "Give each report a file of its own, or write them as JSON lines (.jsonl): "
                "{\"id\": \"1\", \"predict\": \"REPORT\"}");
  }
  if (ending == ".jsonl") return ReportsOf(path, flags.columns, flags.references);
  std::error_code none;
  const bool large = fs::file_size(path, none) > kMaxFile;  // as no report of this program is
  const bool rows = ending == ".json" && (large || !IsExport(ReadFile(path, kMaxFile)));
  if (rows) return ReportsOf(path, flags.columns, flags.references);
  return {AsReport(name, ReadFile(path, kMaxFile))};
}

std::vector<NamedReport> ReadReports(const LabelsFlags& flags) {
  std::vector<NamedReport> reports;
  for (const std::string& name : flags.files) {
    if (name == "-") {
      reports.push_back(
          AsReport("standard input", std::string(std::istreambuf_iterator<char>(std::cin), {})));
      continue;
    }
    for (NamedReport& report : ReadNamed(name, flags)) reports.push_back(std::move(report));
  }
  return reports;
}

const char* NameOf(Finding finding) {
  constexpr const char* kNames[] = {"not mentioned", "absent", "uncertain", "present"};
  return kNames[static_cast<size_t>(finding)];
}

OrderedJson ToJson(const NamedReport& report, const ReportReading& reading) {
  OrderedJson json = {{"report", report.name}, {"labels", OrderedJson::object()}};
  for (size_t i = 0; i < kReportLabels; ++i) {
    if (reading.labels[i] == Finding::kNotMentioned) continue;
    json["labels"][std::string(kReportLabelNames[i])] = NameOf(reading.labels[i]);
  }
  json["other_abnormal"] = reading.other;
  json["wholly_read"] = reading.unread.empty();
  json["unread"] = OrderedJson::array();
  for (const UnreadSentence& sentence : reading.unread) {
    json["unread"].push_back(
        {{"sentence", std::string(sentence.text)}, {"unknown", sentence.unknown}});
  }
  return json;
}

void PrintLabels(const ReportReading& reading) {
  bool any = false;
  for (const Finding finding : {Finding::kPresent, Finding::kUncertain, Finding::kAbsent}) {
    std::vector<std::string_view> names;
    for (size_t i = 0; i < kReportLabels; ++i) {
      if (reading.labels[i] == finding) names.push_back(kReportLabelNames[i]);
    }
    if (names.empty()) continue;
    any = true;
    Print("  {:<15} {}\n", NameOf(finding), fmt::join(names, ", "));
  }
  if (reading.other) {
    Print("  {:<15} something abnormal that is none of the 14\n", "other");
  } else if (!any) {
    Print("  none of the 14 observations is mentioned\n");
  }
}

void PrintUnread(const ReportReading& reading) {
  for (const UnreadSentence& sentence : reading.unread) {
    Print("  {:<15} {}\n", "not understood", OneLine(sentence.text));
    Print("  {:<15} {}\n", "", OneLine(fmt::format("{}", fmt::join(sentence.unknown, ", "))));
  }
}

int RunLabels(const LabelsFlags& flags) {
  size_t partly = 0;
  size_t count = 0;
  for (const NamedReport& report : ReadReports(flags)) {
    const ReportReading reading = ReadReport(report.text);
    ++count;
    partly += reading.unread.empty() ? 0 : 1;
    if (flags.unread && reading.unread.empty()) continue;
    if (flags.json) {
      PrintJson(ToJson(report, reading), -1);
      continue;
    }
    Print("{}\n", OneLine(report.name));
    if (!flags.unread) PrintLabels(reading);
    PrintUnread(reading);
  }
  if (!flags.json && count > 1) {
    Print("{} reports, {} of them partly read\n", count, partly);
  }
  return kDone;
}

}  // namespace

void AddLabels(CLI::App& app, Run& run) {
  auto flags = std::make_shared<LabelsFlags>();
  CLI::App* command = app.add_subcommand(
      "labels",
      "What reports state of CheXpert's 14 observations, in English and Chinese.\n"
      "For research; read by rules, whose precision and recall are in docs/evaluation.md.");
  command
      ->add_option(
          "file", flags->files,
          "a text with one report, a report of this program (.md, .html, .json), predictions "
          "(.jsonl), a run's folder, or - for standard input")
      ->required();
  AddColumnOptions(*command, flags->columns);
  command->add_flag("--references", flags->references,
                    "of predictions, the references instead of the answers");
  command->add_flag("--unread", flags->unread,
                    "only the sentences that were not wholly understood, with the unknown words");
  command->add_flag("--json", flags->json, "a line of JSON for each report");
  command->callback([flags, &run] { run = [flags] { return RunLabels(*flags); }; });
}

}  // namespace roentgen::app
