#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/base/numpy_random.h"
#include "roentgen/base/random.h"
#include "roentgen/evaluation/bootstrap.h"
#include "roentgen/evaluation/proportion.h"
#include "support/paths.h"

namespace roentgen {
namespace {

std::vector<double> RandomValues(size_t count) {
  Random random(count);
  std::vector<double> values(count);
  for (double& value : values) value = random.NextUniform();
  return values;
}

/// One resample after the other from one generator, as numpy does.
MeanInterval PlainBootstrap(const std::vector<double>& values, const BootstrapOptions& options) {
  NumpyGenerator generator(options.seed);
  std::vector<double> means(options.resamples);
  for (double& mean : means) {
    for (size_t i = 0; i < values.size(); ++i) mean += values[generator.Integer(values.size())];
    mean /= static_cast<double>(values.size());
  }
  std::sort(means.begin(), means.end());
  const auto quantile = [&](double share) {
    const double place = share * static_cast<double>(means.size() - 1);
    const auto below = static_cast<size_t>(place);
    return means[below] + (place - static_cast<double>(below)) * (means[below + 1] - means[below]);
  };
  MeanInterval interval;
  interval.lower = quantile(0.025);
  interval.upper = quantile(0.975);
  return interval;
}

TEST(Bootstrap, RejectedDrawsDoNotShiftTheOthers) {
  // Of 300,007 · 60 draws some 280 are rejected: 2^32 mod 300,007 is 67,084.
  const std::vector<std::vector<double>> column = {RandomValues(300'007)};
  const BootstrapOptions options = {60, 3, 0.95};
  ThreadPool pool(2);
  const MeanInterval ours = Bootstrap(column, options, pool).at(0);
  const MeanInterval plain = PlainBootstrap(column[0], options);
  // Sums of 3e5 values of 0 to 1 in another order: 3e5 · 1e-16 of a mean at most.
  EXPECT_NEAR(ours.lower, plain.lower, 1e-11);
  EXPECT_NEAR(ours.upper, plain.upper, 1e-11);
}

TEST(Bootstrap, IsTheSameForAnyNumberOfThreads) {
  const std::vector<std::vector<double>> columns = {RandomValues(451), RandomValues(451)};
  ThreadPool one(1);
  ThreadPool four(4);
  const auto a = Bootstrap(columns, {}, one);
  const auto b = Bootstrap(columns, {}, four);
  for (size_t c = 0; c < columns.size(); ++c) {
    EXPECT_EQ(a[c].lower, b[c].lower);
    EXPECT_EQ(a[c].upper, b[c].upper);
    EXPECT_EQ(a[c].standard_error, b[c].standard_error);
  }
}

TEST(Bootstrap, OneValueHasNoSpread) {
  ThreadPool pool(1);
  const std::vector<std::vector<double>> column = {{0.25}};
  const MeanInterval interval = Bootstrap(column, {}, pool).at(0);
  EXPECT_EQ(interval.lower, 0.25);
  EXPECT_EQ(interval.upper, 0.25);
  EXPECT_EQ(interval.standard_error, 0);
}

TEST(Bootstrap, UnitsAreDrawnWhole) {
  // The mean over units of several questions; with one each it is the bootstrap of questions.
  ThreadPool pool(2);
  const std::vector<double> values = RandomValues(40);
  const auto mean = [&](std::span<const uint32_t> drawn) {
    double sum = 0;
    for (const uint32_t unit : drawn) sum += values[unit];
    return sum / static_cast<double>(drawn.size());
  };
  const MeanInterval units = BootstrapUnits(values.size(), mean, {}, pool);
  const std::vector<std::vector<double>> column = {values};
  const MeanInterval questions = Bootstrap(column, {}, pool).at(0);
  EXPECT_NEAR(units.lower, questions.lower, 1e-12);
  EXPECT_NEAR(units.upper, questions.upper, 1e-12);
  EXPECT_NEAR(units.mean, questions.mean, 1e-12);
  ROENTGEN_EXPECT_ERROR(BootstrapUnits(0, mean, {}, pool), "0 units");
}

TEST(Bootstrap, SenselessRequestsAreRefused) {
  ThreadPool pool(1);
  const std::vector<std::vector<double>> uneven = {{1, 2}, {1}};
  const std::vector<std::vector<double>> empty = {{}};
  const std::vector<std::vector<double>> good = {{1, 2}};
  ROENTGEN_EXPECT_ERROR(Bootstrap(uneven, {}, pool), "columns of 2 and 1");
  ROENTGEN_EXPECT_ERROR(Bootstrap(empty, {}, pool), "columns of 0 and 0");
  ROENTGEN_EXPECT_ERROR(Bootstrap(good, {1, 0, 0.95}, pool), "at least 2 resamples");
  ROENTGEN_EXPECT_ERROR(Bootstrap(good, {10, 0, 1}, pool), "between 0 and 1");
  ROENTGEN_EXPECT_ERROR(ComparePaired(good[0], uneven[1], {}, pool), "2 and 1");
}

TEST(PairedBootstrap, EqualSystemsDoNotDiffer) {
  ThreadPool pool(1);
  const std::vector<double> values = RandomValues(30);
  const PairedDifference same = ComparePaired(values, values, {}, pool);
  EXPECT_EQ(same.p_two_sided, 1);
  EXPECT_EQ(same.difference.mean, 0);
}

TEST(Wilson, HoldsTheShareWithinZeroAndOne) {
  EXPECT_TRUE(rc::check([](uint16_t a, uint16_t b) {
    const size_t total = std::max(a, b) + size_t{1};
    const size_t hits = std::min(a, b);
    const Bounds bounds = WilsonInterval(hits, total);
    const double share = static_cast<double>(hits) / static_cast<double>(total);
    RC_ASSERT(bounds.lower <= share + 1e-15 && share <= bounds.upper + 1e-15);
    RC_ASSERT(bounds.lower >= -1e-15 && bounds.upper <= 1 + 1e-15);
  }));
}

TEST(Wilson, NothingSaysNothing) {
  EXPECT_EQ(WilsonInterval(0, 0).lower, 0);
  EXPECT_EQ(WilsonInterval(0, 0).upper, 1);
}

TEST(McNemar, FarOutInTheTail) {
  // 2^-999: one of two sides of 1,000 pairs, all to one system.
  EXPECT_NEAR(std::log2(McNemarExact(0, 1000)), -999, 1e-9);
  EXPECT_EQ(McNemarExact(0, 2000), McNemarExact(2000, 0));
}

}  // namespace
}  // namespace roentgen
