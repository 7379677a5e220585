#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "roentgen/base/thread_pool.h"

namespace roentgen {

struct BootstrapOptions {
  size_t resamples = 10'000;
  uint64_t seed = 42;
  double level = 0.95;  ///< of the interval, between 0 and 1
};

/// A mean, or another statistic, and how far it can be trusted.
struct MeanInterval {
  double mean = 0;
  double lower = 0;
  double upper = 0;
  double standard_error = 0;  ///< of the resamples' means, with n − 1
};

/// Percentile bootstrap interval of anything that can be said of a set of units drawn together
/// (sampling_units.h), with replacement (Efron 1979; for clusters Davison & Hinkley 1997, 3.8).
///
/// units      how many there are
/// statistic  of the units with these numbers, some of them several times; called by several
/// threads The resamples are those of numpy's default_rng(seed).integers(0, units, (resamples,
/// units)), the bounds numpy's percentile (linear), so published intervals are reproduced.
/// Bit-identical for any size of the pool. Throws ShapeError for no unit, Error when the options
/// make no sense.
MeanInterval BootstrapUnits(size_t units,
                            const std::function<double(std::span<const uint32_t>)>& statistic,
                            const BootstrapOptions& options, ThreadPool& pool);

/// The same of the means of columns of one length, each question being its own unit, as intervals
/// are mostly published. All columns share the resamples. Throws ShapeError when lengths differ or
/// a column is empty.
std::vector<MeanInterval> Bootstrap(std::span<const std::vector<double>> columns,
                                    const BootstrapOptions& options, ThreadPool& pool);

/// How much better the second of two systems is on the same examples.
struct PairedDifference {
  MeanInterval difference;  ///< second − first
  double p_two_sided = 1;  ///< 2 · min(P(mean ≤ 0), P(mean ≥ 0)) among the resamples, at most 1
};

/// Paired bootstrap over questions (Efron & Tibshirani 1993, chapter 16), as it is published for
/// VQA-RAD; runs are compared by TestPaired (paired_test.h). Throws as Bootstrap does.
PairedDifference ComparePaired(std::span<const double> first, std::span<const double> second,
                               const BootstrapOptions& options, ThreadPool& pool);

}  // namespace roentgen
