#pragma once

#include <string>

#include "roentgen/base/thread_pool.h"

namespace roentgen {

/// The instruction set that the kernels run on here: "AVX-512", "AVX2", …
std::string InstructionSet();

/// From now on the kernels use at most this instruction set: "avx512", "avx2" or "sse4". For
/// measuring on one machine what another would do. Throws Error when the processor does not have
/// it.
void UseInstructionSet(const std::string& name);

/// The best rate of f32 multiply-adds that the team reaches in the widest vector unit, with
/// operands in registers; two operations each, per second.
double MeasureFmaPeak(ThreadPool& pool);

/// The best rate, in bytes per second, at which the team reads memory (far more than the caches
/// hold) from start to end.
double MeasureReadBandwidth(ThreadPool& pool);

}  // namespace roentgen
