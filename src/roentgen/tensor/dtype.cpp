#include "roentgen/tensor/dtype.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

struct DTypeEntry {
  DType dtype;
  std::string_view name;
  size_t size;
};

constexpr std::array<DTypeEntry, 6> kDTypes{{{DType::kF32, "F32", 4},
                                             {DType::kF16, "F16", 2},
                                             {DType::kBF16, "BF16", 2},
                                             {DType::kI64, "I64", 8},
                                             {DType::kI32, "I32", 4},
                                             {DType::kU8, "U8", 1}}};

const DTypeEntry& EntryOf(DType dtype) {
  for (const DTypeEntry& entry : kDTypes) {
    if (entry.dtype == dtype) return entry;
  }
  throw Error("no such element type");
}

}  // namespace

size_t DTypeSize(DType dtype) {
  return EntryOf(dtype).size;
}

std::string_view DTypeName(DType dtype) {
  return EntryOf(dtype).name;
}

std::optional<DType> ParseDType(std::string_view name) {
  for (const DTypeEntry& entry : kDTypes) {
    if (entry.name == name) return entry.dtype;
  }
  return std::nullopt;
}

float ToFloat(Float16 value) {
  const uint32_t sign = static_cast<uint32_t>(value.bits & 0x8000u) << 16;
  const int exponent = (value.bits >> 10) & 0x1f;
  const uint32_t fraction = value.bits & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent == 0) {  // zero or subnormal: fraction · 2^-24, exact in a float
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (static_cast<uint32_t>(exponent + 112) << 23) |
                              (fraction << 13));
}

Float16 ToFloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
  const float magnitude = std::abs(value);
  if (value != value) return {static_cast<uint16_t>(sign | 0x7e00u)};
  if (magnitude >= 65520.0f) return {static_cast<uint16_t>(sign | 0x7c00u)};  // rounds to 2^16
  // Halves from here on are multiples of 2^-24 below 2^-14, else have 11 bits of fraction. A larger
  // power of two whose last place is theirs makes a float's addition round so.
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  const float last_place = std::ldexp(1.0f, std::max(exponent - 11, -24));
  const float rounder = last_place * 0x1p23f;
  const float rounded = (magnitude + rounder) - rounder;
  if (rounded < 0x1p-14f)
    return {static_cast<uint16_t>(sign | static_cast<uint16_t>(rounded * 0x1p24f))};
  const auto half = std::bit_cast<uint32_t>(rounded);
  return {static_cast<uint16_t>(sign | ((half >> 13) - (112u << 10)))};
}

}  // namespace roentgen
