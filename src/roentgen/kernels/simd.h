#pragma once

// Every kernel file includes this before Highway: which instruction sets it is compiled for.
// SSE4 is the baseline, AVX2 and AVX-512 (AVX3) are chosen at run time. SSSE3 lies below the
// baseline. AVX3_DL adds VNNI to AVX-512, dot products of bytes, which only the integer kernels
// use: they define ROENTGEN_KERNEL_OF_INTEGERS before, the others are not compiled once more.
#ifndef HWY_DISABLED_TARGETS
#ifdef ROENTGEN_KERNEL_OF_INTEGERS
#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS HWY_SSSE3
#else
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#endif
#endif
