// Loops over one row in whole vectors and then single lanes, with the same code for both. Included
// once per instruction set.

#if defined(ROENTGEN_KERNELS_ROW_LOOP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ROENTGEN_KERNELS_ROW_LOOP_INL_H_
#undef ROENTGEN_KERNELS_ROW_LOOP_INL_H_
#else
#define ROENTGEN_KERNELS_ROW_LOOP_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls work(d, i) with d a whole vector's tag for i = 0, lanes, …, then a single lane's for the
/// rest.
template <class Work>
HWY_INLINE void ForVectors(size_t count, const Work& work) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) work(d, i);
  for (; i < count; ++i) work(d1, i);
}

/// The sum of term(d, i) over a row, in an order that depends on the count alone: four chains of
/// vectors, so that neither latency nor rounding adds up.
template <class Term>
HWY_INLINE float SumOver(size_t count, const Term& term) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  const size_t lanes = hn::Lanes(d);
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    sum0 = hn::Add(sum0, term(d, i));
    sum1 = hn::Add(sum1, term(d, i + lanes));
    sum2 = hn::Add(sum2, term(d, i + 2 * lanes));
    sum3 = hn::Add(sum3, term(d, i + 3 * lanes));
  }
  for (; i + lanes <= count; i += lanes) sum0 = hn::Add(sum0, term(d, i));
  float total = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
  for (; i < count; ++i) total += hn::GetLane(term(d1, i));
  return total;
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // per-target include guard
