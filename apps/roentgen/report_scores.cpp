#include "report_scores.h"

#include <fmt/format.h>

namespace roentgen::app {

void PrintReportScores(const ReportSummary& reports) {
  if (reports.reports == 0) return;
  const auto percent = [&](size_t part) {
    return 100 * static_cast<double>(part) / static_cast<double>(reports.reports);
  };
  fmt::print("\nreports, {} questions\n", reports.reports);
  fmt::print("  {:<34} {:>6.1f} %\n", "both headings", percent(reports.headings));
  fmt::print("  {:<34} {:>6.1f} %\n", "speak of the lungs", percent(reports.lungs));
  fmt::print("  {:<34} {:>6.1f} %\n", "speak of the heart", percent(reports.heart));
  fmt::print("  {:<34} {:>6.1f} %\n", "speak of the diaphragm", percent(reports.diaphragm));
  fmt::print("  {:<34} {:>6.1f} %\n", "words that are medical terms", 100 * reports.term_density);
  fmt::print("  {:<34} {:>6.1f} %\n", "runs of four words said before", 100 * reports.repeated);
  fmt::print("  {:<34} {:>6.1f} (references {:.1f})\n", "words", reports.words,
             reports.reference_words);
  fmt::print("  {:<34} {:>6.1f} % (mean over labels {:.1f} %)\n", "F1 of the labels they state",
             100 * reports.micro_f1(), 100 * reports.macro_f1());
}

}  // namespace roentgen::app
