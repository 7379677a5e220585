#include "roentgen/kernels/key_value_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/key_value_rows.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#include "roentgen/kernels/row_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

void WidenBf16(const std::byte* from, size_t count, float* to) {
  const auto* bits = reinterpret_cast<const uint16_t*>(from);
  ForVectors(count, [&](auto d, size_t i) HWY_ATTR {
    const hn::Rebind<uint16_t, decltype(d)> half;
    const hn::RebindToUnsigned<decltype(d)> whole;
    const auto wide = hn::ShiftLeft<16>(hn::PromoteTo(whole, hn::LoadU(half, bits + i)));
    hn::StoreU(hn::BitCast(d, wide), d, to + i);
  });
}

void WidenQ8(const std::byte* from, size_t count, float* to) {
  float scale;
  std::memcpy(&scale, from + count, sizeof(scale));
  const auto* codes = reinterpret_cast<const int8_t*>(from);
  ForVectors(count, [&](auto d, size_t i) HWY_ATTR {
    const hn::Rebind<int8_t, decltype(d)> byte;
    const hn::RebindToSigned<decltype(d)> whole;
    const auto code = hn::ConvertTo(d, hn::PromoteTo(whole, hn::LoadU(byte, codes + i)));
    hn::StoreU(hn::Mul(code, hn::Set(d, scale)), d, to + i);
  });
}

void WidenHead(const KeyValueFormat& format, const std::byte* from, size_t row_bytes, size_t count,
               float* to) {
  for (size_t row = 0; row < count; ++row) {
    const std::byte* const head = from + row * row_bytes;
    float* const out = to + row * format.head_dim;
    switch (format.type) {
      case KeyValueType::kF32:
        std::memcpy(out, head, format.head_dim * sizeof(float));
        break;
      case KeyValueType::kBF16:
        WidenBf16(head, format.head_dim, out);
        break;
      case KeyValueType::kQ8:
        WidenQ8(head, format.head_dim, out);
        break;
    }
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>

#include "roentgen/tensor/dtype.h"

namespace roentgen {
namespace {

HWY_EXPORT(WidenHead);

constexpr KeyValueType kTypes[] = {KeyValueType::kF32, KeyValueType::kBF16, KeyValueType::kQ8};

void RoundHead(const float* values, size_t count, std::byte* to) {
  float most = 0;
  float nothing = 0;  // or NaN
  for (size_t i = 0; i < count; ++i) {
    most = std::max(most, std::abs(values[i]));
    nothing += 0.0f * values[i];
  }
  const bool usable = most > 1e-30f && std::isfinite(most);
  const float inverse = usable ? 127.0f / most : 0.0f;
  for (size_t i = 0; i < count; ++i) {
    const float code = std::isfinite(nothing) ? std::nearbyint(values[i] * inverse) : 0.0f;
    to[i] = static_cast<std::byte>(static_cast<int8_t>(code));
  }
  const float scale = (usable ? most / 127.0f : 0.0f) + nothing;
  std::memcpy(to + count, &scale, sizeof(scale));
}

}  // namespace

std::string_view KeyValueTypeName(KeyValueType type) {
  switch (type) {
    case KeyValueType::kF32:
      return "f32";
    case KeyValueType::kBF16:
      return "bf16";
    default:
      return "q8";
  }
}

std::optional<KeyValueType> ParseKeyValueType(std::string_view name) {
  for (const KeyValueType type : kTypes) {
    if (name == KeyValueTypeName(type)) return type;
  }
  return std::nullopt;
}

size_t KeyValueFormat::HeadBytes() const {
  switch (type) {
    case KeyValueType::kF32:
      return head_dim * sizeof(float);
    case KeyValueType::kBF16:
      return head_dim * sizeof(BFloat16);
    default:
      return head_dim + sizeof(float);
  }
}

void StoreKeyValueRow(const KeyValueFormat& format, const float* row, std::byte* to) {
  const size_t values = format.heads * format.head_dim;
  switch (format.type) {
    case KeyValueType::kF32:
      std::memcpy(to, row, values * sizeof(float));
      break;
    case KeyValueType::kBF16:
      for (size_t i = 0; i < values; ++i) {
        const BFloat16 rounded = ToBFloat16(row[i]);
        std::memcpy(to + i * sizeof(rounded), &rounded, sizeof(rounded));
      }
      break;
    case KeyValueType::kQ8:
      for (size_t head = 0; head < format.heads; ++head) {
        RoundHead(row + head * format.head_dim, format.head_dim, to + head * format.HeadBytes());
      }
      break;
  }
}

void WidenKeyValueHead(const KeyValueFormat& format, const std::byte* from, size_t row_bytes,
                       size_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(WidenHead)(format, from, row_bytes, count, to);
}

}  // namespace roentgen
#endif  // HWY_ONCE
