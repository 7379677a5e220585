#include "data_summary.h"
#include "terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "roentgen/data/name_list.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/text/display_width.h"
#include "roentgen/text/printable.h"

namespace roentgen::app {
namespace {

constexpr size_t kNarrow = 72;  // columns below which tables become lists
constexpr size_t kShownUnused = 10;
constexpr size_t kShownParts = 20;
constexpr size_t kShownNotes = 20;
constexpr size_t kLongestText = 2000;  // of a note or reason

void PrintWrapped(const std::string& text, size_t columns, size_t indent = 2) {
  Print("{}\n", WrapText(OneLine(text), columns, indent));
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
    text +=
        fmt::format("{}{} {}", i == 0 ? "" : ", ", ShortName(entries[i].first), entries[i].second);
  }
  if (entries.size() > kShown) text += fmt::format(", {} more", entries.size() - kShown);
  return text;
}

using Part = std::pair<std::string, PartSummary>;

/// The parts by name; of very many the largest.
std::vector<Part> ShownParts(const ImportSummary& summary) {
  std::vector<Part> parts(summary.parts.begin(), summary.parts.end());
  if (parts.size() <= kShownParts) return parts;
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.second.rows > b.second.rows; });
  parts.resize(kShownParts);
  return parts;
}

/// The parts of the source; those that a new split makes are told with what is written.
void PrintParts(const ImportSummary& summary, bool new_split, size_t columns) {
  const bool wide = columns >= kNarrow;
  const bool conversations = summary.questions != summary.rows;
  const auto row = [&](const std::string& name, const auto& rows, const auto& kept,
                       const auto& images, const auto& questions, const auto&... answers) {
    std::vector<std::string> cells = {fmt::format("{}", rows), fmt::format("{}", kept),
                                      fmt::format("{}", images)};
    if (wide && conversations) cells.push_back(fmt::format("{}", questions));
    if (wide) (cells.push_back(fmt::format("{}", answers)), ...);
    Print("{}", FitToWidth(OneLine(name), 12));
    for (const std::string& cell : cells) Print(" {:>8}", cell);
    Print("\n");
  };
  row(new_split ? "source part" : "part", "rows", "kept", "images", "asked", "closed", "yes", "no");
  const std::vector<Part> shown = ShownParts(summary);
  for (const auto& [name, part] : shown) {
    row(name, part.rows, part.kept, part.images, part.questions, part.closed, part.yes, part.no);
  }
  if (summary.parts.size() > shown.size()) {
    Print("… and {} more parts\n", summary.parts.size() - shown.size());
  }
}

void PrintRule(const RuleInfo& info, const RuleSummary& rule, size_t columns) {
  const std::string where = TallyText(rule.tally);
  if (columns >= kNarrow) {
    const std::string begin =
        fmt::format("{:<21}{:>8}{:>8}{:>9}  ", info.name, rule.dropped, rule.mended, rule.reported);
    const std::string wrapped = WrapText(OneLine(where), columns - begin.size());
    std::string text = begin;
    for (const char c : wrapped) {
      text += c;
      if (c == '\n') text.append(begin.size(), ' ');
    }
    Print("{}\n", text);
    return;
  }
  std::string what;
  for (const auto& [count, name] :
       {std::pair(rule.dropped, "dropped"), {rule.mended, "mended"}, {rule.reported, "reported"}}) {
    if (count > 0) what += fmt::format("{}{} {}", what.empty() ? "" : ", ", count, name);
  }
  PrintWrapped(fmt::format("{}: {} ({})", info.name, what, where), columns);
}

void PrintRules(const ImportSummary& summary, const RuleModes& modes, size_t columns) {
  Print("\n");
  if (columns >= kNarrow) {
    Print("{:<21}{:>8}{:>8}{:>9}  where\n", "rule", "dropped", "mended", "reported");
  }
  std::string clean;
  std::string off;
  for (const RuleInfo& info : AllRules()) {
    const RuleSummary& rule = summary.rules[static_cast<size_t>(info.rule)];
    if (!rule.tally.empty()) {
      PrintRule(info, rule, columns);
      continue;
    }
    std::string& list = modes.On(info.rule) ? clean : off;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", info.name);
  }
  if (!clean.empty()) PrintWrapped(fmt::format("Nothing found by: {}.", clean), columns);
  if (!off.empty()) PrintWrapped(fmt::format("Off: {}.", off), columns);
}

void PrintClosed(const ImportSummary& summary, size_t columns) {
  for (const auto& [name, part] : ShownParts(summary)) {
    const size_t plain = part.yes + part.no;
    if (part.closed == plain) continue;
    PrintWrapped(
        fmt::format("{}: {} closed by their field, {} of them really yes or no ({} no, {} yes).",
                    ShortName(name), part.closed, plain, part.no, part.yes),
        columns);
  }
}

void PrintOverlaps(const ImportSummary& summary, size_t columns) {
  for (const Overlap& overlap : summary.overlaps) {
    PrintWrapped(fmt::format("Warning: {} --split image keeps them apart.", Describe(overlap)),
                 columns);
  }
}

void PrintBlur(const ImportSummary& summary, size_t columns) {
  std::string limits;
  for (const BlurSummary& blur : summary.blur) {
    limits += fmt::format("{}{}: median {:.3f}, too much above {:.3f}", limits.empty() ? "" : "; ",
                          blur.modality.empty() ? "modality unknown" : blur.modality, blur.median,
                          blur.threshold);
  }
  PrintWrapped(limits.empty() ? "Blur was not judged: no modality has 20 images and few outliers."
                              : fmt::format("Blur, 0 to 1: {}.", limits),
               columns);
}

/// What holds the units of a split together.
void PrintUnits(const ImportSummary& summary, size_t columns) {
  static constexpr std::tuple<UnitTie, const char*, const char*> kNames[] = {
      {UnitTie::kPatient, "patient", "patients"},
      {UnitTie::kDicomPatient, "DICOM patient", "DICOM patients"},
      {UnitTie::kStudy, "DICOM study", "DICOM studies"},
      {UnitTie::kImage, "image with its near duplicates", "images with their near duplicates"},
      {UnitTie::kQuestion, "question without an image", "questions without an image"}};
  std::string units;
  for (const auto& [tie, one, many] : kNames) {
    const auto found = summary.units.find(tie);
    if (found == summary.units.end()) continue;
    units += (units.empty() ? "" : ", ") + Count(found->second, one, many);
  }
  if (!units.empty()) PrintWrapped(fmt::format("Kept together in one part: {}.", units), columns);
}

void PrintUnused(const ImportSummary& summary, size_t columns) {
  const std::vector<std::string>& unused = summary.unused_images;
  if (unused.empty()) return;
  std::string names;
  for (size_t i = 0; i < std::min(unused.size(), kShownUnused); ++i) {
    names += (i == 0 ? "" : ", ") + ShortName(unused[i]);
  }
  if (unused.size() > kShownUnused) names += ", …";
  PrintWrapped(fmt::format("{} not used by any row: {}.",
                           Count(unused.size(), "image is", "images are"), names),
               columns);
}

void PrintHead(const ImportSummary& summary, size_t columns) {
  std::string head = fmt::format("{}, {}", Count(summary.rows, "row", "rows"),
                                 Count(summary.images, "image", "images"));
  const size_t used = summary.images_in_set - summary.unused_images.size();
  if (summary.images_in_set > 0) {
    // Others are missing, or lie elsewhere.
    head += used == summary.images
                ? fmt::format(" of {} in the set", summary.images_in_set)
                : fmt::format(", {} of the {} in the set's folder", used, summary.images_in_set);
  }
  if (summary.knowledge > 0) head += ", " + Count(summary.knowledge, "fact", "facts");
  PrintWrapped(head, columns);
}

void PrintNotes(const std::vector<std::string>& notes, size_t columns) {
  for (size_t i = 0; i < std::min(notes.size(), kShownNotes); ++i) {
    PrintWrapped(Shortened(notes[i], kLongestText), columns);
  }
  if (notes.size() > kShownNotes) {
    PrintWrapped(fmt::format("… and {} more such notes", notes.size() - kShownNotes), columns);
  }
}

void PrintWritten(const ImportSummary& summary, bool new_split, size_t columns) {
  std::vector<std::string> parts;
  for (const auto& [part, count] : summary.written_parts) {
    parts.push_back(fmt::format("{} {}", ShortName(part), count));
  }
  Print("\n{}\n", WrapText((new_split ? "Written, in new parts: " : "Written: ") + ListOf(parts),
                           columns, 2));
  for (const std::filesystem::path& file : summary.files) Print("  {}\n", file.string());
}

}  // namespace

void PrintSummary(const ImportSummary& summary, const ImportOptions& options, size_t columns) {
  PrintHead(summary, columns);
  PrintNotes(summary.notes, columns);
  Print("\n");
  const bool new_split = options.split.kind != SplitPlan::Kind::kOfficial;
  PrintParts(summary, new_split, columns);
  PrintRules(summary, options.rules, columns);
  Print("\n{} kept, {} dropped.\n", Count(summary.kept, "row", "rows"),
        summary.rows - summary.kept);
  if (options.rules.On(Rule::kBlur)) PrintBlur(summary, columns);
  PrintUnused(summary, columns);
  PrintClosed(summary, columns);
  if (!new_split) PrintOverlaps(summary, columns);
  PrintUnits(summary, columns);
  if (summary.files.empty()) return;
  if (summary.statistics.over_cutoff > 0) {
    Print("\n{}", TokenBudgetToText(summary.statistics, columns));
  }
  PrintWritten(summary, new_split, columns);
}

void PrintActing(const ImportSummary& summary, const std::string& command, const std::string& rules,
                 size_t columns) {
  if (rules.empty()) return;
  std::string would;
  for (const RuleInfo& info : AllRules()) {
    const size_t rows = summary.rules[static_cast<size_t>(info.rule)].actable;
    if (rows == 0) continue;
    would += fmt::format("{}{} would {} {}", would.empty() ? "" : ", ", info.name,
                         info.remedy == Remedy::kMend ? "mend" : "drop", rows);
  }
  Print("\n");
  PrintWrapped(
      fmt::format("What is only reported rests on likeness: look at it first. If it acted, "
                  "{}. Name the rules that should:",
                  would),
      columns);
  Print("  {} --rule {}\n", command, rules);
}

void PrintAlignment(const ImportSummary& summary, const RuleModes& modes,
                    const std::vector<FoundRow>& unusable, size_t columns) {
  size_t disagreeing = 0;
  bool looked = true;
  for (const Rule rule : {Rule::kImageCount, Rule::kMissingImage, Rule::kUnreadableImage}) {
    const RuleSummary& found = summary.rules[static_cast<size_t>(rule)];
    disagreeing += found.dropped + found.reported;
    looked = looked && modes.On(rule);
  }
  Print("\n");
  if (disagreeing > 0) {
    PrintWrapped(fmt::format("Images and texts do not go together in {}.",
                             Count(disagreeing, "row", "rows")),
                 columns);
  } else if (looked) {
    PrintWrapped(
        "Images and texts go together: every <image> has its file, every file its "
        "<image>, and every picture can be read.",
        columns);
  }
  Print("{}", TokenBudgetToText(summary.statistics, columns));
  const size_t all = UnusableRows(summary);
  if (all == 0) return;
  Print("\nNobody can use {}:\n", Count(all, "row", "rows"));
  for (const FoundRow& row : unusable) {
    PrintWrapped(
        fmt::format("  {} ({}, row {}): {}: {}", ShortName(row.id), row.source.file, row.source.row,
                    InfoOf(row.finding.rule).name, Shortened(row.finding.reason, kLongestText)),
        columns, 4);
  }
  if (all > unusable.size()) {
    Print("  … and {} more; import lists all in its cleaning.jsonl.\n", all - unusable.size());
  }
}

size_t UnusableRows(const ImportSummary& summary) {
  size_t rows = 0;
  for (const RuleInfo& info : AllRules()) {
    if (info.remedy != Remedy::kDropEverywhere) continue;
    const RuleSummary& rule = summary.rules[static_cast<size_t>(info.rule)];
    rows += rule.dropped + rule.reported;
  }
  return rows;
}

}  // namespace roentgen::app
