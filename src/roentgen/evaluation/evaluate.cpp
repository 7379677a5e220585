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
                names.empty() ? "The answers carry none: give the question set that they are to "
                                "(--references)."
                              : "There are: " + Join(names, ", "));
  }
  std::vector<Group> groups;
  for (auto& [value, members] : by_value) groups.push_back({field, value, std::move(members)});
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.examples.size() > b.examples.size();
  });
  return groups;
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

bool AreOfKind(std::span<const Example> examples, bool closed) {
  return std::all_of(examples.begin(), examples.end(),
                     [&](const Example& example) { return example.closed == closed; });
}

/// The baselines, made for the very questions that they are scored on: what is most frequent among
/// these, not in all.
class OwnBaselines {
 public:
  OwnBaselines(std::span<const Example> examples, const std::vector<Sample>& training)
      : examples_(examples), training_(training), all_(MakeBaselines(examples, training_)) {}

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Baseline& baseline : all_) names.push_back(baseline.name);
    return names;
  }

  /// Of each baseline what it scores on some questions of a group, all of them or those that a
  /// value is made for.
  std::vector<std::vector<ScoreColumn>> Score(const Group& group,
                                              const std::vector<size_t>& questions,
                                              std::span<const Scorer* const> scorers,
                                              ThreadPool& pool) const {
    std::vector<Example> asked;
    for (const size_t i : questions) asked.push_back(examples_[i]);
    std::vector<AnswerPair> pairs = PairsOf(asked);
    std::vector<std::vector<ScoreColumn>> columns;
    for (const Baseline& baseline : Make(group, questions, asked)) {
      for (size_t i = 0; i < pairs.size(); ++i) pairs[i].prediction = baseline.answers[i];
      columns.push_back(ScoreAll(pairs, scorers, pool));
    }
    return columns;
  }

 private:
  /// The samples of the training set that are like the questions: of their group and kind, else of
  /// their group, else all.
  std::vector<Sample> TrainingLike(const Group& group, std::span<const Example> asked) const {
    std::vector<Sample> like = Part(training_, group);
    if (like.empty()) like = training_;
    for (const bool closed : {true, false}) {
      if (!AreOfKind(asked, closed)) continue;
      std::vector<Sample> of_kind = Part(like, {"kind", closed ? "closed" : "open", {}});
      if (!of_kind.empty()) return of_kind;
    }
    return like;
  }

  static std::vector<Sample> Part(const std::vector<Sample>& samples, const Group& group) {
    std::vector<Sample> part;
    std::copy_if(samples.begin(), samples.end(), std::back_inserter(part),
                 [&](const Sample& sample) { return IsIn(group, sample); });
    return part;
  }

  std::vector<Baseline> Make(const Group& group, const std::vector<size_t>& questions,
                             std::span<const Example> asked) const {
    std::vector<Baseline> baselines = MakeBaselines(asked, TrainingLike(group, asked));
    // The answer that the same question had does not depend on the group that it is in.
    for (size_t i = 0; i < questions.size() && baselines.size() > 2; ++i) {
      baselines[2].answers[i] = all_[2].answers[questions[i]];
    }
    return baselines;
  }

  std::span<const Example> examples_;
  const std::vector<Sample>& training_;
  std::vector<Baseline> all_;
};

/// questions  that the column has a score for
ScoreSummary Summarise(const ScoreColumn& column, const std::vector<size_t>& questions,
                       const SamplingUnits& units) {
  std::vector<double> scores;
  std::vector<uint32_t> of_unit;
  for (const size_t i : questions) {
    scores.push_back(column.scores[i]);
    of_unit.push_back(units.of[i]);
  }
  const ScoreValue& value = column.scorer->values[column.value];
  ScoreSummary summary;
  summary.scorer = column.scorer->name;
  summary.value = value.name;
  summary.unit = value.unit;
  summary.estimate = EstimateMean(scores, of_unit, LargestOf(value.unit));
  return summary;
}

/// The questions of a group that a column has a score for.
std::vector<size_t> DefinedFor(const ScoreColumn& column, const Group& group) {
  std::vector<size_t> questions;
  std::copy_if(group.examples.begin(), group.examples.end(), std::back_inserter(questions),
               [&](size_t i) { return !std::isnan(column.scores[i]); });
  return questions;
}

/// Baselines for each set of questions that some value is made for; a set is scored once, by all
/// scorers with such a value.
class BaselineMeans {
 public:
  /// made_for  see FindMadeFor
  BaselineMeans(const std::vector<ScoreColumn>& made_for, const Group& group,
                const OwnBaselines& baselines, ThreadPool& pool) {
    std::map<std::vector<size_t>, std::vector<const Scorer*>> scorers_of;
    for (const ScoreColumn& column : made_for) {
      if (Refuses(column, group.examples)) continue;
      std::vector<size_t> questions = DefinedFor(column, group);
      if (questions.empty()) continue;
      std::vector<const Scorer*>& scorers = scorers_of[std::move(questions)];
      if (scorers.empty() || scorers.back() != column.scorer) scorers.push_back(column.scorer);
    }
    for (const auto& [questions, scorers] : scorers_of) {
      columns_[questions] = baselines.Score(group, questions, scorers, pool);
    }
  }

  /// Of each baseline the mean of a column's value.
  ///
  /// questions  those of the group that it is made for
  std::vector<std::optional<double>> Of(const ScoreColumn& column,
                                        const std::vector<size_t>& questions) const {
    std::vector<size_t> places(questions.size());
    std::iota(places.begin(), places.end(), size_t{0});
    std::vector<std::optional<double>> means;
    for (const std::vector<ScoreColumn>& columns : columns_.at(questions)) {
      const auto same = std::find_if(columns.begin(), columns.end(), [&](const ScoreColumn& each) {
        return each.scorer == column.scorer && each.value == column.value;
      });
      means.push_back(Refuses(*same, places) ? std::nullopt : MeanOfDefined(same->scores));
    }
    return means;
  }

 private:
  std::map<std::vector<size_t>, std::vector<std::vector<ScoreColumn>>> columns_;
};

/// own       all columns of all examples
/// made_for  see FindMadeFor
std::vector<ScoreSummary> SummariseScores(const std::vector<ScoreColumn>& own,
                                          const std::vector<ScoreColumn>& made_for,
                                          const Group& group, const OwnBaselines& baselines,
                                          const SamplingUnits& units, ThreadPool& pool) {
  const BaselineMeans means(made_for, group, baselines, pool);
  std::vector<ScoreSummary> summaries;
  for (size_t c = 0; c < own.size(); ++c) {
    const ScoreColumn& column = own[c];
    if (Refuses(column, group.examples)) {
      ScoreSummary& summary = summaries.emplace_back();
      summary.scorer = column.scorer->name;
      summary.value = column.scorer->values[column.value].name;
      summary.refusal = column.refusal;
      continue;
    }
    const std::vector<size_t> questions = DefinedFor(column, group);
    if (questions.empty()) continue;
    ScoreSummary& summary = summaries.emplace_back(Summarise(column, questions, units));
    summary.baselines = means.Of(column, DefinedFor(made_for[c], group));
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

/// Columns with a score for each question that a value is made for. Some values have none for some
/// answers, so the reference is scored as an answer too.
std::vector<ScoreColumn> FindMadeFor(const std::vector<ScoreColumn>& own,
                                     std::span<const Example> examples,
                                     std::span<const Scorer* const> scorers, ThreadPool& pool) {
  std::vector<AnswerPair> pairs = PairsOf(examples);
  for (AnswerPair& pair : pairs) pair.prediction = pair.reference;
  const std::vector<ScoreColumn> ideal = ScoreAll(pairs, scorers, pool);
  std::vector<ScoreColumn> made_for = own;
  for (size_t c = 0; c < own.size(); ++c) {
    for (size_t i = 0; i < examples.size(); ++i) {
      if (std::isnan(own[c].scores[i])) made_for[c].scores[i] = ideal[c].scores[i];
    }
  }
  return made_for;
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
  evaluation.calibration =
      MeasureCalibration(examples, options.bootstrap.seed, options.bootstrap.resamples);
  evaluation.reports = SummariseReports(examples, options.vocabulary);
  evaluation.report_intervals =
      MeasureReportIntervals(examples, evaluation.units, options.vocabulary, pool);
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
  const std::vector<ScoreColumn> made_for = FindMadeFor(own, examples, scorers, pool);
  const OwnBaselines baselines(examples, options.training);

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
    summary.scores = SummariseScores(own, made_for, group, baselines, evaluation.units, pool);
    summary.yes_no = CountYesNo(of_group);
    summary.yes_no_intervals = MeasureYesNoIntervals(of_group, units);
  }
  return evaluation;
}

}  // namespace roentgen
