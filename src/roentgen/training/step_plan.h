#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "roentgen/training/row_order.h"

namespace roentgen {

/// Keys of LLaMA-Factory's YAML.
struct StepOptions {
  size_t per_device_train_batch_size = 8;
  size_t gradient_accumulation_steps = 1;
  double num_train_epochs = 3;
  size_t max_steps = 0;  ///< 0: as many as the epochs have
};

/// Which rows each optimiser step works on, as Hugging Face's Trainer goes through them: the last
/// micro-batch of an epoch may be short, and so may be the last group of micro-batches, which steps
/// all the same.
class StepPlan {
 public:
  /// Throws Error when there are no rows or an option is 0.
  StepPlan(RowOrder order, const StepOptions& options);

  size_t total_steps() const { return total_steps_; }
  size_t steps_per_epoch() const { return steps_per_epoch_; }
  size_t epochs() const;  ///< begun ones
  /// What train_samples_per_second counts: rows times epochs, or max_steps times a full step's.
  double rows_seen() const { return rows_seen_; }

  struct Step {
    size_t epoch = 0;
    std::vector<std::vector<size_t>> micro_batches;  ///< numbers of rows
    double epochs_done = 0;                          ///< after this step, as the log counts
  };
  /// step counts from 0. Depends on nothing that was asked before.
  Step At(size_t step) const;

 private:
  RowOrder order_;
  StepOptions options_;
  size_t micro_batches_per_epoch_;
  size_t steps_per_epoch_;
  size_t total_steps_;
  double rows_seen_;
  mutable std::optional<std::pair<size_t, std::vector<size_t>>> last_epoch_;  // and its order
};

}  // namespace roentgen
