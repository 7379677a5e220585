#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/proportion.h"

namespace roentgen {

/// How far a model's probabilities of yes against no can be believed: of the answers given with a
/// confidence of 80 %, 80 % should be right. Confidence is that of the side which the answer takes
/// (SideTaken), below 0.5 where an answer takes the less likely one, which no greedy answer does;
/// an answer that takes none has that of the likelier one, and is wrong.
struct Calibration {
  struct Bin {
    size_t count = 0;
    double confidence = 0;  ///< mean
    double accuracy = 0;
    /// Where 95 % of the accuracies of a perfectly calibrated model lie: the consistency bars of
    /// Bröcker & Smith 2007, with the confidences as they are.
    Bounds consistent;
  };
  size_t questions = 0;   ///< whose reference is yes or no
  size_t count = 0;       ///< of these, with a probability; what follows is of them
  size_t unreadable = 0;  ///< of these, answered with neither yes nor no: wrong
  /// Σ count/n · |accuracy − confidence| (Guo et al. 2017). It is above 0 for a perfectly
  /// calibrated model too, the more the fewer the questions.
  double expected_calibration_error = 0;
  /// What a perfectly calibrated model with the same confidences would have: the mean, and the
  /// value that it exceeds in 5 % of cases.
  double if_perfect = 0;
  double if_perfect_at_most = 0;
  static constexpr size_t kUsualDrawings = 2000;
  static constexpr size_t kBins = 20;
  std::array<Bin, kBins> bins;  ///< of equal width, from 0 to 1

  /// Where a bin begins; bin kBins would begin at 1.
  static double BeginOf(size_t bin) { return static_cast<double>(bin) / kBins; }

  /// Whether chance explains the error.
  bool may_be_perfect() const { return expected_calibration_error <= if_perfect_at_most; }
};

/// seed, drawings  of a perfectly calibrated model's right and wrong answers
Calibration MeasureCalibration(std::span<const Example> examples, uint64_t seed = 42,
                               size_t drawings = Calibration::kUsualDrawings);

}  // namespace roentgen
