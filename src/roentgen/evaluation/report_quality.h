#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/report_labels.h"
#include "roentgen/evaluation/vocabulary.h"
#include "roentgen/language/report_sections.h"

namespace roentgen {

/// A question is for a report when its question_type is REPORT (in any case) or its reference has
/// both headings (HasReportHeadings).
bool IsReport(const Example& example);

/// Whether a report has both headings (HasReportHeadings) and says something under each.
bool HasBothParts(std::string_view report);

/// The form of one report. One of headings alone is empty.
struct ReportForm {
  bool headings = false;  ///< HasBothParts
  bool lungs = false;     ///< spoken of
  bool heart = false;
  bool diaphragm = false;
  size_t words = 0;         ///< ReportWords
  double term_density = 0;  ///< share of the words that belong to terms of the vocabulary
  /// Share of its runs of four words that occurred before: 1 − distinct / all (Welleck et al.
  /// 2020).
  double repeated = 0;
};
ReportForm MeasureForm(std::string_view report, const Vocabulary& vocabulary);

/// Whether a report is of the chest: its organ is (Chest, Lung, 胸, 肺), or, where no organ is
/// given, its reference speaks of the lungs or of an observation that only a chest has.
bool IsOfChest(const Example& example);

/// How often reports and references state something about an observation.
struct LabelCounts {
  size_t both = 0;
  size_t only_report = 0;
  size_t only_reference = 0;

  size_t report() const { return both + only_report; }
  size_t reference() const { return both + only_reference; }
  bool occurs() const { return both + only_report + only_reference > 0; }
  double precision() const;  ///< of what reports state; 0 where they never do
  double recall() const;     ///< of what references state; 0 where they never do
  double f1() const;         ///< 2 both / (2 both + the others); 0 where neither ever does
  LabelCounts& operator+=(const LabelCounts& other);
};
/// By ReportLabel.
using LabelTable = std::array<LabelCounts, kReportLabels>;

double MicroF1(const LabelTable& table);  ///< of all labels' counts together
double MacroF1(const LabelTable& table);  ///< mean over the labels that occur

/// Reports and their references side by side. Means are over reports; an empty one counts in all of
/// them, and not as one that repeats nothing.
struct ReportSummary {
  size_t reports = 0;
  size_t empty = 0;     ///< reports without a word but headings
  size_t headings = 0;  ///< reports that have them
  double words = 0;
  double reference_words = 0;
  double term_density = 0;
  double repeated = 0;  ///< mean over the reports that have a run of words

  size_t chest = 0;  ///< reports of the chest; what follows is of these alone
  size_t lungs = 0;  ///< reports that speak of them, and so on
  size_t heart = 0;
  size_t diaphragm = 0;
  size_t partly_read = 0;  ///< reports with a sentence that was not understood
  size_t references_partly_read = 0;
  LabelTable present;  ///< uncertain is not present
  LabelTable absent;
  LabelTable uncertain;
};

/// Judges the examples that are reports (IsReport).
ReportSummary SummariseReports(std::span<const Example> examples, const Vocabulary& vocabulary);

}  // namespace roentgen
