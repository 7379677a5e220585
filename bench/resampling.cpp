// How long the statistics of a large question set take: 10,000 resamples of 10,000 questions.
//
//   roentgen_resampling [THREADS]

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "roentgen/base/random.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/evaluation/bootstrap.h"
#include "roentgen/evaluation/paired_test.h"
#include "roentgen/evaluation/unit_interval.h"

namespace {

using namespace roentgen;

template <class Work>
void Time(const char* what, const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  fmt::print("{:<58} {:.2f} s\n", what, taken.count());
}

void Measure(const char* shape, size_t questions, size_t questions_each, ThreadPool& pool) {
  fmt::print("{}\n", shape);
  Random random(1);
  std::vector<double> scores;
  std::vector<double> differences;
  std::vector<uint32_t> units;
  for (size_t i = 0; i < questions; ++i) {
    scores.push_back(random.NextUniform());
    differences.push_back(random.NextUniform() - random.NextUniform());
    units.push_back(static_cast<uint32_t>(i / questions_each));
  }
  std::vector<double> sums(units.back() + size_t{1});
  for (size_t i = 0; i < questions; ++i) sums[units[i]] += scores[i];
  Time("  interval of a mean", [&] { EstimateMean(scores, units); });
  Time("  paired test of shares with its interval, 10,000 draws",
       [&] { TestPaired(differences, units); });
  Time("  bootstrap of units, 10,000 resamples", [&] {
    const auto mean = [&](std::span<const uint32_t> drawn) {
      double sum = 0;
      for (const uint32_t unit : drawn) sum += sums[unit];
      return sum / static_cast<double>(drawn.size());
    };
    BootstrapUnits(sums.size(), mean, {}, pool);
  });
}

}  // namespace

int main(int count, char** arguments) {
  ThreadPool pool(count > 1 ? std::atoi(arguments[1]) : 2);
  Measure("10,000 questions about 10,000 images", 10'000, 1, pool);
  Measure("10,000 questions about 1,000 images", 10'000, 10, pool);
  return 0;
}
