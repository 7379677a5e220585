#include "roentgen/evaluation/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
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

/// The defined scores of a column for some of the examples.
std::vector<double> DefinedScores(const ScoreColumn& column, std::span<const size_t> examples) {
  std::vector<double> scores;
  for (const size_t i : examples) {
    if (!std::isnan(column.scores[i])) scores.push_back(column.scores[i]);
  }
  return scores;
}

bool Refuses(const ScoreColumn& column, std::span<const size_t> examples) {
  return !column.refused.empty() &&
         std::any_of(examples.begin(), examples.end(), [&](size_t i) { return column.refused[i]; });
}

std::optional<Bounds> WilsonWhereItApplies(const std::vector<double>& scores) {
  size_t hits = 0;
  for (const double score : scores) {
    if (score != 0 && score != 1) return std::nullopt;
    hits += score == 1 ? 1 : 0;
  }
  return WilsonInterval(hits, scores.size());
}

std::optional<double> Mean(const std::vector<double>& scores) {
  if (scores.empty()) return std::nullopt;
  double sum = 0;
  for (const double score : scores) sum += score;
  return sum / static_cast<double>(scores.size());
}

/// Bootstrap intervals of columns of different lengths; those of one length share their draws.
std::vector<MeanInterval> Intervals(const std::vector<std::vector<double>>& columns,
                                    const BootstrapOptions& options, ThreadPool& pool) {
  std::map<size_t, std::vector<size_t>> by_length;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!columns[c].empty()) by_length[columns[c].size()].push_back(c);
  }
  std::vector<MeanInterval> intervals(columns.size());
  for (const auto& [length, members] : by_length) {
    std::vector<std::vector<double>> same_length;
    for (const size_t c : members) same_length.push_back(columns[c]);
    const std::vector<MeanInterval> found = Bootstrap(same_length, options, pool);
    for (size_t i = 0; i < members.size(); ++i) intervals[members[i]] = found[i];
  }
  return intervals;
}

YesNoTable CountYesNo(std::span<const Example> examples, std::span<const size_t> members) {
  YesNoTable table;
  for (const size_t i : members) {
    const std::optional<bool> truth = YesOrNo(examples[i].reference);
    if (truth) table.Add(*truth, SideTaken(examples[i].prediction));
  }
  return table;
}

/// Everything scored once; groups are views of it.
class Scores {
 public:
  Scores(std::span<const Example> examples, const std::vector<Baseline>& baselines,
         std::span<const Scorer* const> scorers, ThreadPool& pool) {
    std::vector<AnswerPair> pairs;
    for (const Example& example : examples) pairs.push_back(example.pair());
    own_ = ScoreAll(pairs, scorers, pool);
    for (const Baseline& baseline : baselines) {
      for (size_t i = 0; i < pairs.size(); ++i) pairs[i].prediction = baseline.answers[i];
      baselines_.push_back(ScoreAll(pairs, scorers, pool));
    }
  }

  std::vector<ScoreSummary> Summarise(std::span<const size_t> members,
                                      const BootstrapOptions& options, ThreadPool& pool) const {
    std::vector<std::vector<double>> defined;
    for (const ScoreColumn& column : own_) defined.push_back(DefinedScores(column, members));
    const std::vector<MeanInterval> intervals = Intervals(defined, options, pool);
    std::vector<ScoreSummary> summaries;
    for (size_t c = 0; c < own_.size(); ++c) {
      const bool refused = Refuses(own_[c], members);
      if (defined[c].empty() && !refused) continue;
      const ScoreValue& value = own_[c].scorer->values[own_[c].value];
      ScoreSummary& summary = summaries.emplace_back();
      summary.scorer = own_[c].scorer->name;
      summary.value = value.name;
      summary.unit = value.unit;
      if (refused) {
        summary.refusal = own_[c].refusal;
        continue;
      }
      summary.count = defined[c].size();
      summary.interval = intervals[c];
      summary.wilson = WilsonWhereItApplies(defined[c]);
      for (const auto& baseline : baselines_) {
        summary.baselines.push_back(Refuses(baseline[c], members)
                                        ? std::nullopt
                                        : Mean(DefinedScores(baseline[c], members)));
      }
    }
    return summaries;
  }

 private:
  std::vector<ScoreColumn> own_;
  std::vector<std::vector<ScoreColumn>> baselines_;
};

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
  const std::vector<Baseline> baselines = MakeBaselines(examples, options.training);
  const std::span<const Scorer* const> scorers =
      options.scorers.empty() ? AllScorers() : std::span<const Scorer* const>(options.scorers);
  Report(progress, "Scoring", 0, groups.size() + 1);
  const Scores scores(examples, baselines, scorers, pool);

  Evaluation evaluation;
  evaluation.examples = examples.size();
  evaluation.empty_answers = static_cast<size_t>(
      std::count_if(examples.begin(), examples.end(),
                    [](const Example& example) { return Strip(example.prediction).empty(); }));
  for (const Baseline& baseline : baselines) evaluation.baselines.push_back(baseline.name);
  evaluation.bootstrap = options.bootstrap;
  evaluation.presence = CountPresence(examples);
  evaluation.false_premises = CountFalsePremises(examples);
  evaluation.twins = ScoreTwins(examples);
  evaluation.paraphrases = MeasureAgreement(examples);
  evaluation.calibration = MeasureCalibration(examples);
  evaluation.reports = SummariseReports(examples, options.vocabulary);
  for (const Group& group : groups) {
    Report(progress, "Resampling", evaluation.groups.size(), groups.size());
    GroupSummary& summary = evaluation.groups.emplace_back();
    summary.field = group.field;
    summary.value = group.value;
    summary.examples = group.examples.size();
    summary.scores = scores.Summarise(group.examples, options.bootstrap, pool);
    summary.yes_no = CountYesNo(examples, group.examples);
  }
  return evaluation;
}

}  // namespace roentgen
