#pragma once

#include <cstddef>
#include <limits>

#include "roentgen/training/arguments.h"

namespace roentgen {

/// What follows a step.
struct Due {
  bool log = false;
  bool evaluate = false;
  bool save = false;
};

/// What is due when `step` steps are done (from 1): every so many steps or after each epoch, as the
/// arguments say; but for the log, what happens at all happens after the last step, too. As Hugging
/// Face's Trainer.
Due DueAfter(size_t step, const TrainingArguments& arguments, const StepPlan& plan);

/// Which evaluation was the best, and when there have been too many without a better one
/// (early_stopping_steps). Its state is the list of losses: a resumed run adds the earlier ones.
class BestEvaluation {
 public:
  /// patience: evaluations; 0: without end.
  explicit BestEvaluation(size_t patience) : patience_(patience) {}

  /// Whether this loss is smaller than all before it.
  bool Add(double loss);
  bool ShouldStop() const { return patience_ > 0 && since_best_ >= patience_; }

 private:
  size_t patience_;
  size_t since_best_ = 0;
  double best_ = std::numeric_limits<double>::infinity();
};

}  // namespace roentgen
