#pragma once

// Every kernel file includes this before Highway: which instruction sets it is compiled for.
// SSE4 is the baseline, AVX2 and AVX-512 (AVX3) are chosen at run time. SSSE3 lies below the
// baseline; AVX3_DL adds VNNI to AVX-512, which no f32 kernel uses, at the cost of compiling
// everything once more.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#endif
