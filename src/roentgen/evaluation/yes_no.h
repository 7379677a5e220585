#pragma once

#include <cstddef>
#include <optional>

namespace roentgen {

/// Yes/no answers against the truth; yes is the positive class. An answer that says neither counts
/// as wrong: it is in `unanswered` and in no other cell.
struct YesNoTable {
  size_t true_positives = 0;
  size_t true_negatives = 0;
  size_t false_positives = 0;
  size_t false_negatives = 0;
  size_t unanswered = 0;

  void Add(bool truth, std::optional<bool> answer);

  size_t total() const;
  // Each is 0 where its denominator is, as in POPE (Li et al. 2023).
  double accuracy() const;
  double precision() const;
  double recall() const;
  double f1() const;
  double yes_ratio() const;            ///< of all, how many were answered yes
  double false_positive_rate() const;  ///< of those whose truth is no, how many were answered yes
};

}  // namespace roentgen
