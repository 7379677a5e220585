#pragma once

#include <string>
#include <vector>

namespace roentgen {

/// The instruction set that the kernels run on here: "AMX", "AVX-512", "AVX2 with VNNI", …
std::string InstructionSet();

/// The names of those that this processor has and the kernels are compiled for, the best first: on
/// x86 some of amx, avx512vnni, avx512, avx2vnni, avx2 and sse4.
std::vector<std::string> InstructionSets();

/// From now on the kernels use this instruction set and what it builds on. For measuring and
/// testing on one machine what another would do. Throws Error when the processor does not have it.
void UseInstructionSet(const std::string& name);

/// Whether products of many rows run on AMX tiles (amx_matmul.h), which come on top of AVX-512.
bool UsesAmx();

/// Whether products of bytes run on AVX-VNNI, which comes on top of AVX2.
bool UsesAvxVnni();

}  // namespace roentgen
