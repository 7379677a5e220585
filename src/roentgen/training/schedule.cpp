#include "roentgen/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace roentgen {

Schedule::Schedule(ScheduleKind kind, double learning_rate, size_t total_steps, double warmup_steps)
    : kind_(kind),
      learning_rate_(learning_rate),
      total_steps_(total_steps),
      warmup_steps_(static_cast<size_t>(std::ceil(
          warmup_steps < 1 ? warmup_steps * static_cast<double>(total_steps) : warmup_steps))) {}

double Schedule::At(size_t step) const {
  if (kind_ == ScheduleKind::kConstant) return learning_rate_;
  const auto behind_warmup = static_cast<double>(step) - static_cast<double>(warmup_steps_);
  if (behind_warmup < 0) {
    return learning_rate_ * (static_cast<double>(step) / static_cast<double>(warmup_steps_));
  }
  if (kind_ == ScheduleKind::kConstantWithWarmup) return learning_rate_;
  const double rest =
      std::max(1.0, static_cast<double>(total_steps_) - static_cast<double>(warmup_steps_));
  const double done = behind_warmup / rest;
  const double factor =
      kind_ == ScheduleKind::kLinear ? 1 - done : 0.5 * (1 + std::cos(std::numbers::pi * done));
  return learning_rate_ * std::max(0.0, factor);
}

}  // namespace roentgen
