#include "roentgen/training/step_calendar.h"

#include <algorithm>

namespace roentgen {
namespace {

/// Every so many steps, or after each epoch.
bool Recurs(size_t step, Interval interval, double every, const StepPlan& plan) {
  if (interval == Interval::kNo) return false;
  const size_t period =
      interval == Interval::kEpoch ? plan.steps_per_epoch() : StepsOf(every, plan.total_steps());
  return step % std::max<size_t>(1, period) == 0;
}

bool IsDue(size_t step, Interval interval, double every, const StepPlan& plan) {
  if (interval != Interval::kNo && step == plan.total_steps()) return true;
  return Recurs(step, interval, every, plan);
}

}  // namespace

Due DueAfter(size_t step, const TrainingArguments& arguments, const StepPlan& plan) {
  const double eval_steps =
      arguments.eval_steps > 0 ? arguments.eval_steps : arguments.logging_steps;
  return {(step == 1 && arguments.logging_first_step) ||
              Recurs(step, arguments.logging_strategy, arguments.logging_steps, plan),
          IsDue(step, arguments.eval_strategy, eval_steps, plan),
          IsDue(step, arguments.save_strategy, arguments.save_steps, plan)};
}

bool BestEvaluation::Add(double loss) {
  const bool better = loss < best_;
  if (better) best_ = loss;
  since_best_ = better ? 0 : since_best_ + 1;
  return better;
}

}  // namespace roentgen
