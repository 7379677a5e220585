#include "roentgen/evaluation/paired_test.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "roentgen/base/random.h"
#include "roentgen/evaluation/student_t.h"
#include "roentgen/evaluation/unit_sums.h"

namespace roentgen {
namespace {

constexpr double kLevel = 0.05;
constexpr double kRounding = 1e-12;  // of sums that should be equal

/// Units with the same sum of differences and the same number of questions, of which only counts
/// how many get a plus.
struct Alike {
  double sum = 0;
  double questions = 0;
  size_t units = 0;
};

std::vector<Alike> CountAlike(const UnitSums& sums) {
  std::vector<Alike> units;
  for (size_t u = 0; u < sums.sum.size(); ++u) units.push_back({sums.sum[u], sums.count[u], 1});
  const auto key = [](const Alike& a) { return std::tuple(a.sum, a.questions); };
  std::sort(units.begin(), units.end(),
            [&](const Alike& a, const Alike& b) { return key(a) < key(b); });
  std::vector<Alike> alike;
  for (const Alike& unit : units) {
    if (!alike.empty() && key(alike.back()) == key(unit)) {
      ++alike.back().units;
    } else {
      alike.push_back(unit);
    }
  }
  return alike;
}

/// The signed sums of one way to give the units their signs.
struct Flipped {
  double sum = 0;
  double questions = 0;
};

/// Coins thrown one after the other, 64 at a time.
class Coins {
 public:
  explicit Coins(uint64_t seed) : random_(seed) {}

  /// Of so many, how many show heads.
  size_t Heads(size_t coins) {
    size_t heads = 0;
    while (coins > 0) {
      if (left_ == 0) {
        word_ = random_.NextBits();
        left_ = 64;
      }
      const size_t taken = std::min(coins, left_);
      const uint64_t mask = ~uint64_t{0} >> (64 - taken);
      heads += static_cast<size_t>(std::popcount(word_ & mask));
      word_ = taken == 64 ? 0 : word_ >> taken;
      left_ -= taken;
      coins -= taken;
    }
    return heads;
  }

 private:
  Random random_;
  uint64_t word_ = 0;
  size_t left_ = 0;
};

Flipped Flip(const std::vector<Alike>& units, Coins& coins) {
  Flipped flipped;
  for (const Alike& alike : units) {
    const double signs =
        2 * static_cast<double>(coins.Heads(alike.units)) - static_cast<double>(alike.units);
    flipped.sum += signs * alike.sum;
    flipped.questions += signs * alike.questions;
  }
  return flipped;
}

/// All ways where they are few, else those of random signs, with the one that was observed.
std::vector<Flipped> Ways(const UnitSums& sums, const PairedTestOptions& options) {
  const size_t m = sums.sum.size();
  std::vector<Flipped> ways;
  if (m < 64 && uint64_t{1} << m <= options.draws) {
    ways.resize(size_t{1} << m);
    for (size_t way = 0; way < ways.size(); ++way) {
      for (size_t u = 0; u < m; ++u) {
        const double sign = (way >> u & 1) != 0 ? -1 : 1;
        ways[way].sum += sign * sums.sum[u];
        ways[way].questions += sign * sums.count[u];
      }
    }
    return ways;
  }
  const std::vector<Alike> alike = CountAlike(sums);
  ways.resize(options.draws + 1);
  for (const Alike& a : alike) {
    ways[0].sum += a.sum * static_cast<double>(a.units);
    ways[0].questions += a.questions * static_cast<double>(a.units);
  }
  Coins coins(SplitMix64(options.seed));
  for (size_t way = 1; way < ways.size(); ++way) ways[way] = Flip(alike, coins);
  return ways;
}

/// For each way the differences δ for which it is at least as extreme as what was observed:
/// |A − C δ| ≥ |T − N δ|, with its sums A and C, and T and N of the observed. As |C| ≤ N they lie
/// around T/N, between where the sides are equal.
struct Reach {
  std::vector<double> lower;
  std::vector<double> upper;
};

Reach ReachOf(const std::vector<Flipped>& ways, const Flipped& observed, double rounding) {
  const auto crossing = [&](double sum, double questions) {
    return std::abs(sum) <= rounding ? 0.0 : sum / questions;
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Reach reach;
  for (const Flipped& way : ways) {
    if (std::abs(way.questions) == observed.questions) {  // as observed, or all signs turned
      reach.lower.push_back(-kInfinity);
      reach.upper.push_back(kInfinity);
      continue;
    }
    const double one = crossing(observed.sum - way.sum, observed.questions - way.questions);
    const double other = crossing(observed.sum + way.sum, observed.questions + way.questions);
    reach.lower.push_back(std::min(one, other));
    reach.upper.push_back(std::max(one, other));
  }
  return reach;
}

/// The δ that more than 5 % of the ways reach.
Bounds Invert(Reach reach) {
  const auto needed = static_cast<size_t>(kLevel * static_cast<double>(reach.lower.size()));
  std::nth_element(reach.lower.begin(), reach.lower.begin() + static_cast<ptrdiff_t>(needed),
                   reach.lower.end());
  std::nth_element(reach.upper.begin(), reach.upper.begin() + static_cast<ptrdiff_t>(needed),
                   reach.upper.end(), std::greater<>());
  return {reach.lower[needed], reach.upper[needed]};
}

double ShareThatReachesZero(const Reach& reach) {
  size_t count = 0;
  for (size_t i = 0; i < reach.lower.size(); ++i) {
    count += reach.lower[i] <= 0 && reach.upper[i] >= 0 ? 1 : 0;
  }
  return static_cast<double>(count) / static_cast<double>(reach.lower.size());
}

bool AreWhole(const std::vector<double>& sums) {
  return std::all_of(sums.begin(), sums.end(),
                     [](double sum) { return sum == std::nearbyint(sum); });
}

/// p over all ways, of sums that are whole numbers: their distribution, unit by unit.
double ExactP(const std::vector<double>& sums) {
  std::vector<double> chance = {1};  // of each sum over the units that got a plus
  double observed = 0;
  for (const double sum : sums) {
    const auto step = static_cast<size_t>(std::abs(sum));
    observed += sum;
    if (step == 0) continue;
    chance.resize(chance.size() + step, 0);
    for (size_t i = chance.size(); i-- > 0;) {
      chance[i] = (chance[i] + (i >= step ? chance[i - step] : 0)) / 2;
    }
  }
  // The signed sum is twice the plus's less all. It is as likely below 0 as above.
  const double all = static_cast<double>(chance.size() - 1);
  const auto first = static_cast<size_t>((all + std::abs(observed)) / 2);
  if (observed == 0) return 1;
  double tail = 0;
  for (size_t i = chance.size(); i-- > first;) tail += chance[i];
  return std::clamp(2 * tail, std::numeric_limits<double>::min(), 1.0);
}

/// So many independent questions would tell as much of the mean difference: their variance by the
/// mean's, which allows for what questions of a unit have in common. Of units that are all alike
/// their number.
double EffectiveQuestions(std::span<const double> differences, const UnitSums& sums, double mean) {
  const auto n = static_cast<double>(differences.size());
  const auto m = static_cast<double>(sums.sum.size());
  double variance = 0;
  for (const double difference : differences) variance += std::pow(difference - mean, 2) / n;
  double squares = 0;
  for (size_t u = 0; u < sums.sum.size(); ++u) {
    squares += std::pow(sums.sum[u] - sums.count[u] * mean, 2);
  }
  const double error = m / (m - 1) * squares / (n * n);
  if (error <= kRounding * kRounding) return m;
  return std::clamp(variance / error, 1.0, n);
}

/// Whether all differences but a few are the same.
bool NearlyAllAlike(std::span<const double> differences) {
  constexpr size_t kFew = 10;
  std::map<int64_t, size_t> counts;  // 1 − 2/3 and 1/3 − 0 are the same
  size_t most = 0;
  for (const double difference : differences) {
    most = std::max(most, ++counts[std::llround(difference / kRounding)]);
  }
  return differences.size() - most < kFew;
}

/// Where few questions differ from the others, more may be missing among them by chance: the
/// interval allows at least for the share that Wilson's formula leaves unseen, which may lie
/// anywhere from −1 to 1.
void AllowForTheUnseen(double difference, double questions, size_t units, Bounds& interval) {
  const double t = StudentT975(units - 1);
  const double unseen = t * t / (questions + t * t);
  interval.lower = std::min(interval.lower, difference - unseen * (1 + difference));
  interval.upper = std::max(interval.upper, difference + unseen * (1 - difference));
}

/// A bound that lies on the other side of 0 than p says is put at 0 where p is above 5 %, else half
/// a question beyond it: random signs and the unseen are not exact.
void KeepToP(double p, double difference, double questions, Bounds& interval) {
  const double beyond = std::min(0.5 / questions, std::abs(difference) / 2);
  if (p > kLevel) {
    interval.lower = std::min(interval.lower, 0.0);
    interval.upper = std::max(interval.upper, 0.0);
  } else if (difference > 0) {
    if (interval.lower <= kRounding) interval.lower = beyond;
  } else {
    if (interval.upper >= -kRounding) interval.upper = -beyond;
  }
}

}  // namespace

PairedTest TestPaired(std::span<const double> differences, std::span<const uint32_t> units,
                      const PairedTestOptions& options) {
  const UnitSums sums = SumByUnit(differences, units);
  Flipped observed;
  double size = 0;
  for (size_t u = 0; u < sums.sum.size(); ++u) {
    observed.sum += sums.sum[u];
    observed.questions += sums.count[u];
    size += std::abs(sums.sum[u]);
  }
  PairedTest test;
  test.questions = differences.size();
  test.units = sums.sum.size();
  test.difference = observed.sum / observed.questions;
  if (test.units < kFewestTestUnits) return test;

  const Reach reach = ReachOf(Ways(sums, options), observed, kRounding * size);
  test.p = ShareThatReachesZero(reach);
  if (AreWhole(sums.sum)) test.p = ExactP(sums.sum);
  test.interval = Invert(reach);
  const bool no_spread = test.interval->upper - test.interval->lower < kRounding;
  if (no_spread || NearlyAllAlike(differences)) {
    AllowForTheUnseen(test.difference, EffectiveQuestions(differences, sums, test.difference),
                      test.units, *test.interval);
  }
  KeepToP(*test.p, test.difference, observed.questions, *test.interval);
  test.interval = {std::max(test.interval->lower, -1.0), std::min(test.interval->upper, 1.0)};
  return test;
}

}  // namespace roentgen
