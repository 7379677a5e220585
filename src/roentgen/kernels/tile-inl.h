// The register-blocked heart of every product: a tile of a few rows × two vectors of sums that stay
// in registers while the depth passes. Included once per instruction set.

#if defined(ROENTGEN_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ROENTGEN_KERNELS_TILE_INL_H_
#undef ROENTGEN_KERNELS_TILE_INL_H_
#else
#define ROENTGEN_KERNELS_TILE_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
using VF32 = hn::Vec<F32>;

// Sums are kTileRows × 2 vectors: 24 of AVX-512's 32 registers, 12 of AVX2's 16. The rest holds two
// vectors of the right operand and one broadcast value of the left; either number hides the latency
// (4 to 5 cycles) of two FMA units.
constexpr size_t kTileRows = HWY_TARGET <= HWY_AVX3 ? 12 : 6;

/// sums[r][v] = Σ_k left(r, k) · right[k · kStride + v], where left is one value and right vectors.
template <size_t kRows, size_t kVectors, size_t kStride = kVectors, class Left>
HWY_INLINE void TileSums(const Left& left, const float* HWY_RESTRICT right, size_t depth,
                         VF32 (&sums)[kRows][kVectors]) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  HWY_UNROLL(16)
  for (size_t r = 0; r < kRows; ++r) {
    HWY_UNROLL(2)
    for (size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::Zero(d);
  }
  // The loop itself costs Zen 3 a tenth of its rate with the 12 multiply-adds of AVX2's tile in a
  // turn; twice as many hide it.
  HWY_UNROLL(2)
  for (size_t k = 0; k < depth; ++k) {
    VF32 vectors[kVectors];
    HWY_UNROLL(2)
    for (size_t v = 0; v < kVectors; ++v) {
      vectors[v] = hn::Load(d, right + (k * kStride + v) * lanes);
    }
    HWY_UNROLL(16)
    for (size_t r = 0; r < kRows; ++r) {
      const VF32 value = hn::Set(d, left(r, k));
      HWY_UNROLL(2)
      for (size_t v = 0; v < kVectors; ++v) {
        sums[r][v] = hn::MulAdd(value, vectors[v], sums[r][v]);
      }
    }
  }
}

/// Calls work.template operator()<kRows>() with the constant that equals rows, 1 … kMost.
template <size_t kMost = kTileRows, class Work>
HWY_INLINE void WithConstantRows(size_t rows, const Work& work) {
  if (rows == kMost) {
    work.template operator()<kMost>();
  } else if constexpr (kMost > 1) {
    WithConstantRows<kMost - 1>(rows, work);
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // per-target include guard
