#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace roentgen {

/// Element types, as safetensors names them.
enum class DType { kF32, kF16, kBF16, kI64, kI32, kU8 };

size_t DTypeSize(DType dtype);
constexpr bool IsFloat(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}
std::string_view DTypeName(DType dtype);
/// Nothing when the name is none of the types above.
std::optional<DType> ParseDType(std::string_view name);

/// The upper half of a float: 8 exponent bits, 7 stored fraction bits.
struct BFloat16 {
  uint16_t bits;
};

constexpr float ToFloat(BFloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}

/// Rounds to nearest, ties to even, as torch does. NaN stays NaN.
constexpr BFloat16 ToBFloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (value != value) return {static_cast<uint16_t>((bits >> 16) | 0x40u)};
  return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

/// IEEE 754 binary16.
struct Float16 {
  uint16_t bits;
};

float ToFloat(Float16 value);
/// Rounds to nearest, ties to even. What is too large becomes infinite; NaN stays NaN.
Float16 ToFloat16(float value);

}  // namespace roentgen
