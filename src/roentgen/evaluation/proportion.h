#pragma once

#include <cstddef>

namespace roentgen {

struct Bounds {
  double lower = 0;
  double upper = 1;
};

/// The interval of a share found in n questions (Wilson 1927), which stays within [0, 1] and means
/// something near its ends too. n need not be whole; quantile is 1.96 for 95 %, or Student's.
Bounds WilsonBounds(double share, double n, double quantile);

/// The 95 % interval of a share of `hits` in `total` independent questions. [0, 1] when total is
/// 0.
Bounds WilsonInterval(size_t hits, size_t total);

/// The two-sided exact McNemar test (1947): the chance that two equally good systems differ at
/// least so unevenly, of the pairs on which one is right and the other wrong.
///
/// only_first, only_second  how many pairs only the first or only the second is right on
/// Returns p, 1 when the systems never differ. Relative error below 1e-9, also for p near 1e-300.
double McNemarExact(size_t only_first, size_t only_second);

}  // namespace roentgen
