#include "roentgen/evaluation/evaluation_json.h"

#include <algorithm>
#include <array>
#include <string>

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Rounding may put a bound beyond the value by a last digit: of 1 it is 1, not 0.9999999999999999.
void Add(OrderedJson& json, const char* name, const std::optional<Bounds>& interval, double value) {
  if (!interval) return;
  json[name] = {std::min(interval->lower, value), std::max(interval->upper, value)};
}

double ShareOf(size_t part, size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

OrderedJson ToJson(const ScoreSummary& score, const std::vector<std::string>& baselines) {
  static constexpr std::array<const char*, 3> kUnits = {"share", "percent", "ratio"};
  OrderedJson json = {{"scorer", score.scorer}, {"value", score.value}};
  if (!score.refusal.empty()) {
    json["refused"] = score.refusal;
    return json;
  }
  json["unit"] = kUnits[static_cast<size_t>(score.unit)];
  json["count"] = score.estimate.questions;
  json["units"] = score.estimate.units;
  json["mean"] = score.estimate.mean;
  Add(json, "interval95", score.estimate.interval, score.estimate.mean);
  if (score.estimate.units > 1) json["standard_error"] = score.estimate.standard_error;
  for (size_t i = 0; i < baselines.size(); ++i) {
    if (score.baselines[i]) json["baselines"][baselines[i]] = *score.baselines[i];
  }
  return json;
}

OrderedJson ToJson(const LabelCounts& counts) {
  return {{"both", counts.both},
          {"only_report", counts.only_report},
          {"only_reference", counts.only_reference},
          {"precision", counts.precision()},
          {"recall", counts.recall()},
          {"f1", counts.f1()}};
}

/// F1 is null where neither side states anything, and has an interval where enough reports do.
OrderedJson ToJson(const LabelTable& table, const ReportIntervals::F1& intervals) {
  OrderedJson json = {{"units", intervals.units}, {"micro_f1", nullptr}, {"macro_f1", nullptr}};
  if (intervals.units > 0) {
    json["micro_f1"] = MicroF1(table);
    json["macro_f1"] = MacroF1(table);
    if (const auto note = intervals.missing()) json["no_interval"] = *note;
  }
  Add(json, "micro_f1_interval95", intervals.micro, MicroF1(table));
  Add(json, "macro_f1_interval95", intervals.macro, MacroF1(table));
  json["labels"] = OrderedJson::object();
  for (size_t i = 0; i < kReportLabels; ++i) {
    if (!table[i].occurs()) continue;
    json["labels"][std::string(kReportLabelNames[i])] = ToJson(table[i]);
  }
  return json;
}

OrderedJson ToJson(const ReportSummary& reports, const ReportIntervals& intervals) {
  OrderedJson json = {{"reports", reports.reports},
                      {"empty", reports.empty},
                      {"both_headings", reports.headings},
                      {"mean_words", reports.words},
                      {"mean_reference_words", reports.reference_words},
                      {"term_density", reports.term_density},
                      {"repeated_4grams", reports.repeated}};
  if (reports.chest == 0) return json;
  json["chest"] = {{"reports", reports.chest},
                   {"units", intervals.units},
                   {"lungs", reports.lungs},
                   {"heart", reports.heart},
                   {"diaphragm", reports.diaphragm},
                   {"partly_read", reports.partly_read},
                   {"references_partly_read", reports.references_partly_read},
                   {"present", ToJson(reports.present, intervals.present)},
                   {"absent", ToJson(reports.absent, intervals.absent)},
                   {"uncertain", ToJson(reports.uncertain, intervals.uncertain)}};
  return json;
}

OrderedJson ToJson(const YesNoTable& table, const YesNoIntervals& intervals) {
  OrderedJson json = roentgen::ToJson(table);
  json["units"] = intervals.units;
  OrderedJson& bounds = json["intervals95"];
  Add(bounds, "accuracy", intervals.accuracy, table.accuracy());
  Add(bounds, "precision", intervals.precision, table.precision());
  Add(bounds, "recall", intervals.recall, table.recall());
  Add(bounds, "f1", intervals.f1, table.f1());
  Add(bounds, "yes_ratio", intervals.yes_ratio, table.yes_ratio());
  Add(bounds, "false_positive_rate", intervals.false_positive_rate, table.false_positive_rate());
  if (bounds.is_null()) json.erase("intervals95");
  return json;
}

/// What only some question sets and runs allow to say.
void AddProbes(const Evaluation& evaluation, OrderedJson& json) {
  if (evaluation.presence.total() > 0) {
    json["presence"] = ToJson(evaluation.presence, evaluation.presence_intervals);
  }
  if (evaluation.false_premises.questions > 0) {
    json["false_premises"] = {{"questions", evaluation.false_premises.questions},
                              {"declined", evaluation.false_premises.declined}};
    Add(json["false_premises"], "interval95", evaluation.probe_intervals.premises_declined,
        ShareOf(evaluation.false_premises.declined, evaluation.false_premises.questions));
  }
  if (evaluation.twins.pairs > 0) {
    json["twins"] = {{"pairs", evaluation.twins.pairs},
                     {"both_right", evaluation.twins.both_right},
                     {"one_right", evaluation.twins.one_right},
                     {"larger", evaluation.twins.larger}};
    Add(json["twins"], "interval95", evaluation.probe_intervals.twins_right,
        ShareOf(evaluation.twins.both_right, evaluation.twins.pairs));
  }
  if (evaluation.paraphrases.pairs > 0) {
    json["paraphrases"] = {{"pairs", evaluation.paraphrases.pairs},
                           {"equal", evaluation.paraphrases.equal}};
    Add(json["paraphrases"], "interval95", evaluation.probe_intervals.paraphrases_equal,
        ShareOf(evaluation.paraphrases.equal, evaluation.paraphrases.pairs));
  }
  if (evaluation.calibration.count > 0)
    json["calibration"] = roentgen::ToJson(evaluation.calibration);
  if (evaluation.reports.reports > 0)
    json["reports"] = ToJson(evaluation.reports, evaluation.report_intervals);
}

}  // namespace

OrderedJson ToJson(const YesNoTable& table) {
  const YesNoShares shares = table.shares();
  return {{"count", table.total()},
          {"true_positives", table.true_positives},
          {"true_negatives", table.true_negatives},
          {"false_positives", table.false_positives},
          {"false_negatives", table.false_negatives},
          {"unanswered", table.unanswered},
          {"unanswered_share", table.unanswered_share()},
          {"accuracy", shares.accuracy},
          {"precision", shares.precision},
          {"recall", shares.recall},
          {"f1", shares.f1},
          {"yes_ratio", shares.yes_ratio},
          {"false_positive_rate", shares.false_positive_rate}};
}

OrderedJson ToJson(const Calibration& calibration) {
  OrderedJson json = {{"questions", calibration.questions},
                      {"without_probability", calibration.questions - calibration.count},
                      {"count", calibration.count},
                      {"neither_yes_nor_no", calibration.unreadable}};
  if (calibration.count == 0) return json;
  json["expected_calibration_error"] = calibration.expected_calibration_error;
  json["if_perfectly_calibrated"] = {{"mean", calibration.if_perfect},
                                     {"at_most95", calibration.if_perfect_at_most}};
  json["bins"] = OrderedJson::array();
  for (size_t b = 0; b < calibration.bins.size(); ++b) {
    const Calibration::Bin& bin = calibration.bins[b];
    OrderedJson& entry = json["bins"].emplace_back();
    entry = {{"from", Calibration::BeginOf(b)},
             {"to", Calibration::BeginOf(b + 1)},
             {"count", bin.count},
             {"confidence", bin.confidence},
             {"accuracy", bin.accuracy}};
    if (bin.count > 0) entry["consistent95"] = {bin.consistent.lower, bin.consistent.upper};
  }
  return json;
}

OrderedJson ToJson(const ImageUse& use) {
  OrderedJson json = {{"depends_on_image", NameOf(use.verdict())},
                      {"answers_change", NameOf(use.changes)},
                      {"righter_with_true_image", NameOf(use.righter)},
                      {"p", nullptr},
                      {"count", use.examples},
                      {"units", use.units.count},
                      {"unit", use.units.noun()},
                      {"right_with_true_image", use.right_true},
                      {"right_with_other_image", use.right_other},
                      {"right_only_with_true_image", use.only_true},
                      {"right_only_with_other_image", use.only_other},
                      {"no_answer_with_true_image", use.silent_true},
                      {"no_answer_with_other_image", use.silent_other},
                      {"refused_with_other_image", use.refused_other},
                      {"answered_with_both", use.compared},
                      {"changed", use.changed}};
  if (use.righter != ImageUseVerdict::kTooLittle) json["p"] = use.p;
  return json;
}

OrderedJson ToJson(const Evaluation& evaluation) {
  OrderedJson json = {{"examples", evaluation.examples},
                      {"units", evaluation.units.count},
                      {"unit", evaluation.units.noun()},
                      {"without_image", evaluation.units.without_image},
                      {"empty_answers", evaluation.empty_answers},
                      {"resamples", evaluation.bootstrap.resamples},
                      {"seed", evaluation.bootstrap.seed},
                      {"groups", OrderedJson::array()}};
  for (const GroupSummary& group : evaluation.groups) {
    OrderedJson& entry = json["groups"].emplace_back();
    entry = {{"field", group.field},
             {"value", group.value},
             {"examples", group.examples},
             {"units", group.units}};
    entry["scores"] = OrderedJson::array();
    for (const ScoreSummary& score : group.scores) {
      entry["scores"].push_back(ToJson(score, evaluation.baselines));
    }
    if (group.yes_no.total() > 0) {
      entry["yes_no"] = ToJson(group.yes_no, group.yes_no_intervals);
    }
  }
  AddProbes(evaluation, json);
  return json;
}

}  // namespace roentgen
