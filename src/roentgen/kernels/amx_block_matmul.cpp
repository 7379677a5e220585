// A block of a strip of weights is what a tile instruction takes: 8 rows of 64 codes, each row four
// inputs of 16 outputs. With the codes of 16 tokens, a tile of 16 rows of 32, it makes 16×16 sums
// in 32 bits; vectors scale them and add them to those of the blocks before. Tiles and vectors take
// turns over the blocks, so that neither waits for the other.

#include "roentgen/kernels/amx_block_matmul.h"

#include "roentgen/kernels/amx_tiles.h"

#if ROENTGEN_HAS_AMX

#include <algorithm>
#include <array>

#include "roentgen/kernels/scratch.h"

#if HWY_COMPILER_GCC_ACTUAL
// Its own intrinsics start from vectors without a value (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,f16c,amx-tile,amx-int8")
namespace roentgen {
namespace {

constexpr size_t kBlockInputs = BlockWeights::kBlockInputs;
constexpr size_t kOutputs = BlockWeights::kStripOutputs;
constexpr size_t kTokens = 16;  // of a panel
constexpr size_t kRowBytes = 64;

// A block of a panel: codes [token][input], then scales [token] in f32.
constexpr size_t kTokenCodeBytes = kTokens * kBlockInputs;
constexpr size_t kTokenBlockBytes = kTokenCodeBytes + kTokens * sizeof(float);
// A block of a strip, made ready: signed codes [4 inputs][output · 4 + input], then scales [output]
// in f32.
constexpr size_t kWeightCodeBytes = BlockWeights::kBlockChunks * kRowBytes;
constexpr size_t kWeightBlockBytes = kWeightCodeBytes + kOutputs * sizeof(float);

// Of a task's weights, made ready: they stay in the second-level cache (2 MiB on every such
// processor) while all panels pass.
constexpr size_t kGroupBytes = size_t{1} << 20;

/// 32 values to codes; returns their scale. What is not finite makes the scale NaN.
float RoundBlock(const float* values, __mmask16 low_mask, __mmask16 high_mask, std::byte* codes) {
  const __m512 low = _mm512_maskz_loadu_ps(low_mask, values);
  const __m512 high = _mm512_maskz_loadu_ps(high_mask, values + 16);
  const float most = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
  const __m512 zero = _mm512_setzero_ps();
  const float nothing =  // or NaN
      _mm512_reduce_add_ps(_mm512_fmadd_ps(high, zero, _mm512_mul_ps(low, zero)));
  const __m512 inverse = _mm512_set1_ps(most > 1e-30f ? 127.0f / most : 0.0f);
  const auto store = [&](__m512 value, std::byte* to) {
    const __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(value, inverse));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtsepi32_epi8(whole));
  };
  store(low, codes);
  store(high, codes + 16);
  return (most > 1e-30f ? most / 127.0f : 0.0f) + nothing;
}

/// All tokens in 8 bits, panel by panel, in a panel block by block. What is beyond the last token
/// is zero.
class PackedTokens {
 public:
  PackedTokens(ConstMatrix x, ThreadPool& pool)
      : blocks(hwy::DivCeil(x.cols, kBlockInputs)), panels(hwy::DivCeil(x.rows, kTokens)) {
    static thread_local Scratch scratch;
    bytes_ = reinterpret_cast<std::byte*>(
        scratch.Floats(panels * blocks * kTokenBlockBytes / sizeof(float)));
    pool.ForEach(panels, [&](size_t panel, int) {
      for (size_t row = 0; row < kTokens; ++row) PackRow(x, panel * kTokens + row, Panel(panel));
    });
  }
  std::byte* Panel(size_t panel) const { return bytes_ + panel * blocks * kTokenBlockBytes; }

  size_t blocks;
  size_t panels;

 private:
  static __mmask16 FirstLanes(size_t count) {
    return static_cast<__mmask16>(count >= 16 ? 0xffff : (1u << count) - 1);
  }
  void PackRow(ConstMatrix x, size_t token, std::byte* panel) const {
    const size_t row = token % kTokens;
    for (size_t block = 0; block < blocks; ++block, panel += kTokenBlockBytes) {
      std::byte* const codes = panel + row * kBlockInputs;
      auto* const scale = reinterpret_cast<float*>(panel + kTokenCodeBytes) + row;
      if (token >= x.rows) {
        std::fill_n(codes, kBlockInputs, std::byte{0});
        *scale = 0;
        continue;
      }
      const size_t left = x.cols - block * kBlockInputs;
      *scale = RoundBlock(x.Row(token) + block * kBlockInputs, FirstLanes(left),
                          FirstLanes(left > 16 ? left - 16 : 0), codes);
    }
  }

  std::byte* bytes_;  // of the thread that packs, until it packs again
};

/// Codes less the middle, a byte each.
template <BlockScheme kScheme>
void ReadyCodes(const std::byte* block, std::byte* to) {
  const __m512i middle = _mm512_set1_epi8(static_cast<char>(BlockWeights::Middle(kScheme)));
  const __m512i lower_half = _mm512_set1_epi8(0x0f);
  constexpr size_t kLoads = BlockWeights::CodeBytes(kScheme) / kRowBytes;
  for (size_t load = 0; load < kLoads; ++load) {
    const __m512i bytes = _mm512_loadu_si512(block + load * kRowBytes);
    if constexpr (kScheme == BlockScheme::kQ8) {
      _mm512_store_si512(to + load * kRowBytes, _mm512_sub_epi8(bytes, middle));
    } else {
      const __m512i low = _mm512_and_si512(bytes, lower_half);
      const __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), lower_half);
      _mm512_store_si512(to + 2 * load * kRowBytes, _mm512_sub_epi8(low, middle));
      _mm512_store_si512(to + (2 * load + 1) * kRowBytes, _mm512_sub_epi8(high, middle));
    }
  }
}

/// Strips [first, last), strip by strip, block by block.
template <BlockScheme kScheme>
const std::byte* ReadyStrips(const BlockWeights& weight, size_t first, size_t last) {
  static thread_local Scratch scratch;
  auto* const ready = reinterpret_cast<std::byte*>(
      scratch.Floats((last - first) * weight.blocks() * kWeightBlockBytes / sizeof(float)));
  const std::byte* block = weight.Strip(first);
  std::byte* to = ready;
  for (size_t i = 0; i < (last - first) * weight.blocks(); ++i) {
    ReadyCodes<kScheme>(block, to);
    const auto* const scales =
        reinterpret_cast<const __m256i*>(block + BlockWeights::CodeBytes(kScheme));
    _mm512_store_ps(to + kWeightCodeBytes, _mm512_cvtph_ps(_mm256_loadu_si256(scales)));
    block += BlockWeights::BlockBytes(kScheme);
    to += kWeightBlockBytes;
  }
  return ready;
}

// Blocks that the tiles multiply while the vectors add as many before: the way of a sum from one to
// the other is some hundred cycles long.
constexpr size_t kRunBlocks = 4;

using BlockSums = std::array<int32_t, kTokens * kOutputs>;
using RunSums = std::array<BlockSums, kRunBlocks>;

/// Register kSums = the products of a block, whose codes go through two others. Not the intrinsics:
/// they want numbers that no template can give.
template <int kSums, int kTokenCodes, int kWeightCodes>
HWY_INLINE void MultiplyBlock(const std::byte* tokens, const std::byte* weights) {
  __asm__ volatile(
      "tilezero %%tmm%c0\n\t"
      "tileloadd (%3,%4,1), %%tmm%c1\n\t"
      "tileloadd (%5,%6,1), %%tmm%c2\n\t"
      "tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSums),
      "i"(kTokenCodes), "i"(kWeightCodes), "r"(tokens), "r"(kBlockInputs), "r"(weights),
      "r"(kRowBytes));
}

/// sums[block][token][output] of up to kRunBlocks blocks.
HWY_INLINE void MultiplyRun(const std::byte* tokens, const std::byte* weights, size_t blocks,
                            RunSums& sums) {
  const auto tokens_of = [&](size_t block) { return tokens + block * kTokenBlockBytes; };
  const auto weights_of = [&](size_t block) { return weights + block * kWeightBlockBytes; };
  MultiplyBlock<0, 4, 6>(tokens_of(0), weights_of(0));
  if (blocks > 1) MultiplyBlock<1, 5, 7>(tokens_of(1), weights_of(1));
  if (blocks > 2) MultiplyBlock<2, 4, 6>(tokens_of(2), weights_of(2));
  if (blocks > 3) MultiplyBlock<3, 5, 7>(tokens_of(3), weights_of(3));
  _tile_stored(0, sums[0].data(), kRowBytes);
  if (blocks > 1) _tile_stored(1, sums[1].data(), kRowBytes);
  if (blocks > 2) _tile_stored(2, sums[2].data(), kRowBytes);
  if (blocks > 3) _tile_stored(3, sums[3].data(), kRowBytes);
}

/// totals[token] += sums · scales.
HWY_INLINE void AddScaled(const BlockSums& sums, const std::byte* tokens, const std::byte* weights,
                          __m512 (&totals)[kTokens]) {
  const auto* const token_scales = reinterpret_cast<const float*>(tokens + kTokenCodeBytes);
  const __m512 output_scales = _mm512_load_ps(weights + kWeightCodeBytes);
#pragma GCC unroll 16
  for (size_t t = 0; t < kTokens; ++t) {
    const __m512 sum = _mm512_cvtepi32_ps(_mm512_load_si512(&sums[t * kOutputs]));
    const __m512 scale = _mm512_mul_ps(output_scales, _mm512_set1_ps(token_scales[t]));
    totals[t] = _mm512_fmadd_ps(sum, scale, totals[t]);
  }
}

HWY_INLINE void StoreStrip(const __m512 (&totals)[kTokens], const MatMulOutput& output, size_t row,
                           size_t col) {
  const size_t rows = std::min(kTokens, output.y.rows - row);
  const size_t cols = std::min(kOutputs, output.y.cols - col);
  const auto there = static_cast<__mmask16>((1u << cols) - 1);
#pragma GCC unroll 16
  for (size_t t = 0; t < kTokens; ++t) {
    if (t >= rows) break;
    float* const to = output.y.Row(row + t) + col;
    __m512 value = totals[t];
    if (!output.bias.empty()) {
      value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(there, output.bias.data() + col));
    }
    if (output.add) value = _mm512_add_ps(_mm512_maskz_loadu_ps(there, to), value);
    _mm512_mask_storeu_ps(to, there, value);
  }
}

/// A strip's outputs of a panel to y[row …][col …].
void StripProduct(const std::byte* tokens, const std::byte* weights, size_t blocks,
                  const MatMulOutput& output, size_t row, size_t col) {
  alignas(64) std::array<RunSums, 2> sums;
  __m512 totals[kTokens];
  for (__m512& total : totals) total = _mm512_setzero_ps();
  MultiplyRun(tokens, weights, std::min(kRunBlocks, blocks), sums[0]);
  for (size_t begin = 0, run = 0; begin < blocks; begin += kRunBlocks, ++run) {
    const size_t count = std::min(kRunBlocks, blocks - begin);
    const std::byte* const next_tokens = tokens + count * kTokenBlockBytes;
    const std::byte* const next_weights = weights + count * kWeightBlockBytes;
    const size_t next = std::min(kRunBlocks, blocks - begin - count);
    if (next > 0) MultiplyRun(next_tokens, next_weights, next, sums[(run + 1) % 2]);
    for (size_t i = 0; i < count; ++i) {
      AddScaled(sums[run % 2][i], tokens + i * kTokenBlockBytes, weights + i * kWeightBlockBytes,
                totals);
    }
    tokens = next_tokens;
    weights = next_weights;
  }
  StoreStrip(totals, output, row, col);
}

constexpr std::array<TileShape, TileRegisters::kCount> kShapes{
    {{kTokens, kRowBytes},  // sums
     {kTokens, kRowBytes},
     {kTokens, kRowBytes},
     {kTokens, kRowBytes},
     {kTokens, kBlockInputs},  // codes of tokens
     {kTokens, kBlockInputs},
     {BlockWeights::kBlockChunks, kRowBytes},  // codes of weights
     {BlockWeights::kBlockChunks, kRowBytes}}};

/// Strips [first, last) of an output for all tokens.
template <BlockScheme kScheme>
void GroupProduct(const PackedTokens& x, const MatMulOutput& output, size_t first, size_t last) {
  const auto& weight = static_cast<const BlockWeights&>(*output.weight.quantized);
  const std::byte* const ready = ReadyStrips<kScheme>(weight, first, last);
  const TileRegisters registers(kShapes);
  __asm__ volatile("" ::: "memory");
  for (size_t panel = 0; panel < x.panels; ++panel) {
    const std::byte* strip = ready;
    for (size_t s = first; s < last; ++s, strip += x.blocks * kWeightBlockBytes) {
      StripProduct(x.Panel(panel), strip, x.blocks, output, panel * kTokens, s * kOutputs);
    }
  }
}

}  // namespace

ProductTasks AmxBlockProducts(BlockScheme scheme, ConstMatrix x,
                              std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  const PackedTokens packed(x, pool);
  const StripGroups groups{static_cast<size_t>(pool.threads()), kWeightBlockBytes, kGroupBytes};
  return TasksOfStrips(
      outputs, groups, [packed, scheme](const MatMulOutput& output, size_t first, size_t last) {
        const auto group_product = scheme == BlockScheme::kQ4 ? GroupProduct<BlockScheme::kQ4>
                                                              : GroupProduct<BlockScheme::kQ8>;
        group_product(packed, output, first, last);
      });
}

}  // namespace roentgen
HWY_POP_ATTRIBUTES

#else

#include "roentgen/base/error.h"

namespace roentgen {

ProductTasks AmxBlockProducts(BlockScheme, ConstMatrix, std::span<const MatMulOutput>,
                              ThreadPool&) {
  throw Error("AMX: not on this processor", "");
}

}  // namespace roentgen

#endif
