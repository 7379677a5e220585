#include "roentgen/kernels/instruction_set.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/instruction_set.cpp"
#define ROENTGEN_KERNEL_OF_INTEGERS
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
#include <cctype>

#include "roentgen/base/error.h"
#include "roentgen/kernels/amx_tiles.h"

namespace roentgen {
namespace {

HWY_EXPORT(Target);

std::atomic<bool> amx_allowed{true};

constexpr int64_t kAvx512 = HWY_AVX3 | HWY_AVX3_DL;

std::string NameOf(int64_t target) {
  if (target == HWY_AVX3) return "avx512";
  if (target == HWY_AVX3_DL) return "avx512vnni";
  std::string name = hwy::TargetName(target);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return name;
}

}  // namespace

bool UsesAmx() {
  return amx_allowed && (HWY_DYNAMIC_DISPATCH(Target)() & kAvx512) != 0 && AmxAvailable();
}

std::string InstructionSet() {
  if (UsesAmx()) return "AMX";
  const int64_t target = HWY_DYNAMIC_DISPATCH(Target)();
  return (target & kAvx512) != 0 ? "AVX-512" : hwy::TargetName(target);
}

std::vector<std::string> InstructionSets() {
  std::vector<std::string> names;
  if (AmxAvailable()) names.emplace_back("amx");
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    names.push_back(NameOf(target));
  }
  return names;
}

void UseInstructionSet(const std::string& name) {
  hwy::DisableTargets(0);
  const std::vector<std::string> names = InstructionSets();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw Error(name + ": no instruction set of this processor",
                fmt::format("It has {}.", fmt::join(names, ", ")));
  }
  amx_allowed = name == "amx";
  if (amx_allowed) return;
  const std::vector<int64_t> targets = hwy::SupportedAndGeneratedTargets();
  const auto target = std::find_if(targets.begin(), targets.end(),
                                   [&](int64_t one) { return NameOf(one) == name; });
  hwy::DisableTargets(*target - 1);  // a better one is a lower bit
}

}  // namespace roentgen
#endif  // HWY_ONCE
