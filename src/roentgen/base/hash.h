#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace roentgen {

inline constexpr uint64_t kFnv1a64Offset = 0xcbf29ce484222325ull;

/// FNV-1a, 64 bits; pass an earlier result to continue it.
constexpr uint64_t Fnv1a64(std::string_view bytes, uint64_t hash = kFnv1a64Offset) {
  for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3ull;
  return hash;
}

/// SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::span<const uint8_t> bytes);
std::string Sha256Hex(std::string_view bytes);

}  // namespace roentgen
