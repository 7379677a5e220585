#pragma once

#include <cstddef>

namespace roentgen {

/// lr_scheduler_type, as in Transformers' optimization.py.
enum class ScheduleKind { kLinear, kCosine, kConstant, kConstantWithWarmup };

/// The learning rate over the steps of a run.
class Schedule {
 public:
  /// warmup_steps  from 1: so many steps; below 1: a share of all, rounded up
  Schedule(ScheduleKind kind, double learning_rate, size_t total_steps, double warmup_steps);

  /// The rate that a step uses; steps count from 0, so with warm-up the first one's is 0.
  double At(size_t step) const;
  size_t warmup_steps() const { return warmup_steps_; }

 private:
  ScheduleKind kind_;
  double learning_rate_;
  size_t total_steps_;
  size_t warmup_steps_;
};

}  // namespace roentgen
