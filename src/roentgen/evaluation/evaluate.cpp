#include "roentgen/evaluation/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

struct Group {
  std::string field;
  std::string value;
  std::vector<size_t> examples;
};

std::vector<Group> KindGroups(std::span<const Example> examples) {
  std::vector<Group> groups = {{"kind", "all", {}}, {"kind", "closed", {}}, {"kind", "open", {}}};
  for (size_t i = 0; i < examples.size(); ++i) {
    groups[0].examples.push_back(i);
    groups[examples[i].closed ? 1 : 2].examples.push_back(i);
  }
  std::erase_if(groups, [](const Group& group) { return group.examples.empty(); });
  return groups;
}

/// Groups of the examples by a field's values, the largest first.
std::vector<Group> FieldGroups(std::span<const Example> examples, const std::string& field) {
  std::map<std::string, std::vector<size_t>> by_value;
  std::set<std::string> fields;
  for (size_t i = 0; i < examples.size(); ++i) {
    for (const auto& [name, ignored] : examples[i].fields) fields.insert(name);
    const auto values = examples[i].fields.find(field);
    if (values == examples[i].fields.end()) continue;
    for (const std::string& value : values->second) by_value[value].push_back(i);
  }
  if (by_value.empty()) {
    const std::vector<std::string> names(fields.begin(), fields.end());
    throw Error(fmt::format("no question has a field \"{}\"", field),
                names.empty() ? "" : "There are: " + Join(names, ", "));
  }
  std::vector<Group> groups;
  for (auto& [value, members] : by_value) groups.push_back({field, value, std::move(members)});
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.examples.size() > b.examples.size();
  });
  return groups;
}

/// The defined scores of a column for some of the examples, and their units.
struct DefinedScores {
  std::vector<double> scores;
  std::vector<uint32_t> units;
};

DefinedScores Defined(const ScoreColumn& column, std::span<const size_t> examples,
                      const SamplingUnits& units) {
  DefinedScores defined;
  for (const size_t i : examples) {
    if (std::isnan(column.scores[i])) continue;
    defined.scores.push_back(column.scores[i]);
    defined.units.push_back(units.of[i]);
  }
  return defined;
}

bool Refuses(const ScoreColumn& column, std::span<const size_t> examples) {
  return !column.refused.empty() &&
         std::any_of(examples.begin(), examples.end(), [&](size_t i) { return column.refused[i]; });
}

std::optional<double> MeanOfDefined(const std::vector<double>& scores) {
  double sum = 0;
  size_t count = 0;
  for (const double score : scores) {
    if (std::isnan(score)) continue;
    sum += score;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

/// The largest value of a score.
double LargestOf(ScoreUnit unit) {
  if (unit == ScoreUnit::kRatio) return std::numeric_limits<double>::infinity();
  return unit == ScoreUnit::kPercent ? 100 : 1;
}

YesNoTable CountYesNo(std::span<const Example> examples) {
  YesNoTable table;
  for (const Example& example : examples) {
    const std::optional<bool> truth = YesOrNo(example.reference);
    if (truth) table.Add(*truth, SideTaken(example.prediction));
  }
  return table;
}

/// What is in both, as it is told of a share: `part` of `whole`.
struct PartOf {
  size_t part = 0;
  size_t whole = 0;
};

/// The interval of a share whose parts and wholes can be counted within units.
std::optional<Bounds> IntervalOfShare(
    std::span<const Example> examples, const SamplingUnits& units,
    const std::function<PartOf(std::span<const Example>)>& count) {
  std::vector<std::vector<Example>> of_unit(units.count);
  for (size_t i = 0; i < examples.size(); ++i) of_unit[units.of[i]].push_back(examples[i]);
  std::vector<double> scores;
  std::vector<uint32_t> numbers;
  for (size_t u = 0; u < of_unit.size(); ++u) {
    const PartOf counted = count(of_unit[u]);
    for (size_t i = 0; i < counted.whole; ++i) {
      scores.push_back(i < counted.part ? 1 : 0);
      numbers.push_back(static_cast<uint32_t>(u));
    }
  }
  return scores.empty() ? std::nullopt : EstimateMean(scores, numbers).interval;
}

ProbeIntervals MeasureProbeIntervals(std::span<const Example> examples,
                                     const SamplingUnits& units) {
  using Examples = std::span<const Example>;
  ProbeIntervals intervals;
  intervals.premises_declined = IntervalOfShare(examples, units, [](Examples unit) {
    const FalsePremises premises = CountFalsePremises(unit);
    return PartOf{premises.declined, premises.questions};
  });
  intervals.twins_right = IntervalOfShare(examples, units, [](Examples unit) {
    const TwinScore twins = ScoreTwins(unit);
    return PartOf{twins.both_right, twins.pairs};
  });
  intervals.paraphrases_equal = IntervalOfShare(examples, units, [](Examples unit) {
    const Agreement paraphrases = MeasureAgreement(unit);
    return PartOf{paraphrases.equal, paraphrases.pairs};
  });
  return intervals;
}

std::vector<AnswerPair> PairsOf(std::span<const Example> examples) {
  std::vector<AnswerPair> pairs;
  for (const Example& example : examples) pairs.push_back(example.pair());
  return pairs;
}

/// Whether a sample of the training set would be in a group.
bool IsIn(const Group& group, const Sample& sample) {
  if (group.field == "kind") {
    if (group.value == "all") return true;
    const bool closed = sample.answer_type.empty() ? YesOrNo(AnswerOf(sample)).has_value()
                                                   : sample.answer_type == kClosed;
    return closed == (group.value == "closed");
  }
  const auto fields = FieldsOf(sample);
  const auto values = fields.find(group.field);
  return values != fields.end() && std::find(values->second.begin(), values->second.end(),
                                             group.value) != values->second.end();
}

/// The baselines of one group, scored on its own examples: what is most frequent in it, not in all.
class GroupBaselines {
 public:
  GroupBaselines(std::span<const Example> examples, const EvaluateOptions& options,
                 std::span<const Scorer* const> scorers)
      : training_(options.training), scorers_(scorers), all_(MakeBaselines(examples, training_)) {}

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Baseline& baseline : all_) names.push_back(baseline.name);
    return names;
  }

  /// Of each baseline all columns, over the group's examples.
  std::vector<std::vector<ScoreColumn>> Score(const Group& group, std::span<const Example> of_group,
                                              ThreadPool& pool) const {
    std::vector<AnswerPair> pairs = PairsOf(of_group);
    std::vector<std::vector<ScoreColumn>> columns;
    for (const Baseline& baseline : Make(group, of_group)) {
      for (size_t i = 0; i < pairs.size(); ++i) pairs[i].prediction = baseline.answers[i];
      columns.push_back(ScoreAll(pairs, scorers_, pool));
    }
    return columns;
  }

 private:
  std::vector<Baseline> Make(const Group& group, std::span<const Example> of_group) const {
    std::vector<Sample> training;
    std::copy_if(training_.begin(), training_.end(), std::back_inserter(training),
                 [&](const Sample& sample) { return IsIn(group, sample); });
    std::vector<Baseline> baselines =
        MakeBaselines(of_group, training.empty() ? training_ : training);
    // The answer that the same question had does not depend on the group that it is in.
    for (size_t i = 0; i < group.examples.size() && baselines.size() > 2; ++i) {
      baselines[2].answers[i] = all_[2].answers[group.examples[i]];
    }
    return baselines;
  }

  const std::vector<Sample>& training_;
  std::span<const Scorer* const> scorers_;
  std::vector<Baseline> all_;
};

ScoreSummary Summarise(const ScoreColumn& column, const DefinedScores& defined) {
  const ScoreValue& value = column.scorer->values[column.value];
  ScoreSummary summary;
  summary.scorer = column.scorer->name;
  summary.value = value.name;
  summary.unit = value.unit;
  summary.estimate = EstimateMean(defined.scores, defined.units, LargestOf(value.unit));
  return summary;
}

/// own        all columns of all examples
/// baselines  of each baseline all columns of the group's
std::vector<ScoreSummary> SummariseScores(const std::vector<ScoreColumn>& own, const Group& group,
                                          const std::vector<std::vector<ScoreColumn>>& baselines,
                                          const SamplingUnits& units) {
  std::vector<size_t> places(group.examples.size());
  std::iota(places.begin(), places.end(), size_t{0});
  std::vector<ScoreSummary> summaries;
  for (size_t c = 0; c < own.size(); ++c) {
    const DefinedScores defined = Defined(own[c], group.examples, units);
    if (Refuses(own[c], group.examples)) {
      ScoreSummary& summary = summaries.emplace_back();
      summary.scorer = own[c].scorer->name;
      summary.value = own[c].scorer->values[own[c].value].name;
      summary.refusal = own[c].refusal;
      continue;
    }
    if (defined.scores.empty()) continue;
    ScoreSummary& summary = summaries.emplace_back(Summarise(own[c], defined));
    for (const auto& columns : baselines) {
      summary.baselines.push_back(Refuses(columns[c], places) ? std::nullopt
                                                              : MeanOfDefined(columns[c].scores));
    }
  }
  return summaries;
}

/// A column without scores, which knows the questions that its scorer refuses.
ScoreColumn RefusalsOf(const Scorer& scorer, std::span<const AnswerPair> pairs) {
  ScoreColumn column;
  column.scorer = &scorer;
  column.scores.assign(pairs.size(), kUndefined);
  for (size_t i = 0; i < pairs.size() && scorer.refusal != nullptr; ++i) {
    const std::optional<std::string> refusal = scorer.refusal(pairs[i]);
    if (!refusal) continue;
    column.refused.resize(pairs.size());
    column.refused[i] = true;
    if (column.refusal.empty()) column.refusal = *refusal;
  }
  return column;
}

/// What is measured of all examples together.
Evaluation MeasureAll(std::span<const Example> examples, const EvaluateOptions& options,
                      ThreadPool& pool) {
  Evaluation evaluation;
  evaluation.examples = examples.size();
  evaluation.units = FindSamplingUnits(examples);
  evaluation.empty_answers = static_cast<size_t>(
      std::count_if(examples.begin(), examples.end(),
                    [](const Example& example) { return Strip(example.prediction).empty(); }));
  std::vector<Example> presence;
  std::vector<size_t> places;
  for (size_t i = 0; i < examples.size(); ++i) {
    if (!AsksForPresence(examples[i])) continue;
    presence.push_back(examples[i]);
    places.push_back(i);
  }
  evaluation.presence = CountPresence(presence);
  evaluation.presence_intervals = MeasureYesNoIntervals(presence, Select(evaluation.units, places));
  evaluation.false_premises = CountFalsePremises(examples);
  evaluation.twins = ScoreTwins(examples);
  evaluation.paraphrases = MeasureAgreement(examples);
  evaluation.probe_intervals = MeasureProbeIntervals(examples, evaluation.units);
  evaluation.calibration = MeasureCalibration(examples, options.bootstrap.seed);
  evaluation.reports = SummariseReports(examples, options.vocabulary);
  evaluation.report_intervals = MeasureReportIntervals(examples, evaluation.units,
                                                       options.vocabulary, options.bootstrap, pool);
  evaluation.bootstrap = options.bootstrap;
  return evaluation;
}

}  // namespace

std::vector<ScoreColumn> ScoreAll(std::span<const AnswerPair> pairs,
                                  std::span<const Scorer* const> scorers, ThreadPool& pool) {
  std::vector<ScoreColumn> columns;
  for (const Scorer* scorer : scorers) {
    const ScoreColumn empty = RefusalsOf(*scorer, pairs);
    const size_t first = columns.size();
    for (size_t v = 0; v < scorer->values.size(); ++v) {
      columns.push_back(empty);
      columns.back().value = v;
    }
    pool.ForEach(pairs.size(), [&](size_t i, int /*worker*/) {
      if (!empty.refused.empty() && empty.refused[i]) return;
      std::vector<double> scores(scorer->values.size());
      scorer->score(pairs[i], scores);
      for (size_t v = 0; v < scores.size(); ++v) columns[first + v].scores[i] = scores[v];
    });
  }
  return columns;
}

Evaluation Evaluate(std::span<const Example> examples, const EvaluateOptions& options,
                    ThreadPool& pool, const Progress& progress) {
  if (examples.empty()) throw Error("there is nothing to evaluate");
  std::vector<Group> groups = KindGroups(examples);
  for (const std::string& field : options.breakdown) {
    std::vector<Group> more = FieldGroups(examples, field);
    std::move(more.begin(), more.end(), std::back_inserter(groups));
  }
  const std::span<const Scorer* const> scorers =
      options.scorers.empty() ? AllScorers() : std::span<const Scorer* const>(options.scorers);
  Report(progress, "Scoring", 0, groups.size() + 1);
  const std::vector<ScoreColumn> own = ScoreAll(PairsOf(examples), scorers, pool);
  const GroupBaselines baselines(examples, options, scorers);

  Evaluation evaluation = MeasureAll(examples, options, pool);
  evaluation.baselines = baselines.names();
  for (const Group& group : groups) {
    Report(progress, "Scoring", evaluation.groups.size() + 1, groups.size() + 1);
    std::vector<Example> of_group;
    for (const size_t i : group.examples) of_group.push_back(examples[i]);
    const SamplingUnits units = Select(evaluation.units, group.examples);
    GroupSummary& summary = evaluation.groups.emplace_back();
    summary.field = group.field;
    summary.value = group.value;
    summary.examples = group.examples.size();
    summary.units = units.count;
    summary.scores =
        SummariseScores(own, group, baselines.Score(group, of_group, pool), evaluation.units);
    summary.yes_no = CountYesNo(of_group);
    summary.yes_no_intervals = MeasureYesNoIntervals(of_group, units);
  }
  return evaluation;
}

}  // namespace roentgen
