#pragma once

// Every kernel file includes this before Highway: which instruction sets it is compiled for.
// SSE4 is the baseline, AVX2 and AVX-512 (AVX3) are chosen at run time. SSSE3 lies below the
// baseline. AVX3_DL adds VNNI to AVX-512, dot products of bytes, which only the integer kernels
// use: they define ROENTGEN_KERNEL_OF_INTEGERS before, the others are not compiled once more. On
// ARM it is NEON: vectors whose size is not known before the program runs (SVE) cannot be kept in
// arrays, as sums are here.
#ifndef HWY_DISABLED_TARGETS
#define ROENTGEN_SIZELESS_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#ifdef ROENTGEN_KERNEL_OF_INTEGERS
#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | ROENTGEN_SIZELESS_TARGETS)
#else
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | ROENTGEN_SIZELESS_TARGETS)
#endif
#endif
