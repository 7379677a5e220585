#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/bootstrap.h"
#include "roentgen/evaluation/example.h"

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

/// A measure of two runs over the same examples.
struct AblationRow {
  const AblationMeasure* measure = nullptr;
  size_t count = 0;  ///< examples that it is made for
  double before = 0;
  double after = 0;
  MeanInterval difference;  ///< after − before, paired bootstrap
  /// McNemar's exact p where every value is 0 or 1, else the paired bootstrap's.
  double p = 1;
  bool exact = false;
};

/// A measure is made for the examples that it is made for in both runs; one made for none of them
/// is left out. Throws Error as RequireSameQuestions does.
std::vector<AblationRow> CompareRuns(std::span<const Example> before,
                                     std::span<const Example> after,
                                     const BootstrapOptions& options, ThreadPool& pool);

/// A sentence for each measure that leaves examples out because only one of the runs has the
/// metadata for it.
std::vector<std::string> OneSidedMeasures(std::span<const Example> before,
                                          std::span<const Example> after);

/// How an example came out.
enum class Outcome { kStillRight, kMended, kBroken, kStillWrong };
std::string_view NameOf(Outcome outcome);

/// Whether an answer is right, as recognition counts it: yes or no where the reference is one of
/// them (SideTaken), else whether it Says what the reference does.
bool IsRecognised(const Example& example);
Outcome OutcomeOf(const Example& before, const Example& after);

}  // namespace roentgen
