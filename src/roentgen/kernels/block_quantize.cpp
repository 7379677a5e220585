#include "roentgen/kernels/block_quantize.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/block_quantize.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#include "roentgen/tensor/dtype.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A lane is an output: sums over the inputs of a block have one order then, however wide a vector
// is.
using Outputs = hn::CappedTag<float, BlockWeights::kStripOutputs>;

constexpr int kSearchSteps = 9;  // to either side, of a tenth of a code each

/// codes = value / scale, rounded, for inverse = 1 / scale.
HWY_INLINE hn::Vec<Outputs> RoundToCode(hn::Vec<Outputs> value, hn::Vec<Outputs> inverse,
                                        float lowest, float highest) {
  const Outputs d;
  const auto code = hn::Round(hn::Mul(value, inverse));
  return hn::Min(hn::Max(code, hn::Set(d, lowest)), hn::Set(d, highest));
}

/// 1 / value, and 0 for what is too small to be divided by.
HWY_INLINE hn::Vec<Outputs> InverseOrZero(hn::Vec<Outputs> value) {
  const Outputs d;
  const auto usable = hn::Gt(hn::Abs(value), hn::Set(d, 1e-30f));
  return hn::IfThenElseZero(usable, hn::Div(hn::Set(d, 1.0f), value));
}

/// The value of the largest magnitude among an output's inputs, with its sign.
HWY_INLINE hn::Vec<Outputs> Extreme(const float* values) {
  const Outputs d;
  auto extreme = hn::Zero(d);
  for (size_t i = 0; i < BlockWeights::kBlockInputs; ++i) {
    const auto value = hn::Load(d, values + i * BlockWeights::kStripOutputs);
    extreme = hn::IfThenElse(hn::Gt(hn::Abs(value), hn::Abs(extreme)), value, extreme);
  }
  return extreme;
}

/// The scale of 4-bit codes that leaves the least squared error. With codes q fixed the best scale
/// is Σxq / Σq², and what it explains of Σx² is (Σxq)² / Σq².
HWY_INLINE hn::Vec<Outputs> BestScale4(const float* values) {
  const Outputs d;
  const auto inverse_extreme = InverseOrZero(Extreme(values));
  auto best = hn::Zero(d);
  auto most = hn::Zero(d);
  for (int step = -kSearchSteps; step <= kSearchSteps; ++step) {
    const float codes = -8.0f - 0.1f * static_cast<float>(step);
    const auto inverse = hn::Mul(inverse_extreme, hn::Set(d, codes));
    auto products = hn::Zero(d);
    auto squares = hn::Zero(d);
    for (size_t i = 0; i < BlockWeights::kBlockInputs; ++i) {
      const auto value = hn::Load(d, values + i * BlockWeights::kStripOutputs);
      const auto code = RoundToCode(value, inverse, -8.0f, 7.0f);
      products = hn::Add(products, hn::Mul(value, code));
      squares = hn::Add(squares, hn::Mul(code, code));
    }
    const auto scale = hn::Mul(products, InverseOrZero(squares));
    const auto explained = hn::Mul(products, scale);
    const auto better = hn::Gt(explained, most);
    most = hn::IfThenElse(better, explained, most);
    best = hn::IfThenElse(better, scale, best);
  }
  return best;
}

/// Scales, rounded to the f16 that is stored, and codes [inputs][outputs], of one block.
/// values: [inputs][outputs].
template <BlockScheme kScheme>
void BlockCodes(const float* values, uint16_t* scales, uint8_t* codes) {
  const Outputs d;
  const hn::Rebind<int32_t, Outputs> whole;
  const hn::Rebind<uint8_t, Outputs> byte;
  constexpr float kMiddle = BlockWeights::Middle(kScheme);
  constexpr float kLowest = kScheme == BlockScheme::kQ4 ? -8.0f : -127.0f;
  for (size_t at = 0; at < BlockWeights::kStripOutputs; at += hn::Lanes(d)) {
    const auto wanted = kScheme == BlockScheme::kQ4
                            ? BestScale4(values + at)
                            : hn::Mul(hn::Abs(Extreme(values + at)), hn::Set(d, 1.0f / 127));
    HWY_ALIGN float rounded[BlockWeights::kStripOutputs];
    hn::Store(wanted, d, rounded);
    for (size_t i = 0; i < hn::Lanes(d); ++i) {
      const Float16 half = ToFloat16(rounded[i]);
      scales[at + i] = half.bits;
      rounded[i] = ToFloat(half);
    }
    const auto inverse = InverseOrZero(hn::Load(d, rounded));
    for (size_t i = 0; i < BlockWeights::kBlockInputs; ++i) {
      const size_t place = i * BlockWeights::kStripOutputs + at;
      const auto code = RoundToCode(hn::Load(d, values + place), inverse, kLowest, kMiddle - 1);
      const auto shifted = hn::ConvertTo(whole, hn::Add(code, hn::Set(d, kMiddle)));
      hn::StoreU(hn::DemoteTo(byte, shifted), byte, codes + place);
    }
  }
}

void BlockCodesOf(BlockScheme scheme, const float* values, uint16_t* scales, uint8_t* codes) {
  (scheme == BlockScheme::kQ4 ? BlockCodes<BlockScheme::kQ4>
                              : BlockCodes<BlockScheme::kQ8>)(values, scales, codes);
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace {

HWY_EXPORT(BlockCodesOf);

constexpr size_t kOutputs = BlockWeights::kStripOutputs;
constexpr size_t kInputs = BlockWeights::kBlockInputs;
constexpr float kLargestHalf = 65504;

/// values[input][output] of one block of a strip, 0 beyond the matrix.
void ReadBlock(const WeightMatrix& weight, size_t strip, size_t block, float* values) {
  std::fill_n(values, kInputs * kOutputs, 0.0f);
  const size_t begin = block * kInputs;
  const size_t inputs = std::min(kInputs, weight.cols - begin);
  const size_t outputs = std::min(kOutputs, weight.rows - strip * kOutputs);
  for (size_t output = 0; output < outputs; ++output) {
    float row[kInputs];
    WidenRow(weight, strip * kOutputs + output, begin, {row, inputs});
    for (size_t i = 0; i < inputs; ++i) values[i * kOutputs + output] = row[i];
  }
}

void RequireInRange(const float* values, BlockScheme scheme) {
  const float limit = kLargestHalf * (scheme == BlockScheme::kQ4 ? 8.0f : 127.0f);
  for (size_t i = 0; i < kInputs * kOutputs; ++i) {
    if (std::abs(values[i]) <= limit) continue;
    throw Error(
        fmt::format("a weight of {} cannot be told in {}", values[i], BlockSchemeName(scheme)));
  }
}

/// One block as it lies in memory, from codes [inputs][outputs].
void WriteBlock(BlockScheme scheme, const uint8_t* codes, const uint16_t* scales, std::byte* to) {
  constexpr size_t kChunk = BlockWeights::kChunkCodes;
  std::byte chunks[kInputs * kOutputs];
  for (size_t input = 0; input < kInputs; ++input) {
    const size_t chunk = input / BlockWeights::kChunkInputs;
    for (size_t output = 0; output < kOutputs; ++output) {
      const size_t place = output * BlockWeights::kChunkInputs + input % BlockWeights::kChunkInputs;
      chunks[chunk * kChunk + place] = std::byte{codes[input * kOutputs + output]};
    }
  }
  if (scheme == BlockScheme::kQ8) {
    std::memcpy(to, chunks, sizeof(chunks));
  } else {
    for (size_t i = 0; i < sizeof(chunks) / 2; ++i) {
      const std::byte* const first = chunks + i / kChunk * 2 * kChunk + i % kChunk;
      to[i] = first[0] | first[kChunk] << 4;
    }
  }
  std::memcpy(to + BlockWeights::CodeBytes(scheme), scales, kOutputs * sizeof(uint16_t));
}

}  // namespace

std::shared_ptr<const BlockWeights> QuantizeBlocks(const WeightMatrix& weight, BlockScheme scheme,
                                                   ThreadPool& pool) {
  AlignedBytes bytes(BlockWeights::Bytes(scheme, weight.rows, weight.cols));
  const size_t blocks = hwy::DivCeil(weight.cols, kInputs);
  const size_t block_bytes = BlockWeights::BlockBytes(scheme);
  pool.ForEach(hwy::DivCeil(weight.rows, kOutputs), [&](size_t strip, int) {
    for (size_t block = 0; block < blocks; ++block) {
      alignas(AlignedBytes::kAlignment) float values[kInputs * kOutputs];
      uint16_t scales[kOutputs];
      uint8_t codes[kInputs * kOutputs];
      ReadBlock(weight, strip, block, values);
      RequireInRange(values, scheme);
      HWY_DYNAMIC_DISPATCH(BlockCodesOf)(scheme, values, scales, codes);
      WriteBlock(scheme, codes, scales, bytes.data() + (strip * blocks + block) * block_bytes);
    }
  });
  return std::make_shared<BlockWeights>(scheme, weight.rows, weight.cols, std::move(bytes));
}

}  // namespace roentgen
#endif  // HWY_ONCE
