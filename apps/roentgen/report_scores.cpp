#include "report_scores.h"
#include "terminal.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "roentgen/evaluation/number_text.h"

namespace roentgen::app {
namespace {

constexpr int kNameWidth = 34;

void PrintLine(const char* name, double value, const std::string& behind) {
  Print("  {:<{}} {:>6.1f}{}\n", name, kNameWidth, value, behind);
}

void PrintShare(const char* name, size_t part, size_t whole) {
  PrintLine(name, 100 * static_cast<double>(part) / static_cast<double>(whole), " %");
}

void PrintLabels(const ReportSummary& reports, const ReportIntervals& intervals) {
  Print("\n  {:<28} {:>5} {:>10} {:>10} {:>7} {:>6}\n", "stated as present", "said", "reference",
        "precision", "recall", "F1");
  for (size_t i = 0; i < kReportLabels; ++i) {
    const LabelCounts& counts = reports.present[i];
    if (!counts.occurs()) continue;
    Print("  {:<28} {:>5} {:>10} {:>10.1f} {:>7.1f} {:>6.1f}\n", kReportLabelNames[i],
          counts.report(), counts.reference(), 100 * counts.precision(), 100 * counts.recall(),
          100 * counts.f1());
  }
  const auto line = [](const char* what, const LabelTable& table,
                       const ReportIntervals::F1& bounds) {
    const auto f1 = [&](double value, const std::optional<Bounds>& interval) -> std::string {
      if (bounds.units == 0) return "–";
      if (!interval) return PercentText(value);
      return fmt::format("{} ({} – {})", PercentText(value), PercentText(interval->lower),
                         PercentText(interval->upper));
    };
    const std::optional<std::string> missing = bounds.missing();
    Print("  {:<28} F1 {} over all, {} as the labels' mean{}\n", what,
          f1(MicroF1(table), bounds.micro), f1(MacroF1(table), bounds.macro),
          missing ? "; " + *missing : "");
  };
  line("present", reports.present, intervals.present);
  line("absent", reports.absent, intervals.absent);
  line("uncertain", reports.uncertain, intervals.uncertain);
}

}  // namespace

void PrintReportScores(const ReportSummary& reports, const ReportIntervals& intervals) {
  if (reports.reports == 0) return;
  Print("\nreports, {} questions\n", reports.reports);
  PrintShare("empty", reports.empty, reports.reports);
  PrintShare("both headings", reports.headings, reports.reports);
  PrintLine("words", reports.words, fmt::format(" (references {:.1f})", reports.reference_words));
  PrintLine("words that are medical terms", 100 * reports.term_density, " %");
  PrintLine("runs of four words said before", 100 * reports.repeated, " %");
  if (reports.chest == 0) return;
  Print("\nreports of the chest, {}\n", reports.chest);
  PrintShare("speak of the lungs", reports.lungs, reports.chest);
  PrintShare("speak of the heart", reports.heart, reports.chest);
  PrintShare("speak of the diaphragm", reports.diaphragm, reports.chest);
  PrintShare("partly read", reports.partly_read, reports.chest);
  PrintShare("references partly read", reports.references_partly_read, reports.chest);
  if (reports.partly_read + reports.references_partly_read > 0) {
    Print("  what was not understood: roentgen labels --unread PREDICTIONS\n");
  }
  PrintLabels(reports, intervals);
}

}  // namespace roentgen::app
