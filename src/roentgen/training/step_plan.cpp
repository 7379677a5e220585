#include "roentgen/training/step_plan.h"

#include <algorithm>
#include <cmath>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

size_t DivideUp(size_t a, size_t b) {
  return (a + b - 1) / b;
}

}  // namespace

StepPlan::StepPlan(RowOrder order, const StepOptions& options)
    : order_(std::move(order)), options_(options) {
  if (order_.rows() == 0) throw Error("there are no rows to train on");
  if (options.per_device_train_batch_size == 0 || options.gradient_accumulation_steps == 0) {
    throw Error("a step of no rows");
  }
  micro_batches_per_epoch_ = DivideUp(order_.rows(), options.per_device_train_batch_size);
  steps_per_epoch_ = DivideUp(micro_batches_per_epoch_, options.gradient_accumulation_steps);
  if (options.max_steps > 0) {
    total_steps_ = options.max_steps;
    rows_seen_ = static_cast<double>(options.max_steps * options.per_device_train_batch_size *
                                     options.gradient_accumulation_steps);
  } else {
    total_steps_ = static_cast<size_t>(
        std::ceil(options.num_train_epochs * static_cast<double>(steps_per_epoch_)));
    rows_seen_ = static_cast<double>(order_.rows()) * options.num_train_epochs;
  }
}

size_t StepPlan::epochs() const {
  return DivideUp(total_steps_, steps_per_epoch_);
}

StepPlan::Step StepPlan::At(size_t step) const {
  Step result;
  result.epoch = step / steps_per_epoch_;
  if (!last_epoch_ || last_epoch_->first != result.epoch) {
    last_epoch_.emplace(result.epoch, order_.OfEpoch(result.epoch));
  }
  const std::vector<size_t>& order = last_epoch_->second;
  const size_t first = step % steps_per_epoch_ * options_.gradient_accumulation_steps;
  const size_t last =
      std::min(first + options_.gradient_accumulation_steps, micro_batches_per_epoch_);
  for (size_t i = first; i < last; ++i) {
    const size_t begin = i * options_.per_device_train_batch_size;
    const size_t end = std::min(begin + options_.per_device_train_batch_size, order.size());
    result.micro_batches.emplace_back(order.begin() + static_cast<ptrdiff_t>(begin),
                                      order.begin() + static_cast<ptrdiff_t>(end));
  }
  result.epochs_done = static_cast<double>(result.epoch) +
                       static_cast<double>(last) / static_cast<double>(micro_batches_per_epoch_);
  return result;
}

}  // namespace roentgen
