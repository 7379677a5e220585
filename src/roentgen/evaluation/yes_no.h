#pragma once

#include <cstddef>
#include <optional>

namespace roentgen {

/// The shares of a YesNoTable as they are told: kUndefined (scorer.h) where there is nothing to
/// divide by, which is no value, not a bad one.
struct YesNoShares {
  double accuracy = 0;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  double yes_ratio = 0;
  double false_positive_rate = 0;
  double unanswered_share = 0;
};

/// Yes/no answers against the truth; yes is the positive class. An answer that says neither counts
/// as wrong: it is in `unanswered`, in no other cell, and in every denominator that counts
/// questions, so that a model which says nothing cannot look better than one that is wrong.
struct YesNoTable {
  size_t true_positives = 0;
  size_t true_negatives = 0;
  size_t false_positives = 0;
  size_t false_negatives = 0;
  size_t unanswered = 0;
  size_t unanswered_yes = 0;  ///< of them, those whose truth is yes

  void Add(bool truth, std::optional<bool> answer);

  size_t total() const;
  YesNoShares shares() const;
  // POPE's own (Li et al. 2023): each is 0 where its denominator is.
  double accuracy() const;
  /// Of those that were answered yes, how many are. Who says neither says no yes; `unanswered` and
  /// recall show it.
  double precision() const;
  double recall() const;  ///< of all whose truth is yes, how many were answered so
  double f1() const;
  double yes_ratio() const;         ///< of all, how many were answered yes
  double unanswered_share() const;  ///< of all
  /// Of those whose truth is no and that were answered by yes or no, how many were answered yes:
  /// an error of what is said, which stands beside the share that says neither. kUndefined
  /// (scorer.h) where there are such questions and none was answered.
  double false_positive_rate() const;
};

}  // namespace roentgen
