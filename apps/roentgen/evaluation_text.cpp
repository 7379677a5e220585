#include "evaluation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "report_scores.h"
#include "roentgen/evaluation/number_text.h"
#include "roentgen/evaluation/reliability_diagram.h"
#include "roentgen/text/display_width.h"
#include "roentgen/text/printable.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

/// A score in percent with one decimal; a ratio with two.
std::string Number(double value, ScoreUnit unit) {
  if (unit == ScoreUnit::kRatio) return fmt::format("{:.2f}", value);
  return PercentText(unit == ScoreUnit::kShare ? value : value / 100);
}

/// "33.5 – 42.6"; nothing where there is no interval.
std::string IntervalText(const std::optional<Bounds>& interval, ScoreUnit unit) {
  if (!interval) return "";
  return fmt::format("{:>5} – {:<5}", Number(interval->lower, unit), Number(interval->upper, unit));
}

void PrintScores(const GroupSummary& group, const Evaluation& evaluation) {
  Print("\n{}, {}, {}\n", group.value, CountText(group.examples, "questions"),
        CountText(group.units, evaluation.units.noun()));
  Print("  {:<48} {:>5} {:>8} {:>7}  {:^13}", "score", "n", evaluation.units.noun(), "%", "95 %");
  for (const std::string& baseline : evaluation.baselines) Print("  {:>13.13}", baseline);
  Print("\n");
  std::string refused;
  for (const ScoreSummary& score : group.scores) {
    if (!score.refusal.empty()) {
      if (score.scorer != refused) Print("  {}: {}.\n", score.scorer, score.refusal);
      refused = score.scorer;
      continue;
    }
    Print("  {:<48} {:>5} {:>8} {:>7}  {:>13}", score.scorer + " " + score.value,
          score.estimate.questions, score.estimate.units, Number(score.estimate.mean, score.unit),
          IntervalText(score.estimate.interval, score.unit));
    for (const auto& baseline : score.baselines) {
      Print("  {:>13}", baseline ? Number(*baseline, score.unit) : "");
    }
    Print("\n");
  }
}

/// The score and its interval in one cell, and of how many questions where it is not all.
std::string Cell(const GroupSummary& group, const std::string& scorer, const std::string& value) {
  const auto score =
      std::find_if(group.scores.begin(), group.scores.end(), [&](const ScoreSummary& s) {
        return s.scorer == scorer && s.value == value && s.refusal.empty();
      });
  if (score == group.scores.end()) return "";
  std::string mean = Number(score->estimate.mean, score->unit);
  if (score->estimate.interval) {
    mean += fmt::format(" ({} – {})", Number(score->estimate.interval->lower, score->unit),
                        Number(score->estimate.interval->upper, score->unit));
  }
  const size_t scored = score->estimate.questions;
  return scored == group.examples ? mean : fmt::format("{}, n {}", mean, scored);
}

/// The three scores that say most, a line for each group of a field.
void PrintBreakdown(const Evaluation& evaluation, const std::string& field) {
  static constexpr std::pair<const char*, const char*> kShown[] = {
      {"strict", "exact_match"}, {"strict", "f1"}, {"first-token", "accuracy"}};
  Print("\nby {:<27} {:>5} {:>8}", field, "n", evaluation.units.noun());
  for (const auto& [scorer, value] : kShown) {
    Print("  {:>28}", fmt::format("{} {}", scorer, value));
  }
  Print("\n");
  for (const GroupSummary& group : evaluation.groups) {
    if (group.field != field) continue;
    Print("  {} {:>5} {:>8}", FitToWidth(OneLine(group.value), 28), group.examples, group.units);
    for (const auto& [scorer, value] : kShown) Print("  {:>28}", Cell(group, scorer, value));
    Print("\n");
  }
}

void PrintYesNo(const std::string& what, const YesNoTable& table, const YesNoIntervals& intervals) {
  if (table.total() == 0) return;
  const YesNoShares shares = table.shares();
  const auto number = [](double share) { return std::isnan(share) ? "–" : PercentText(share); };
  Print("{:<24} {:>5} {:>8} {:>13} {:>13} {:>13} {:>13} {:>13} {:>14} {:>7}\n", what, table.total(),
        intervals.units, number(shares.accuracy), number(shares.precision), number(shares.recall),
        number(shares.f1), number(shares.yes_ratio), number(shares.false_positive_rate),
        number(shares.unanswered_share));
  if (!intervals.accuracy) return;
  const auto interval = [](const std::optional<Bounds>& bounds) {
    return IntervalText(bounds, ScoreUnit::kShare);
  };
  Print("{:<24} {:>5} {:>8} {:>13} {:>13} {:>13} {:>13} {:>13} {:>14}\n", "    95 %", "", "",
        interval(intervals.accuracy), interval(intervals.precision), interval(intervals.recall),
        interval(intervals.f1), interval(intervals.yes_ratio),
        interval(intervals.false_positive_rate));
}

void PrintShare(const char* what, size_t part, size_t whole,
                const std::optional<Bounds>& interval) {
  if (whole == 0) return;
  std::string text =
      fmt::format("{}: {} of {} ({} %", what, part, whole,
                  PercentText(static_cast<double>(part) / static_cast<double>(whole)));
  if (interval) {
    text +=
        fmt::format("; 95 %: {} – {}", PercentText(interval->lower), PercentText(interval->upper));
  }
  Print("{}).\n", text);
}

void PrintProbes(const Evaluation& evaluation) {
  const GroupSummary& all = evaluation.groups.front();
  if (all.yes_no.total() > 0) {
    Print("\n{:<24} {:>5} {:>8} {:>13} {:>13} {:>13} {:>13} {:>13} {:>14} {:>7}\n",
          "yes/no questions, %", "n", evaluation.units.noun(), "accuracy", "precision", "recall",
          "F1", "said yes", "false positive", "neither");
    PrintYesNo("  all", all.yes_no, all.yes_no_intervals);
    PrintYesNo("  presence, abnormality", evaluation.presence, evaluation.presence_intervals);
  }
  const ProbeIntervals& intervals = evaluation.probe_intervals;
  PrintShare("Questions about what is not there, declined", evaluation.false_premises.declined,
             evaluation.false_premises.questions, intervals.premises_declined);
  PrintShare("Twins right on both sides", evaluation.twins.both_right, evaluation.twins.pairs,
             intervals.twins_right);
  if (evaluation.twins.larger > 0) {
    Print("  {} of them {} more than two questions, which all have to be right.\n",
          evaluation.twins.larger, evaluation.twins.larger == 1 ? "has" : "have");
  }
  PrintShare("Paraphrases answered alike", evaluation.paraphrases.equal,
             evaluation.paraphrases.pairs, intervals.paraphrases_equal);
  const std::string calibration = Describe(evaluation.calibration);
  if (!calibration.empty()) Print("Calibration of yes/no: {}.\n", calibration);
}

}  // namespace

void PrintEvaluation(const Evaluation& evaluation, const std::vector<std::string>& breakdown) {
  Print("{}, {}; {} answered with nothing\n", CountText(evaluation.examples, "questions"),
        evaluation.units.Counted(), evaluation.empty_answers);
  if (const std::string unknown = evaluation.units.OfUnknown(); !unknown.empty()) {
    Print("{}\n", unknown);
  }
  for (const GroupSummary& group : evaluation.groups) {
    if (group.field == "kind") PrintScores(group, evaluation);
  }
  for (const std::string& field : breakdown) PrintBreakdown(evaluation, field);
  PrintProbes(evaluation);
  PrintReportScores(evaluation.reports, evaluation.report_intervals);
}

}  // namespace roentgen::app
