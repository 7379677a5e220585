#include "roentgen/kernels/instruction_set.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/instruction_set.cpp"
#define ROENTGEN_KERNEL_OF_INTEGERS
#include "roentgen/base/ascii.h"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

int64_t Target() {
  return HWY_TARGET;
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>

#include "roentgen/base/error.h"
#include "roentgen/kernels/amx_tiles.h"

#if HWY_ARCH_X86
#include <cpuid.h>
#endif

namespace roentgen {
namespace {

HWY_EXPORT(Target);

constexpr int64_t kAvx512 = HWY_AVX3 | HWY_AVX3_DL;

// What comes on top of Highway's targets, where the processor has it.
std::atomic<bool> amx_allowed{true};
std::atomic<bool> avx_vnni_allowed{true};

bool ProcessorHasAvxVnni() {
#if HWY_ARCH_X86
  constexpr unsigned kAvxVnni = 1u << 4;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & kAvxVnni) != 0;
#else
  return false;
#endif
}

std::string NameOf(int64_t target) {
  if (target == HWY_AVX3) return "avx512";
  if (target == HWY_AVX3_DL) return "avx512vnni";
  return LowerAscii(hwy::TargetName(target));
}

struct Choice {
  std::string name;
  int64_t target;
  bool amx = false;
  bool avx_vnni = false;
};

/// What this processor has, the best first.
std::vector<Choice> Choices() {
  std::vector<Choice> choices;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (choices.empty() && (target & kAvx512) != 0 && AmxAvailable()) {
      choices.push_back({"amx", target, /*amx=*/true});
    }
    if (target == HWY_AVX2 && ProcessorHasAvxVnni()) {
      choices.push_back({"avx2vnni", target, /*amx=*/false, /*avx_vnni=*/true});
    }
    choices.push_back({NameOf(target), target});
  }
  return choices;
}

}  // namespace

bool UsesAmx() {
  return amx_allowed && (HWY_DYNAMIC_DISPATCH(Target)() & kAvx512) != 0 && AmxAvailable();
}

bool UsesAvxVnni() {
  static const bool available = ProcessorHasAvxVnni();
  return avx_vnni_allowed && available && HWY_DYNAMIC_DISPATCH(Target)() == HWY_AVX2;
}

std::string InstructionSet() {
  if (UsesAmx()) return "AMX";
  if (UsesAvxVnni()) return "AVX2 with VNNI";
  const int64_t target = HWY_DYNAMIC_DISPATCH(Target)();
  return (target & kAvx512) != 0 ? "AVX-512" : hwy::TargetName(target);
}

std::vector<std::string> InstructionSets() {
  std::vector<std::string> names;
  for (const Choice& choice : Choices()) names.push_back(choice.name);
  return names;
}

void UseInstructionSet(const std::string& name) {
  hwy::DisableTargets(0);
  const std::vector<Choice> choices = Choices();
  const auto choice = std::find_if(choices.begin(), choices.end(),
                                   [&](const Choice& one) { return one.name == name; });
  if (choice == choices.end()) {
    throw Error(name + ": no instruction set of this processor",
                fmt::format("It has {}.", fmt::join(InstructionSets(), ", ")));
  }
  amx_allowed = choice->amx;
  avx_vnni_allowed = choice->avx_vnni;
  hwy::DisableTargets(choice->target - 1);  // a better one is a lower bit
}

}  // namespace roentgen
#endif  // HWY_ONCE
