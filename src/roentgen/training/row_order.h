#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "roentgen/training/training_set.h"

namespace roentgen {

/// Which rows train and which evaluate, each in this order.
struct ValidationSplit {
  std::vector<size_t> train;
  std::vector<size_t> validation;
};

/// LLaMA-Factory's val_size, which is train_test_split of Hugging Face's datasets: of numpy's
/// permutation of the rows the first ones evaluate, the rest train.
///
/// val_size  a share of the rows (rounded up) below 1, else how many
/// Throws Error when no row is left for training.
ValidationSplit SplitValidation(size_t rows, double val_size, uint64_t seed);

struct OrderOptions {
  bool shuffle = true;
  /// Rows about the same images stand together, and images are shuffled instead of rows.
  bool group_by_image = false;
  uint64_t seed = 42;
};

/// The order in which an epoch goes through its rows. It depends on nothing but the rows, the
/// options and the epoch's number, so that a run can go on anywhere.
class RowOrder {
 public:
  RowOrder(std::span<const TrainingRow> rows, const OrderOptions& options);

  size_t rows() const { return rows_; }
  /// The rows' numbers in the order of an epoch, the first being 0. Shuffled by SplitMix64 (Fisher
  /// & Yates): the order is ours, not torch's.
  std::vector<size_t> OfEpoch(size_t epoch) const;

 private:
  OrderOptions options_;
  size_t rows_;
  std::vector<std::vector<size_t>> groups_;  // rows that stay together, in order of appearance
};

}  // namespace roentgen
