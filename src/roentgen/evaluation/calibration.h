#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "roentgen/evaluation/example.h"

namespace roentgen {

/// How far a model's probabilities of yes against no can be believed: of the answers given with a
/// confidence of 80 %, 80 % should be right. Confidence is that of the likelier answer, so it lies
/// between 50 and 100 %.
struct Calibration {
  struct Bin {
    size_t count = 0;
    double confidence = 0;  ///< mean
    double accuracy = 0;
  };
  size_t count = 0;                       ///< yes/no questions with a probability
  double expected_calibration_error = 0;  ///< Σ count/n · |accuracy − confidence| (Guo et al. 2017)
  std::array<Bin, 10> bins;               ///< of equal width, from 0.5 to 1
};
Calibration MeasureCalibration(std::span<const Example> examples);

}  // namespace roentgen
