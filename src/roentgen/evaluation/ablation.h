#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/paired_test.h"
#include "roentgen/evaluation/sampling_units.h"

namespace roentgen {

/// What tuning may change.
enum class Aspect { kRecognition, kLanguage, kTerminology, kHallucination };
inline constexpr int kAspects = 4;

/// "Visual recognition", "Report language", …
std::string_view TitleOf(Aspect aspect);

/// One way to see whether an aspect got better: a number for each example.
struct AblationMeasure {
  Aspect aspect;
  std::string_view name;
  std::string_view counts;  ///< what is counted, in a sentence for people
  bool higher_is_better = true;
  /// For each example a share from 0 to 1; kUndefined where the measure is not made for it.
  std::vector<double> (*of)(std::span<const Example> examples);
};

/// All of them, in the order of the aspects.
std::span<const AblationMeasure> AblationMeasures();

/// The measure that a comparison is about when nothing else is asked for: all questions whose
/// answer is right or wrong count in it, closed and open alike, each once.
inline constexpr std::string_view kUsualPrimary = "answers right";

struct CompareOptions {
  PairedTestOptions test;
  /// The one measure whose p is taken as it is; the name of one of AblationMeasures.
  std::string primary = std::string(kUsualPrimary);
};

/// What a difference comes to.
enum class Change {
  kTooFew,  ///< fewer units than kFewestTestUnits: not tested
  kNone,    ///< chance may explain it
  kBetter,
  kWorse,
};

/// A measure of two runs over the same examples.
struct AblationRow {
  const AblationMeasure* measure = nullptr;
  double before = 0;
  double after = 0;
  PairedTest test;  ///< after − before, over the examples that it is made for
  /// Holm's, over all measures but the primary; test.p for the primary. None where it is not
  /// tested.
  std::optional<double> p;
  bool primary = false;

  /// By p at 0.05.
  Change change() const;
};

struct Ablation {
  std::vector<AblationRow> rows;  ///< the primary measure's first, where it is made for any example
  std::string primary;
  size_t tested_together = 0;  ///< other measures, among which p is Holm's
  SamplingUnits units;         ///< of all examples, by what either run knows of them
};

/// Throws Error, naming those that there are, when no measure has this name.
void RequireMeasure(const std::string& name);

/// A measure is made for the examples that it is made for in both runs, and for twins of which both
/// name the same questions; one made for none of them is left out. Throws Error as
/// RequireSameQuestions does, and for a primary measure that is none.
Ablation CompareRuns(std::span<const Example> before, std::span<const Example> after,
                     const CompareOptions& options, ThreadPool& pool);

/// A sentence for each measure that leaves examples out because only one of the runs has the
/// metadata for it, and for twins that they group otherwise.
std::vector<std::string> OneSidedMeasures(std::span<const Example> before,
                                          std::span<const Example> after);

/// How an example came out.
enum class Outcome { kStillRight, kMended, kBroken, kStillWrong };
std::string_view NameOf(Outcome outcome);

/// Whether an answer is right, as recognition counts it: by IsRight (right_answer.h).
bool IsRecognised(const Example& example);
Outcome OutcomeOf(const Example& before, const Example& after);

}  // namespace roentgen
