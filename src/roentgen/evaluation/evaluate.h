#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/baseline.h"
#include "roentgen/evaluation/bootstrap.h"
#include "roentgen/evaluation/calibration.h"
#include "roentgen/evaluation/consistency.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/hallucination.h"
#include "roentgen/evaluation/proportion.h"
#include "roentgen/evaluation/report_intervals.h"
#include "roentgen/evaluation/report_quality.h"
#include "roentgen/evaluation/sampling_units.h"
#include "roentgen/evaluation/scorer.h"
#include "roentgen/evaluation/unit_interval.h"
#include "roentgen/evaluation/vocabulary.h"
#include "roentgen/evaluation/yes_no.h"
#include "roentgen/evaluation/yes_no_intervals.h"

namespace roentgen {

/// One value of one scorer for every example.
struct ScoreColumn {
  const Scorer* scorer = nullptr;
  size_t value = 0;            ///< in scorer->values
  std::vector<double> scores;  ///< kUndefined where the value is not made for the question
  std::string refusal;         ///< why some examples cannot be scored; empty when all can
  std::vector<bool> refused;   ///< which; empty when all can
};

/// All values of the scorers, in their order.
std::vector<ScoreColumn> ScoreAll(std::span<const AnswerPair> pairs,
                                  std::span<const Scorer* const> scorers, ThreadPool& pool);

struct ScoreSummary {
  std::string scorer;
  std::string value;
  ScoreUnit unit = ScoreUnit::kShare;
  UnitMean estimate;  ///< of the examples that it is defined for
  /// Means over the same questions, which they are made for, in the order of Evaluation::baselines.
  std::vector<std::optional<double>> baselines;
  std::string refusal;  ///< of one of the examples; then nothing else is there
};

/// The scores of some of the examples.
struct GroupSummary {
  std::string field;  ///< "kind", or a field of Example::fields
  std::string value;  ///< "all", "closed", "open"; or the field's
  size_t examples = 0;
  size_t units = 0;  ///< that these are of; see SamplingUnits
  std::vector<ScoreSummary> scores;
  YesNoTable yes_no;  ///< of those whose reference is yes or no, by SideTaken
  YesNoIntervals yes_no_intervals;
};

/// 95 % intervals by unit of the shares beside them; none for fewer than two units.
struct ProbeIntervals {
  std::optional<Bounds> premises_declined;
  std::optional<Bounds> twins_right;
  std::optional<Bounds> paraphrases_equal;
};

struct Evaluation {
  size_t examples = 0;
  SamplingUnits units;
  size_t empty_answers = 0;
  std::vector<std::string> baselines;
  std::vector<GroupSummary> groups;  ///< all, closed and open first
  YesNoTable presence;               ///< see CountPresence
  YesNoIntervals presence_intervals;
  FalsePremises false_premises;
  TwinScore twins;
  Agreement paraphrases;
  ProbeIntervals probe_intervals;
  Calibration calibration;
  ReportSummary reports;  ///< of the questions that ask for one
  ReportIntervals report_intervals;
  BootstrapOptions bootstrap;
};

struct EvaluateOptions {
  std::vector<const Scorer*> scorers;             ///< all when empty
  std::vector<std::string> breakdown;             ///< fields of Example::fields
  std::vector<Sample> training;                   ///< for the baselines
  Vocabulary vocabulary = Vocabulary::BuiltIn();  ///< for the term density of reports
  /// Of the perfectly calibrated models that the calibration is compared with.
  BootstrapOptions bootstrap = {.resamples = Calibration::kUsualDrawings};
};

/// Scores examples and their baselines, whole and in groups. The baselines beside a score are made
/// for the questions that it is of: beside one of open questions stands the most frequent open
/// answer, in every group. Throws Error when there is no example, or none has a field of the
/// breakdown.
Evaluation Evaluate(std::span<const Example> examples, const EvaluateOptions& options,
                    ThreadPool& pool, const Progress& progress = {});

}  // namespace roentgen
