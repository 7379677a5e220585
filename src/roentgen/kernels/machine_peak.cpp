#include "roentgen/kernels/machine_peak.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/machine_peak.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Operations done. Twelve independent chains keep two units of latency up to six busy.
double MultiplyAdds(size_t rounds, float* result) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr size_t kChains = 12;
  const V factor = hn::Set(d, 0.999f);
  const V term = hn::Set(d, 0.001f);
  V chain[kChains];
  HWY_UNROLL(16)
  for (size_t i = 0; i < kChains; ++i) chain[i] = hn::Set(d, static_cast<float>(i));
  for (size_t n = 0; n < rounds; ++n) {
    HWY_UNROLL(16)
    for (V& sum : chain) sum = hn::MulAdd(sum, factor, term);
  }
  HWY_UNROLL(16)
  for (size_t i = 1; i < kChains; ++i) chain[0] = hn::Add(chain[0], chain[i]);
  *result = hn::GetLane(hn::SumOfLanes(d, chain[0]));
  return 2.0 * kChains * static_cast<double>(hn::Lanes(d) * rounds);
}

/// Reads words of 64 bits; the sum keeps the reads alive.
uint64_t SumWords(const uint64_t* words, size_t count) {
  const hn::ScalableTag<uint64_t> d;
  const size_t lanes = hn::Lanes(d);
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  for (size_t i = 0; i + 4 * lanes <= count; i += 4 * lanes) {
    sum0 = hn::Add(sum0, hn::Load(d, words + i));
    sum1 = hn::Add(sum1, hn::Load(d, words + i + lanes));
    sum2 = hn::Add(sum2, hn::Load(d, words + i + 2 * lanes));
    sum3 = hn::Add(sum3, hn::Load(d, words + i + 3 * lanes));
  }
  return hn::GetLane(hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3)));
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <vector>

namespace roentgen {
namespace {

HWY_EXPORT(MultiplyAdds);
HWY_EXPORT(SumWords);

// The best of several tries: a peak is what is possible, not what a busy moment left of it.
constexpr int kTries = 40;

/// Processor time of this thread: a peak that other programs' shares of the processor lowered would
/// flatter whatever is compared with it.
double ThreadSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

double MeasureFmaPeak(ThreadPool& pool) {
  const auto threads = static_cast<size_t>(pool.threads());
  constexpr size_t kRounds = 1'000'000;
  std::vector<double> rates(threads);
  std::vector<float> results(threads);
  double best = 0;
  for (int i = 0; i < kTries; ++i) {
    pool.ForEach(threads, [&](size_t task, int) {
      const double start = ThreadSeconds();
      const double operations = HWY_DYNAMIC_DISPATCH(MultiplyAdds)(kRounds, &results[task]);
      rates[task] = operations / (ThreadSeconds() - start);
    });
    best = std::max(best, std::accumulate(rates.begin(), rates.end(), 0.0));
  }
  return best;
}

ReadBandwidthProbe::ReadBandwidthProbe() : memory_(size_t{256} << 20) {
  // Pages that were never written would all be the one page of zeros.
  std::memset(memory_.data(), 1, memory_.size());
}

double ReadBandwidthProbe::Measure(ThreadPool& pool) const {
  constexpr size_t kTaskBytes = size_t{1} << 20;
  constexpr size_t kTaskWords = kTaskBytes / sizeof(uint64_t);
  const auto* words = reinterpret_cast<const uint64_t*>(memory_.data());
  std::vector<uint64_t> sums(memory_.size() / kTaskBytes);
  const double seconds = Seconds([&] {
    pool.ForEach(sums.size(), [&](size_t task, int) {
      sums[task] = HWY_DYNAMIC_DISPATCH(SumWords)(words + task * kTaskWords, kTaskWords);
    });
  });
  return static_cast<double>(memory_.size()) / seconds;
}

}  // namespace roentgen
#endif  // HWY_ONCE
