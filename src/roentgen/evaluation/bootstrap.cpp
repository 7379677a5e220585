#include "roentgen/evaluation/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "roentgen/base/error.h"
#include "roentgen/base/numpy_random.h"

namespace roentgen {
namespace {

/// The draws below n that default_rng(seed).integers(0, n, …) makes, entered anywhere.
///
/// Each takes 32 random bits, but for the few that Lemire's method rejects: draw k lies k places
/// after the start, and as many more as there were rejections before it. Those are looked for once,
/// in parallel; then every resample can start where numpy's would.
class Draws {
 public:
  Draws(uint64_t seed, size_t n, size_t count, ThreadPool& pool)
      : start_(seed), n_(n), unfair_((uint64_t{1} << 32) % n) {
    if (n_ == 1) return;
    // Rejected places shift the end, where more may be rejected.
    for (size_t searched = 0; searched < count + rejected_.size();) {
      const size_t end = count + rejected_.size();
      FindRejected(searched, end, pool);
      searched = end;
    }
  }

  /// Draws first to first + to.size().
  void Fill(size_t first, std::span<uint32_t> to) const {
    if (n_ == 1) {
      std::fill(to.begin(), to.end(), 0);
      return;
    }
    // The place of a draw is the smallest one with that many accepted places before it.
    size_t before = 0;
    while (before < rejected_.size() && rejected_[before] <= first + before) ++before;
    NumpyGenerator generator = At(first + before);
    for (uint32_t& draw : to) draw = static_cast<uint32_t>(generator.Integer(n_));
  }

 private:
  /// The generator before its 32 bits at the place.
  NumpyGenerator At(size_t place) const {
    NumpyGenerator generator = start_;
    generator.Advance(place / 2);
    if (place % 2 != 0) generator.Next32();
    return generator;
  }

  void FindRejected(size_t begin, size_t end, ThreadPool& pool) {
    if (unfair_ == 0) return;
    constexpr size_t kBlock = size_t{1} << 18;
    std::vector<std::vector<size_t>> found((end - begin + kBlock - 1) / kBlock);
    pool.ForEach(found.size(), [&](size_t block, int /*worker*/) {
      const size_t first = begin + block * kBlock;
      NumpyGenerator generator = At(first);
      for (size_t place = first; place < std::min(first + kBlock, end); ++place) {
        const auto lower_half = static_cast<uint32_t>(generator.Next32() * n_);
        if (lower_half < unfair_) found[block].push_back(place);
      }
    });
    for (const auto& places : found) {
      rejected_.insert(rejected_.end(), places.begin(), places.end());
    }
  }

  NumpyGenerator start_;
  uint64_t n_;
  uint64_t unfair_;  // see NumpyGenerator::Integer
  std::vector<size_t> rejected_;
};

/// The sum of the values at the indices, in four interleaved parts.
double SumAt(std::span<const uint32_t> indices, const double* values) {
  double part[4] = {};
  size_t i = 0;
  for (; i + 4 <= indices.size(); i += 4) {
    for (size_t k = 0; k < 4; ++k) part[k] += values[indices[i + k]];
  }
  for (; i < indices.size(); ++i) part[i % 4] += values[indices[i]];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// numpy.percentile of sorted values, with linear interpolation.
double Quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double fraction = place - static_cast<double>(below);
  const double step = sorted[below + 1] - sorted[below];
  return fraction < 0.5 ? sorted[below] + step * fraction
                        : sorted[below + 1] - step * (1 - fraction);
}

MeanInterval Summarise(double mean, std::vector<double>& means, double level) {
  MeanInterval interval;
  interval.mean = mean;
  const double center = Mean(means);
  double squares = 0;
  for (const double m : means) squares += (m - center) * (m - center);
  interval.standard_error = std::sqrt(squares / static_cast<double>(means.size() - 1));
  std::sort(means.begin(), means.end());
  interval.lower = Quantile(means, (1 - level) / 2);
  interval.upper = Quantile(means, (1 + level) / 2);
  return interval;
}

void Check(const BootstrapOptions& options) {
  if (options.resamples < 2) throw Error("a bootstrap needs at least 2 resamples");
  if (!(options.level > 0 && options.level < 1)) {
    throw Error(fmt::format("an interval's level lies between 0 and 1, not at {}", options.level));
  }
}

void CheckColumns(std::span<const std::vector<double>> columns) {
  for (const auto& column : columns) {
    if (column.empty() || column.size() > UINT32_MAX || column.size() != columns[0].size()) {
      throw ShapeError(fmt::format("bootstrap of columns of {} and {} values", columns[0].size(),
                                   column.size()));
    }
  }
}

/// Calls `use(resample, drawn units)` for each resample, in any order, on all threads.
template <class Use>
void Resample(size_t units, const BootstrapOptions& options, ThreadPool& pool, const Use& use) {
  const Draws draws(options.seed, units, options.resamples * units, pool);
  std::vector<std::vector<uint32_t>> scratch(static_cast<size_t>(pool.threads()));
  pool.ForEach(options.resamples, [&](size_t resample, int worker) {
    std::vector<uint32_t>& drawn = scratch[static_cast<size_t>(worker)];
    drawn.resize(units);
    draws.Fill(resample * units, drawn);
    use(resample, std::span<const uint32_t>(drawn));
  });
}

/// Of each column the means of its resamples.
std::vector<std::vector<double>> ResampleMeans(std::span<const std::vector<double>> columns,
                                               const BootstrapOptions& options, ThreadPool& pool) {
  Check(options);
  CheckColumns(columns);
  std::vector<std::vector<double>> means(columns.size(), std::vector<double>(options.resamples));
  if (columns.empty()) return means;
  const size_t n = columns[0].size();
  Resample(n, options, pool, [&](size_t resample, std::span<const uint32_t> drawn) {
    for (size_t c = 0; c < columns.size(); ++c) {
      means[c][resample] = SumAt(drawn, columns[c].data()) / static_cast<double>(n);
    }
  });
  return means;
}

}  // namespace

MeanInterval BootstrapUnits(size_t units,
                            const std::function<double(std::span<const uint32_t>)>& statistic,
                            const BootstrapOptions& options, ThreadPool& pool) {
  Check(options);
  if (units == 0 || units > UINT32_MAX)
    throw ShapeError(fmt::format("bootstrap of {} units", units));
  std::vector<double> values(options.resamples);
  Resample(units, options, pool, [&](size_t resample, std::span<const uint32_t> drawn) {
    values[resample] = statistic(drawn);
  });
  std::vector<uint32_t> all(units);
  std::iota(all.begin(), all.end(), 0u);
  return Summarise(statistic(all), values, options.level);
}

std::vector<MeanInterval> Bootstrap(std::span<const std::vector<double>> columns,
                                    const BootstrapOptions& options, ThreadPool& pool) {
  std::vector<std::vector<double>> means = ResampleMeans(columns, options, pool);
  std::vector<MeanInterval> intervals(columns.size());
  pool.ForEach(columns.size(), [&](size_t c, int /*worker*/) {
    intervals[c] = Summarise(Mean(columns[c]), means[c], options.level);
  });
  return intervals;
}

PairedDifference ComparePaired(std::span<const double> first, std::span<const double> second,
                               const BootstrapOptions& options, ThreadPool& pool) {
  if (first.size() != second.size()) {
    throw ShapeError(
        fmt::format("paired bootstrap of {} and {} values", first.size(), second.size()));
  }
  std::vector<std::vector<double>> column(1, std::vector<double>(first.size()));
  std::transform(second.begin(), second.end(), first.begin(), column[0].begin(), std::minus<>());
  std::vector<double> means = std::move(ResampleMeans(column, options, pool)[0]);
  const auto share = [&](auto&& is) {
    return static_cast<double>(std::count_if(means.begin(), means.end(), is)) /
           static_cast<double>(means.size());
  };
  PairedDifference result;
  result.p_two_sided = std::min(1.0, 2 * std::min(share([](double m) { return m <= 0; }),
                                                  share([](double m) { return m >= 0; })));
  result.difference = Summarise(Mean(column[0]), means, options.level);
  return result;
}

}  // namespace roentgen
