#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace roentgen {

/// How the keys and values of tokens are kept.
enum class KeyValueType {
  kF32,
  kBF16,
  kQ8,  // 8 bits, with a scale (f32, largest magnitude / 127) for each head of each token
};

/// "f32", "bf16", "q8".
std::string_view KeyValueTypeName(KeyValueType type);
/// Nothing when the name is none of these.
std::optional<KeyValueType> ParseKeyValueType(std::string_view name);

/// A token's keys (or values): `heads` times head_dim values, head after head; in 8 bits the codes
/// of a head and then its scale.
struct KeyValueFormat {
  KeyValueType type = KeyValueType::kF32;
  size_t heads = 0;
  size_t head_dim = 0;

  size_t HeadBytes() const;
  size_t RowBytes() const { return heads * HeadBytes(); }
};

/// row [heads · head_dim] as the format has it; to takes RowBytes(). What is not finite stays so,
/// in 8 bits for its whole head.
void StoreKeyValueRow(const KeyValueFormat& format, const float* row, std::byte* to);

/// One head of `count` rows, row_bytes apart, in f32: to [count, head_dim].
void WidenKeyValueHead(const KeyValueFormat& format, const std::byte* from, size_t row_bytes,
                       size_t count, float* to);

}  // namespace roentgen
