#include "roentgen/kernels/amx_pack.h"

#if ROENTGEN_HAS_AMX

#include <algorithm>
#include <array>
#include <cstdint>

#include "roentgen/kernels/fetch_lines.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/tensor/block_weights.h"

#if HWY_COMPILER_GCC_ACTUAL
// Its own intrinsics start from vectors without a value (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,f16c")
namespace roentgen {
namespace {

using Tile = __m512i[kTileLines];

__m512 Widen(__m256i bf16) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bf16), 16));
}

/// parts[p] = the p-th bf16 numbers of `low`, then those of `high`.
template <size_t kCount>
void Split(__m512 low, __m512 high, __m512i (&parts)[kCount]) {
  for (size_t p = 0; p < kCount; ++p) {
    if (p > 0) {  // what the parts before left: exact
      low = _mm512_sub_ps(low, Widen(_mm512_castsi512_si256(parts[p - 1])));
      high = _mm512_sub_ps(high, Widen(_mm512_extracti64x4_epi64(parts[p - 1], 1)));
    }
    parts[p] = (__m512i)_mm512_cvtne2ps_pbh(high, low);
  }
}

/// Rows become columns, of 16×16 words of 32 bits.
void Transpose(Tile& tile) {
  Tile pairs;
  for (size_t i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(tile[i], tile[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi32(tile[i], tile[i + 1]);
  }
  Tile quads;  // quads[4·b + i]: column i of each 4×4 block of rows 4·b to 4·b + 3
  for (size_t i = 0; i < 16; i += 4) {
    quads[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    quads[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    quads[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    quads[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
  for (size_t i = 0; i < 4; ++i) {
    const __m512i low01 = _mm512_shuffle_i32x4(quads[i], quads[4 + i], 0x88);
    const __m512i high01 = _mm512_shuffle_i32x4(quads[i], quads[4 + i], 0xdd);
    const __m512i low23 = _mm512_shuffle_i32x4(quads[8 + i], quads[12 + i], 0x88);
    const __m512i high23 = _mm512_shuffle_i32x4(quads[8 + i], quads[12 + i], 0xdd);
    tile[i] = _mm512_shuffle_i32x4(low01, low23, 0x88);
    tile[4 + i] = _mm512_shuffle_i32x4(high01, high23, 0x88);
    tile[8 + i] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
    tile[12 + i] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
  }
}

/// The halves of 16 numbers, one of each in turn.
__m512i Interleave(__m512i halves) {
  alignas(64) static constexpr std::array<uint16_t, 32> kOrder{
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return _mm512_permutexvar_epi16(_mm512_load_si512(kOrder.data()), halves);
}

constexpr size_t ElementBytes(DType type) {
  return type == DType::kF32 ? 4 : 2;
}

/// The parts of 16 values at `low` and of 16 at `high`, those that the masks leave out 0.
template <DType kType, size_t kCount>
void LoadParts(const std::byte* low, __mmask16 low_mask, const std::byte* high, __mmask16 high_mask,
               __m512i (&parts)[kCount]) {
  if constexpr (kType == DType::kF32) {
    Split(_mm512_maskz_loadu_ps(low_mask, low), _mm512_maskz_loadu_ps(high_mask, high), parts);
  } else {
    const __m256i low_bits = _mm256_maskz_loadu_epi16(low_mask, low);
    const __m256i high_bits = _mm256_maskz_loadu_epi16(high_mask, high);
    if constexpr (kType == DType::kF16) {
      Split(_mm512_cvtph_ps(low_bits), _mm512_cvtph_ps(high_bits), parts);
    } else {
      parts[0] = _mm512_inserti64x4(_mm512_castsi256_si512(low_bits), high_bits, 1);
    }
  }
}

/// Of [begin, end), nothing when it is past its end.
size_t Remaining(size_t end, size_t begin) {
  return begin < end ? end - begin : 0;
}

/// Row i of a tile before it is turned, of every part. Of a matrix whose rows are the lines: the
/// depth of line i. Else two depths' lines, pair by pair.
template <DType kType, bool kLinesAreRows, size_t kCount>
void LoadTileRow(const TileOperand& operand, size_t line, size_t depth, size_t i,
                 __m512i (&parts)[kCount]) {
  const WeightMatrix& values = operand.values;
  if constexpr (kLinesAreRows) {
    const bool there = line + i < values.rows;
    const __mmask16 low = there ? FirstLanes(Remaining(values.cols, depth)) : 0;
    const __mmask16 high = there ? FirstLanes(Remaining(values.cols, depth + 16)) : 0;
    const std::byte* const row =
        values.data + (line + i) * operand.row_bytes + depth * ElementBytes(kType);
    LoadParts<kType>(row, low, row + 16 * ElementBytes(kType), high, parts);
  } else {
    const __mmask16 mask = FirstLanes(values.cols - line);
    const std::byte* const row =
        values.data + (depth + 2 * i) * operand.row_bytes + line * ElementBytes(kType);
    LoadParts<kType>(row, depth + 2 * i < values.rows ? mask : 0, row + operand.row_bytes,
                     depth + 2 * i + 1 < values.rows ? mask : 0, parts);
    for (__m512i& part : parts) part = Interleave(part);
  }
}

/// Tiles of lines [line, line + 16) and depth [depth, depth + 32), one for each part. The left
/// operand wants the lines as rows, the right one the depth.
template <DType kType, bool kLinesAreRows, TileSide kSide, size_t kCount>
void PackTile(const TileOperand& operand, size_t line, size_t depth, std::byte* to) {
  constexpr bool kTurns = kLinesAreRows == (kSide == TileSide::kRight);
  const auto store = [to](size_t p, size_t i, __m512i row) {
    _mm512_store_si512(to + p * PanelBytes(kSide) + i * kTileRowBytes, row);
  };
  [[maybe_unused]] Tile tiles[kTurns ? kCount : 1];
  for (size_t i = 0; i < kTileLines; ++i) {
    __m512i parts[kCount];
    LoadTileRow<kType, kLinesAreRows>(operand, line, depth, i, parts);
    for (size_t p = 0; p < kCount; ++p) {
      if constexpr (kTurns) {
        tiles[p][i] = parts[p];
      } else {
        store(p, i, parts[p]);
      }
    }
  }
  if constexpr (kTurns) {
    for (size_t p = 0; p < kCount; ++p) {
      Transpose(tiles[p]);
      for (size_t i = 0; i < kTileLines; ++i) store(p, i, tiles[p][i]);
    }
  }
}

using TilePacker = void (*)(const TileOperand&, size_t line, size_t depth, std::byte* to);

template <DType kType, size_t kCount>
TilePacker PackerOf(bool lines_are_rows, TileSide side) {
  if (side == TileSide::kLeft) {
    return lines_are_rows ? PackTile<kType, true, TileSide::kLeft, kCount>
                          : PackTile<kType, false, TileSide::kLeft, kCount>;
  }
  return lines_are_rows ? PackTile<kType, true, TileSide::kRight, kCount>
                        : PackTile<kType, false, TileSide::kRight, kCount>;
}

TilePacker PackerOf(const TileOperand& operand, TileSide side) {
  switch (operand.values.dtype) {
    case DType::kBF16:
      return PackerOf<DType::kBF16, 1>(operand.lines_are_rows, side);
    case DType::kF16:
      return PackerOf<DType::kF16, kParts>(operand.lines_are_rows, side);
    default:
      return operand.parts == 1 ? PackerOf<DType::kF32, 1>(operand.lines_are_rows, side)
                                : PackerOf<DType::kF32, kParts>(operand.lines_are_rows, side);
  }
}

/// A chunk of codes (BlockWeights), a byte each: two rows of a right tile.
template <BlockScheme kScheme>
void PackChunk(__m512i codes, __m512 scales, std::byte* to) {
  const __m512 zero = _mm512_mul_ps(scales, _mm512_set1_ps(BlockWeights::Middle(kScheme)));
  const __m512i byte = _mm512_set1_epi32(0xff);
  const auto value = [&](__m512i code) {  // scale · (code − middle), exact
    return _mm512_fmsub_ps(_mm512_cvtepi32_ps(_mm512_and_si512(code, byte)), scales, zero);
  };
  __m512i rows[2][1];
  Split(value(codes), value(_mm512_srli_epi32(codes, 8)), rows[0]);
  Split(value(_mm512_srli_epi32(codes, 16)), value(_mm512_srli_epi32(codes, 24)), rows[1]);
  _mm512_store_si512(to, Interleave(rows[0][0]));
  _mm512_store_si512(to + kTileRowBytes, Interleave(rows[1][0]));
}

/// A block of a strip: a tile of the right operand.
template <BlockScheme kScheme>
void PackBlock(const std::byte* block, std::byte* to) {
  static_assert(BlockWeights::kBlockInputs == kTileDepth &&
                BlockWeights::kStripOutputs == kTileLines);
  constexpr size_t kChunkBytes = BlockWeights::kChunkInputs / 2 * kTileRowBytes;
  const auto* const scale_bits =
      reinterpret_cast<const __m256i*>(block + BlockWeights::CodeBytes(kScheme));
  const __m512 scales = _mm512_cvtph_ps(_mm256_loadu_si256(scale_bits));
  const __m512i lower_half = _mm512_set1_epi8(0x0f);
  for (size_t at = 0; at < BlockWeights::CodeBytes(kScheme); at += BlockWeights::kChunkCodes) {
    const __m512i bytes = _mm512_loadu_si512(block + at);
    if constexpr (kScheme == BlockScheme::kQ8) {
      PackChunk<kScheme>(bytes, scales, to);
      to += kChunkBytes;
    } else {
      PackChunk<kScheme>(_mm512_and_si512(bytes, lower_half), scales, to);
      PackChunk<kScheme>(_mm512_and_si512(_mm512_srli_epi16(bytes, 4), lower_half), scales,
                         to + kChunkBytes);
      to += 2 * kChunkBytes;
    }
  }
}

/// PackPanel of a quantised matrix.
void PackWidened(const TileOperand& operand, TileSide side, const PanelSteps& part, std::byte* to) {
  const size_t begin = part.first_step * kTileDepth;
  const size_t depth = std::min(part.steps * kTileDepth, operand.depth() - begin);
  const size_t lines = std::min(PanelLines(side), operand.lines() - part.line);
  const auto [row, rows, col, cols] = operand.lines_are_rows
                                          ? std::array{part.line, lines, begin, depth}
                                          : std::array{begin, depth, part.line, lines};
  static thread_local Scratch scratch;
  const Matrix floats{scratch.Floats(rows * cols), rows, cols, cols};
  for (size_t r = 0; r < rows; ++r) {
    operand.values.quantized->Widen(row + r, col, {floats.Row(r), cols});
  }
  const ConstMatrix widened = floats;
  PackPanel(operand.lines_are_rows ? TileOperand::Rows(widened) : TileOperand::Columns(widened),
            side, {0, 0, part.steps}, to);
}

/// PackPanel of weights in blocks, rounded.
void PackBlocks(const BlockWeights& weight, const PanelSteps& part, std::byte* to) {
  const auto pack = weight.scheme() == BlockScheme::kQ4 ? PackBlock<BlockScheme::kQ4>
                                                        : PackBlock<BlockScheme::kQ8>;
  const size_t block_bytes = BlockWeights::BlockBytes(weight.scheme());
  const size_t first = part.line / kTileLines;
  const size_t tiles = std::min(PanelTiles(TileSide::kRight), weight.strips() - first);
  for (size_t tile = 0; tile < tiles; ++tile) {
    const std::byte* const blocks = weight.Strip(first + tile) + part.first_step * block_bytes;
    for (size_t step = 0; step < part.steps; ++step) {
      pack(blocks + step * block_bytes,
           to + step * PanelBytes(TileSide::kRight) + tile * kTileBytes);
    }
  }
}

}  // namespace

void PackPanel(const TileOperand& operand, TileSide side, const PanelSteps& part, std::byte* to) {
  const WeightMatrix& values = operand.values;
  if (values.quantized != nullptr) {
    if (operand.parts > 1) return PackWidened(operand, side, part, to);
    return PackBlocks(static_cast<const BlockWeights&>(*values.quantized), part, to);
  }
  const TilePacker pack = PackerOf(operand, side);
  const size_t tiles =
      std::min(PanelTiles(side), hwy::DivCeil(operand.lines() - part.line, kTileLines));
  for (size_t step = 0; step < part.steps; ++step, to += operand.parts * PanelBytes(side)) {
    for (size_t tile = 0; tile < tiles; ++tile) {
      pack(operand, part.line + tile * kTileLines, (part.first_step + step) * kTileDepth,
           to + tile * kTileBytes);
    }
  }
}

void PackRight(const TileOperand& operand, size_t first, size_t last, size_t first_step,
               size_t steps, std::byte* to) {
  constexpr size_t kLines = PanelLines(TileSide::kRight);
  const size_t step_bytes = operand.parts * PanelBytes(TileSide::kRight);
  if (operand.lines_are_rows || operand.values.quantized != nullptr) {
    for (size_t panel = first; panel < last; ++panel, to += steps * step_bytes) {
      PackPanel(operand, TileSide::kRight, {panel * kLines, first_step, steps}, to);
    }
    return;
  }
  // Along the rows, as memory is read. What is taken of a row is too short for the processor to
  // foresee the next ones, so those are fetched a step ahead.
  const size_t bytes_of_line = ElementBytes(operand.values.dtype);
  const size_t row_part =
      (std::min(last * kLines, operand.values.cols) - first * kLines) * bytes_of_line;
  for (size_t step = 0; step < steps; ++step) {
    const size_t next = (first_step + step + 1) * kTileDepth;
    for (size_t row = next; row < std::min(next + kTileDepth, operand.values.rows); ++row) {
      FetchLines(operand.values.data + row * operand.row_bytes + first * kLines * bytes_of_line,
                 row_part);
    }
    for (size_t panel = first; panel < last; ++panel) {
      PackPanel(operand, TileSide::kRight, {panel * kLines, first_step + step, 1},
                to + ((panel - first) * steps + step) * step_bytes);
    }
  }
}

}  // namespace roentgen
HWY_POP_ATTRIBUTES

#endif  // ROENTGEN_HAS_AMX
