#include "roentgen/evaluation/evaluation_json.h"

#include <array>
#include <string>

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson ToJson(const ScoreSummary& score, const std::vector<std::string>& baselines) {
  static constexpr std::array<const char*, 3> kUnits = {"share", "percent", "ratio"};
  OrderedJson json = {{"scorer", score.scorer}, {"value", score.value}};
  if (!score.refusal.empty()) {
    json["refused"] = score.refusal;
    return json;
  }
  json["unit"] = kUnits[static_cast<size_t>(score.unit)];
  json["count"] = score.count;
  json["mean"] = score.interval.mean;
  json["bootstrap95"] = {score.interval.lower, score.interval.upper};
  json["standard_error"] = score.interval.standard_error;
  if (score.wilson) json["wilson95"] = {score.wilson->lower, score.wilson->upper};
  for (size_t i = 0; i < baselines.size(); ++i) {
    if (score.baselines[i]) json["baselines"][baselines[i]] = *score.baselines[i];
  }
  return json;
}

OrderedJson ToJson(const Calibration& calibration) {
  OrderedJson json = {{"count", calibration.count},
                      {"expected_calibration_error", calibration.expected_calibration_error},
                      {"bins", OrderedJson::array()}};
  for (const Calibration::Bin& bin : calibration.bins) {
    json["bins"].push_back(
        {{"count", bin.count}, {"confidence", bin.confidence}, {"accuracy", bin.accuracy}});
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

OrderedJson ToJson(const LabelTable& table) {
  OrderedJson json = {{"micro_f1", MicroF1(table)},
                      {"macro_f1", MacroF1(table)},
                      {"labels", OrderedJson::object()}};
  for (size_t i = 0; i < kReportLabels; ++i) {
    if (!table[i].occurs()) continue;
    json["labels"][std::string(kReportLabelNames[i])] = ToJson(table[i]);
  }
  return json;
}

OrderedJson ToJson(const ReportSummary& reports) {
  OrderedJson json = {
      {"reports", reports.reports},           {"both_headings", reports.headings},
      {"mean_words", reports.words},          {"mean_reference_words", reports.reference_words},
      {"term_density", reports.term_density}, {"repeated_4grams", reports.repeated}};
  if (reports.chest == 0) return json;
  json["chest"] = {{"reports", reports.chest},
                   {"lungs", reports.lungs},
                   {"heart", reports.heart},
                   {"diaphragm", reports.diaphragm},
                   {"partly_read", reports.partly_read},
                   {"references_partly_read", reports.references_partly_read},
                   {"present", ToJson(reports.present)},
                   {"absent", ToJson(reports.absent)},
                   {"uncertain", ToJson(reports.uncertain)}};
  return json;
}

/// What only some question sets and runs allow to say.
void AddProbes(const Evaluation& evaluation, OrderedJson& json) {
  if (evaluation.presence.total() > 0) json["presence"] = roentgen::ToJson(evaluation.presence);
  if (evaluation.false_premises.questions > 0) {
    json["false_premises"] = {{"questions", evaluation.false_premises.questions},
                              {"declined", evaluation.false_premises.declined}};
  }
  if (evaluation.twins.pairs > 0) {
    json["twins"] = {{"pairs", evaluation.twins.pairs},
                     {"both_right", evaluation.twins.both_right},
                     {"one_right", evaluation.twins.one_right}};
  }
  if (evaluation.paraphrases.pairs > 0) {
    json["paraphrases"] = {{"pairs", evaluation.paraphrases.pairs},
                           {"equal", evaluation.paraphrases.equal}};
  }
  if (evaluation.calibration.count > 0) json["calibration"] = ToJson(evaluation.calibration);
  if (evaluation.reports.reports > 0) json["reports"] = ToJson(evaluation.reports);
}

}  // namespace

OrderedJson ToJson(const YesNoTable& table) {
  return {{"count", table.total()},
          {"true_positives", table.true_positives},
          {"true_negatives", table.true_negatives},
          {"false_positives", table.false_positives},
          {"false_negatives", table.false_negatives},
          {"unanswered", table.unanswered},
          {"unanswered_share", table.unanswered_share()},
          {"accuracy", table.accuracy()},
          {"precision", table.precision()},
          {"recall", table.recall()},
          {"f1", table.f1()},
          {"yes_ratio", table.yes_ratio()},
          {"false_positive_rate", table.false_positive_rate()}};
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
                      {"empty_answers", evaluation.empty_answers},
                      {"resamples", evaluation.bootstrap.resamples},
                      {"seed", evaluation.bootstrap.seed},
                      {"groups", OrderedJson::array()}};
  for (const GroupSummary& group : evaluation.groups) {
    OrderedJson& entry = json["groups"].emplace_back();
    entry = {{"field", group.field}, {"value", group.value}, {"examples", group.examples}};
    entry["scores"] = OrderedJson::array();
    for (const ScoreSummary& score : group.scores) {
      entry["scores"].push_back(ToJson(score, evaluation.baselines));
    }
    if (group.yes_no.total() > 0) entry["yes_no"] = ToJson(group.yes_no);
  }
  AddProbes(evaluation, json);
  return json;
}

}  // namespace roentgen
