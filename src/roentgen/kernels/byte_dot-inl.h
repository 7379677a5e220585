// How an instruction set multiplies bytes: dot products of four unsigned codes of the weights with
// four signed codes of x, for the outputs of a strip. Included once per instruction set.
//
// A way of multiplying is a type with
//   kPanelRows      tokens that pass together: their sums of a block, and AVX-512's of all blocks,
//                   stay in registers
//   XCode           what a code of x is stored as
//   Sums            a vector of sums, one or two an output
//   Codes           a vector of the weights' codes, ready to be multiplied
//   Arrange(codes, to)   32 codes of x in the order in which chunks are read
//   Ready(bytes)         the weights' codes, a byte each, made ready
//   Start(shift)         sums to begin with, an output's shift among them where they can hold it
//   Add(sums, codes, x)  x points to the 4 codes of a chunk
//   Finish(sums, shift)  one 32-bit sum an output, its shift included

#if defined(ROENTGEN_KERNELS_BYTE_DOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ROENTGEN_KERNELS_BYTE_DOT_INL_H_
#undef ROENTGEN_KERNELS_BYTE_DOT_INL_H_
#else
#define ROENTGEN_KERNELS_BYTE_DOT_INL_H_
#endif

#include <hwy/highway.h>

#include <cstring>

#include "roentgen/tensor/block_weights.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A lane is an output.
using Outputs = hn::CappedTag<float, BlockWeights::kStripOutputs>;
using Whole = hn::RebindToSigned<Outputs>;
using Bytes = hn::Repartition<uint8_t, Outputs>;
using Shorts = hn::Repartition<int16_t, Outputs>;
using Floats = hn::Vec<Outputs>;
using Integers = hn::Vec<Whole>;

/// Four bytes at `from` in every lane.
HWY_INLINE Integers Broadcast4(const void* from) {
  int32_t bits;
  std::memcpy(&bits, from, sizeof(bits));
  return hn::Set(Whole(), bits);
}

/// gcc 12 would compute the products of many steps before it adds them, and keep them in memory
/// meanwhile; it cannot know that this changes nothing.
template <class V>
HWY_INLINE void AddBeforeGoingOn(V& sums) {
#if HWY_TARGET <= HWY_SSE4
  asm("" : "+v"(sums.raw));
#else
  (void)sums;
#endif
}

constexpr size_t kPairPanelRows = HWY_TARGET <= HWY_AVX3 ? 8 : HWY_TARGET <= HWY_AVX2 ? 4 : 2;

/// Products of 16-bit pairs, which every instruction set has: even and odd inputs of a chunk apart.
struct PairDot {
  static constexpr size_t kPanelRows = kPairPanelRows;
  using XCode = int16_t;
  using Sums = Integers;
  struct Codes {
    HWY_INLINE Codes() {}  // the compiler's own would be compiled for the baseline
    HWY_INLINE Codes(hn::Vec<Shorts> even_codes, hn::Vec<Shorts> odd_codes)
        : even(even_codes), odd(odd_codes) {}
    hn::Vec<Shorts> even;
    hn::Vec<Shorts> odd;
  };
  HWY_INLINE static void Arrange(const int8_t* codes, XCode* to) {
    for (size_t at = 0; at < BlockWeights::kBlockInputs; at += BlockWeights::kChunkInputs) {
      to[at] = codes[at];
      to[at + 1] = codes[at + 2];
      to[at + 2] = codes[at + 1];
      to[at + 3] = codes[at + 3];
    }
  }
  HWY_INLINE static Codes Ready(hn::Vec<Bytes> bytes) {
    const hn::RebindToUnsigned<Shorts> bits;
    const auto pairs = hn::BitCast(bits, bytes);
    return {hn::BitCast(Shorts(), hn::And(pairs, hn::Set(bits, 0xff))),
            hn::BitCast(Shorts(), hn::ShiftRight<8>(pairs))};
  }
  HWY_INLINE static Sums Start(Integers shift) { return shift; }
  HWY_INLINE static Sums Add(Sums sums, const Codes& codes, const XCode* x) {
    return AddPairs(AddPairs(sums, codes.even, x), codes.odd, x + 2);
  }
  HWY_INLINE static Integers Finish(Sums sums, Integers /*shift*/) { return sums; }

 private:
  HWY_INLINE static Sums AddPairs(Sums sums, hn::Vec<Shorts> codes, const XCode* pair) {
    const auto x = hn::BitCast(Shorts(), Broadcast4(pair));
    Integers upper = hn::Zero(Whole());
    const Integers lower =
        hn::ReorderWidenMulAccumulate(Whole(), codes, x, hn::Zero(Whole()), upper);
#if HWY_TARGET <= HWY_SSE4
    sums = hn::Add(sums, lower);  // x86 has added neighbours, the two products of an output
    AddBeforeGoingOn(sums);
    return sums;
#else
    const Integers even = hn::ConcatEven(Whole(), upper, lower);
    return hn::Add(sums, hn::Add(even, hn::ConcatOdd(Whole(), upper, lower)));
#endif
  }
};

#if HWY_TARGET <= HWY_SSE4

HWY_INLINE hn::Vec<Shorts> AddBytePairs(hn::Vec<Bytes> codes, Integers x) {
#if HWY_TARGET <= HWY_AVX3
  return hn::Vec<Shorts>{_mm512_maddubs_epi16(codes.raw, x.raw)};
#elif HWY_TARGET == HWY_AVX2
  return hn::Vec<Shorts>{_mm256_maddubs_epi16(codes.raw, x.raw)};
#else
  return hn::Vec<Shorts>{_mm_maddubs_epi16(codes.raw, x.raw)};
#endif
}

/// Products of 4-bit codes, whose sums over a block fit into 16 bits: 32 / 2 · 15 · 127 = 30,480.
struct SmallCodeDot {
  static constexpr size_t kPanelRows = kPairPanelRows;
  using XCode = int8_t;
  using Sums = hn::Vec<Shorts>;
  using Codes = hn::Vec<Bytes>;
  HWY_INLINE static void Arrange(const int8_t* codes, XCode* to) {
    std::memcpy(to, codes, BlockWeights::kBlockInputs);
  }
  HWY_INLINE static Codes Ready(hn::Vec<Bytes> bytes) { return bytes; }
  HWY_INLINE static Sums Start(Integers /*shift*/) { return hn::Zero(Shorts()); }
  HWY_INLINE static Sums Add(Sums sums, Codes codes, const XCode* x) {
    sums = hn::Add(sums, AddBytePairs(codes, Broadcast4(x)));
    AddBeforeGoingOn(sums);
    return sums;
  }
  HWY_INLINE static Integers Finish(Sums sums, Integers shift) {
    Integers unused = hn::Zero(Whole());
    return hn::Add(shift, hn::ReorderWidenMulAccumulate(Whole(), sums, hn::Set(Shorts(), 1),
                                                        hn::Zero(Whole()), unused));
  }
};

#endif  // x86

#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX2

/// Four products of bytes and their sum in one instruction: AVX-512's VNNI, or that of processors
/// without AVX-512 (AVX-VNNI), which no target of Highway's has.
struct QuadDot {
  static constexpr size_t kPanelRows = HWY_TARGET == HWY_AVX3_DL ? 12 : 6;
  using XCode = int8_t;
  using Sums = Integers;
  using Codes = hn::Vec<Bytes>;
  HWY_INLINE static void Arrange(const int8_t* codes, XCode* to) {
    std::memcpy(to, codes, BlockWeights::kBlockInputs);
  }
  HWY_INLINE static Codes Ready(hn::Vec<Bytes> bytes) { return bytes; }
  HWY_INLINE static Sums Start(Integers shift) { return shift; }
  HWY_INLINE static Sums Add(Sums sums, Codes codes, const XCode* x) {
    // Not the intrinsics: Highway 1.0 compiles neither target with the right VNNI.
#if HWY_TARGET == HWY_AVX3_DL
    asm("vpdpbusd %2%{1to16%}, %1, %0"
        : "+v"(sums.raw)
        : "v"(codes.raw), "m"(*reinterpret_cast<const int8_t(*)[4]>(x)));
#else
    asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums.raw) : "x"(codes.raw), "x"(Broadcast4(x).raw));
#endif
    return sums;
  }
  HWY_INLINE static Integers Finish(Sums sums, Integers /*shift*/) {
    return sums;
  }
};

#endif

// The best of each instruction set, for 4-bit codes and for others.
#if HWY_TARGET == HWY_AVX3_DL
using BestSmallDot = QuadDot;
using BestDot = QuadDot;
#elif HWY_TARGET <= HWY_SSE4
using BestSmallDot = SmallCodeDot;
using BestDot = PairDot;
#else
using BestSmallDot = PairDot;
using BestDot = PairDot;
#endif

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // per-target include guard
