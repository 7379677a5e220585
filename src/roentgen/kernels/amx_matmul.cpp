// Block of depth by block of depth the left operand is packed, each task packs the columns of the
// right one that are its own and lets all rows pass. Packed means: split into bf16 parts and laid
// out as the tile instructions read them. The blocks are outermost, since a packed left operand of
// all depth (6 bytes a value) does not stay in the third-level cache, and a block does.
//
// A tile of the left operand holds 16 rows × 32 of the depth. One of the right operand holds 16
// pairs of the depth × 16 columns × 2. Four tiles of sums, 16 rows × 64 columns, stay in registers
// while a block of depth passes: with the three parts of a left tile beside them this reads the
// fewest tiles, and of all rows the fewest values, for a product. A low rank is some more depth
// behind the last block.

#include "roentgen/kernels/amx_matmul.h"

#include "roentgen/kernels/amx_tiles.h"

#if ROENTGEN_HAS_AMX

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "roentgen/kernels/fetch_lines.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/tensor/block_weights.h"

#if HWY_COMPILER_GCC_ACTUAL
// Its own intrinsics start from vectors without a value (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,f16c,amx-tile,amx-bf16")
namespace roentgen {
namespace {

constexpr size_t kTileLines = 16;  // rows of the left operand, columns of the right one
constexpr size_t kTileDepth = 32;  // bf16 numbers in 64 bytes
constexpr size_t kTileRowBytes = 64;
constexpr size_t kTileBytes = kTileLines * kTileRowBytes;
constexpr size_t kParts = 3;  // of a float
// Of a block of depth: a hidden size of 1536 is one, and its results are written once.
constexpr size_t kMaxSteps = 48;
// Of a task's right operand; it stays in the second-level cache (2 MiB on every such processor)
// beside two left panels (144 KiB each).
constexpr size_t kTaskBytes = size_t{896} << 10;
// Up to this many panels of columns, less than a team's worth of tasks, rows are shared instead.
constexpr size_t kFewPanels = 2;

/// Which operand of the tile instructions: it says how a tile is laid out.
enum class Side { kLeft, kRight };

/// What passes the tiles of sums together: a panel, so many tiles of an operand's lines.
constexpr size_t PanelTiles(Side side) {
  return side == Side::kLeft ? 1 : 4;
}
constexpr size_t PanelLines(Side side) {
  return PanelTiles(side) * kTileLines;
}
/// Of one part and one step of depth.
constexpr size_t PanelBytes(Side side) {
  return PanelTiles(side) * kTileBytes;
}

/// A matrix of which one direction is the product's depth; across it lie the lines, which are rows
/// or columns of the result.
struct Operand {
  WeightMatrix values;
  size_t row_bytes;
  bool lines_are_rows;
  size_t parts;  // bf16 numbers that a value is the sum of, or rounded to

  static Operand Rows(const WeightMatrix& weight) {
    return {weight, weight.RowBytes(), true, PartsOf(weight)};
  }
  static Operand Columns(const WeightMatrix& weight) {
    return {weight, weight.RowBytes(), false, PartsOf(weight)};
  }
  static Operand Rows(ConstMatrix x) {
    return {AsWeights(x), x.stride * sizeof(float), true, kParts};
  }
  static Operand Columns(ConstMatrix x) {
    return {AsWeights(x), x.stride * sizeof(float), false, kParts};
  }
  static size_t PartsOf(const WeightMatrix& weight) {
    return weight.quantized == nullptr && weight.dtype == DType::kBF16 ? 1 : kParts;
  }

  Operand Rounded() const {
    Operand rounded = *this;
    rounded.parts = 1;
    return rounded;
  }
  size_t lines() const { return lines_are_rows ? values.rows : values.cols; }
  size_t depth() const { return lines_are_rows ? values.cols : values.rows; }
};

/// How the depth is cut: into steps of one tile, and these into blocks of equal size (the last may
/// be shorter).
struct DepthBlocks {
  explicit DepthBlocks(size_t depth)
      : steps(hwy::DivCeil(depth, kTileDepth)),
        count(hwy::DivCeil(steps, kMaxSteps)),
        size(hwy::DivCeil(steps, count)) {}
  size_t Begin(size_t block) const { return std::min(block * size, steps); }
  size_t Steps(size_t block) const { return Begin(block + 1) - Begin(block); }

  size_t steps;
  size_t count;
  size_t size;
};

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

/// The first `count` of 16.
__mmask16 FirstLanes(size_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffff : (1u << count) - 1);
}

/// Of [begin, end), nothing when it is past its end.
size_t Remaining(size_t end, size_t begin) {
  return begin < end ? end - begin : 0;
}

/// Row i of a tile before it is turned, of every part. Of a matrix whose rows are the lines: the
/// depth of line i. Else two depths' lines, pair by pair.
template <DType kType, bool kLinesAreRows, size_t kCount>
void LoadTileRow(const Operand& operand, size_t line, size_t depth, size_t i,
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
template <DType kType, bool kLinesAreRows, Side kSide, size_t kCount>
void PackTile(const Operand& operand, size_t line, size_t depth, std::byte* to) {
  constexpr bool kTurns = kLinesAreRows == (kSide == Side::kRight);
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

using TilePacker = void (*)(const Operand&, size_t line, size_t depth, std::byte* to);

template <DType kType, size_t kCount>
TilePacker PackerOf(bool lines_are_rows, Side side) {
  if (side == Side::kLeft) {
    return lines_are_rows ? PackTile<kType, true, Side::kLeft, kCount>
                          : PackTile<kType, false, Side::kLeft, kCount>;
  }
  return lines_are_rows ? PackTile<kType, true, Side::kRight, kCount>
                        : PackTile<kType, false, Side::kRight, kCount>;
}

TilePacker PackerOf(const Operand& operand, Side side) {
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

/// Steps of a panel's depth.
struct PanelSteps {
  size_t line;  // the panel's first
  size_t first_step;
  size_t steps;
};

void PackWidened(const Operand& operand, Side side, const PanelSteps& part, std::byte* to);
void PackBlocks(const BlockWeights& weight, const PanelSteps& part, std::byte* to);

/// A panel in steps of depth, which lie one after the other; in a step the parts, in a part the
/// tiles. Tiles without lines are left out.
void PackPanel(const Operand& operand, Side side, const PanelSteps& part, std::byte* to) {
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

/// PackPanel of a quantised matrix.
void PackWidened(const Operand& operand, Side side, const PanelSteps& part, std::byte* to) {
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
  PackPanel(operand.lines_are_rows ? Operand::Rows(widened) : Operand::Columns(widened), side,
            {0, 0, part.steps}, to);
}

/// PackPanel of weights in blocks, rounded.
void PackBlocks(const BlockWeights& weight, const PanelSteps& part, std::byte* to) {
  const auto pack = weight.scheme() == BlockScheme::kQ4 ? PackBlock<BlockScheme::kQ4>
                                                        : PackBlock<BlockScheme::kQ8>;
  const size_t block_bytes = BlockWeights::BlockBytes(weight.scheme());
  const size_t first = part.line / kTileLines;
  const size_t tiles = std::min(PanelTiles(Side::kRight), weight.strips() - first);
  for (size_t tile = 0; tile < tiles; ++tile) {
    const std::byte* const blocks = weight.Strip(first + tile) + part.first_step * block_bytes;
    for (size_t step = 0; step < part.steps; ++step) {
      pack(blocks + step * block_bytes, to + step * PanelBytes(Side::kRight) + tile * kTileBytes);
    }
  }
}

/// Panels [first, last) of the right operand one after the other.
void PackRight(const Operand& operand, size_t first, size_t last, size_t first_step, size_t steps,
               std::byte* to) {
  constexpr size_t kLines = PanelLines(Side::kRight);
  const size_t step_bytes = operand.parts * PanelBytes(Side::kRight);
  if (operand.lines_are_rows || operand.values.quantized != nullptr) {
    for (size_t panel = first; panel < last; ++panel, to += steps * step_bytes) {
      PackPanel(operand, Side::kRight, {panel * kLines, first_step, steps}, to);
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
      PackPanel(operand, Side::kRight, {panel * kLines, first_step + step, 1},
                to + ((panel - first) * steps + step) * step_bytes);
    }
  }
}

/// A part of a product's depth, packed: panels of all rows, and of a task's columns.
struct PackedPart {
  const std::byte* left;
  const std::byte* right;
  size_t left_parts;  // bf16 numbers to a value
  size_t right_parts;
  size_t steps;

  const std::byte* Left(size_t panel) const {
    return left + panel * steps * left_parts * PanelBytes(Side::kLeft);
  }
  const std::byte* Right(size_t panel) const {
    return right + panel * steps * right_parts * PanelBytes(Side::kRight);
  }
  /// How many left parts a right part is multiplied with: the products with the others are below
  /// the precision of a float.
  size_t LeftPartsOf(size_t right_part) const { return std::min(left_parts, kParts - right_part); }
};

/// What is read next, brought into the second-level cache a little with each tile product: the
/// tiles wait for the line buffers that it takes, so there must never be many at once.
class Fetch {
 public:
  /// products: how many there will be, at least one.
  Fetch(std::span<const std::byte> bytes, size_t products)
      : at_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        bytes_per_product_(hwy::DivCeil(bytes.size(), std::max<size_t>(products, 1))) {}

  void Some() {
    for (due_ += bytes_per_product_; due_ >= kLine && at_ < end_; due_ -= kLine, at_ += kLine) {
      FetchLines<2>(at_, kLine);
    }
  }

 private:
  static constexpr size_t kLine = 64;

  const std::byte* at_;
  const std::byte* end_;
  size_t bytes_per_product_;
  size_t due_ = 0;
};

// Tile registers 0 to 3 hold the sums of a panel's columns, 4 to 6 the parts of a left tile, 7 a
// right one.

template <int kColumn, int kLeftPart>
HWY_INLINE void AddTileProduct(Fetch& fetch) {
  // No intrinsic: they want register numbers that no template can give.
  __asm__ volatile("tdpbf16ps %%tmm7, %%tmm%c1, %%tmm%c0" ::"i"(kColumn), "i"(4 + kLeftPart));
  fetch.Some();
}

/// The column's sums += the first `count` left parts · one part of its right tile.
template <int kColumn>
HWY_INLINE void AddColumnProducts(const std::byte* right, size_t count, Fetch& fetch) {
  _tile_loadd(7, right + kColumn * kTileBytes, kTileRowBytes);
  AddTileProduct<kColumn, 0>(fetch);
  if (count > 1) AddTileProduct<kColumn, 1>(fetch);
  if (count > 2) AddTileProduct<kColumn, 2>(fetch);
}

/// sums = left panel · right panel over the parts' depth, tile by tile. The compiler does not know
/// that these instructions read memory.
template <size_t kColumns>
void MultiplyTiles(std::span<const PackedPart> parts, size_t row_panel, size_t col_panel,
                   Fetch fetch, std::byte* sums) {
  __asm__ volatile("" ::: "memory");
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (const PackedPart& part : parts) {
    const std::byte* left = part.Left(row_panel);
    const std::byte* right = part.Right(col_panel);
    for (size_t step = 0; step < part.steps; ++step) {
      _tile_loadd(4, left, kTileRowBytes);
      if (part.left_parts > 1) _tile_loadd(5, left + kTileBytes, kTileRowBytes);
      if (part.left_parts > 2) _tile_loadd(6, left + 2 * kTileBytes, kTileRowBytes);
      left += part.left_parts * kTileBytes;
      for (size_t q = 0; q < part.right_parts; ++q) {
        const size_t count = part.LeftPartsOf(q);
        AddColumnProducts<0>(right, count, fetch);
        if (kColumns > 1) AddColumnProducts<1>(right, count, fetch);
        if (kColumns > 2) AddColumnProducts<2>(right, count, fetch);
        if (kColumns > 3) AddColumnProducts<3>(right, count, fetch);
        right += PanelBytes(Side::kRight);
      }
    }
  }
  _tile_stored(0, sums, kTileRowBytes);
  if (kColumns > 1) _tile_stored(1, sums + kTileBytes, kTileRowBytes);
  if (kColumns > 2) _tile_stored(2, sums + 2 * kTileBytes, kTileRowBytes);
  if (kColumns > 3) _tile_stored(3, sums + 3 * kTileBytes, kTileRowBytes);
}

/// What becomes of a product, beyond its value.
struct ProductOutput {
  Matrix y;
  ConstVector bias;      // empty: none
  bool add;              // to what y holds
  bool streams = false;  // past the caches
};

/// A large y that is written once does not stay in the caches, and the lines that are read to be
/// overwritten are those that the tiles wait for.
bool BetterStreams(const Matrix& y) {
  constexpr size_t kLarge = size_t{4} << 20;
  constexpr size_t kLine = 64;
  return y.rows * y.cols * sizeof(float) >= kLarge && y.stride * sizeof(float) % kLine == 0 &&
         reinterpret_cast<uintptr_t>(y.data) % kLine == 0;
}

/// y[row …][col …] (+)= the product, + bias, of one panel either way.
void PanelProduct(std::span<const PackedPart> parts, size_t row_panel, size_t col_panel,
                  const Fetch& fetch, const ProductOutput& output, size_t row, size_t col) {
  constexpr std::array kMultiply{MultiplyTiles<1>, MultiplyTiles<2>, MultiplyTiles<3>,
                                 MultiplyTiles<4>};
  const size_t rows = std::min(PanelLines(Side::kLeft), output.y.rows - row);
  const size_t cols = std::min(PanelLines(Side::kRight), output.y.cols - col);
  const size_t tiles = hwy::DivCeil(cols, kTileLines);
  alignas(64) std::array<std::byte, PanelBytes(Side::kRight)> sums;
  kMultiply[tiles - 1](parts, row_panel, col_panel, fetch, sums.data());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; c += kTileLines) {
      const __mmask16 there = FirstLanes(cols - c);
      float* const to = output.y.Row(row + r) + col + c;
      __m512 sum = _mm512_load_ps(&sums[c / kTileLines * kTileBytes + r * kTileRowBytes]);
      if (!output.bias.empty()) {
        sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(there, output.bias.data() + col + c));
      }
      if (output.add) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(there, to));
      if (output.streams && cols - c >= kTileLines) {
        _mm512_stream_ps(to, sum);
      } else {
        _mm512_mask_storeu_ps(to, there, sum);
      }
    }
  }
}

/// Steps of the depth of a left operand, all its lines packed panel by panel.
struct PackedLeft {
  size_t first_step;
  size_t steps;
  size_t parts;
  const std::byte* bytes;
};

size_t PanelBytes(const Operand& left, size_t steps) {
  return steps * left.parts * PanelBytes(Side::kLeft);
}

size_t LeftPanels(const Operand& left) {
  return hwy::DivCeil(left.lines(), PanelLines(Side::kLeft));
}

size_t PackedBytes(const Operand& left, size_t steps) {
  return LeftPanels(left) * PanelBytes(left, steps);
}

PackedLeft PackLeft(const Operand& left, size_t first_step, size_t steps, std::byte* to,
                    ThreadPool& pool) {
  pool.ForEach(LeftPanels(left), [&](size_t panel, int) {
    PackPanel(left, Side::kLeft, {panel * PanelLines(Side::kLeft), first_step, steps},
              to + panel * PanelBytes(left, steps));
  });
  return {first_step, steps, left.parts, to};
}

/// A part of a product's depth of which each task packs its columns.
struct DepthPart {
  PackedLeft left;
  Operand right;

  size_t RightPanelBytes() const { return left.steps * right.parts * PanelBytes(Side::kRight); }
};

/// y (+)= the products of the parts, + bias. A task takes some panels of columns and all rows, or
/// the other way round where columns are few.
class Product {
 public:
  Product(std::vector<DepthPart> parts, const ProductOutput& output, size_t threads)
      : parts_(std::move(parts)),
        output_(output),
        row_panels_(hwy::DivCeil(output.y.rows, PanelLines(Side::kLeft))),
        col_panels_(hwy::DivCeil(output.y.cols, PanelLines(Side::kRight))),
        by_rows_(col_panels_ <= kFewPanels && row_panels_ >= 2 * threads) {
    for (const DepthPart& part : parts_) panel_bytes_ += part.RightPanelBytes();
    const size_t most = std::max<size_t>(1, kTaskBytes / panel_bytes_);
    // As many tasks of equal size as give every thread the same number of them.
    tasks_ = std::min(shared(), hwy::RoundUpTo(hwy::DivCeil(shared(), most), threads));
  }

  size_t tasks() const { return tasks_; }

  void Run(size_t task) const {
    const size_t begin = shared() * task / tasks_;
    const size_t end = shared() * (task + 1) / tasks_;
    const size_t first = by_rows_ ? 0 : begin;
    const size_t last = by_rows_ ? col_panels_ : end;
    const size_t first_row = by_rows_ ? begin : 0;
    const size_t last_row = by_rows_ ? end : row_panels_;
    const std::vector<PackedPart> parts = PackRights(first, last);
    const size_t products = ProductsOfPanels(parts[0]);
    const TileRegisters registers;
    for (size_t r = first_row; r < last_row; ++r) {
      // While a left panel passes the columns, the next one comes.
      const std::byte* const next = parts[0].Left(r + 1);
      const auto next_bytes =
          r + 1 < last_row ? static_cast<size_t>(next - parts[0].Left(r)) : size_t{0};
      for (size_t p = first; p < last; ++p) {
        const size_t from = next_bytes * (p - first) / (last - first);
        const size_t to = next_bytes * (p - first + 1) / (last - first);
        PanelProduct(parts, r, p - first, Fetch({next + from, to - from}, products), output_,
                     r * PanelLines(Side::kLeft), p * PanelLines(Side::kRight));
      }
    }
    if (output_.streams) _mm_sfence();
  }

 private:
  size_t shared() const { return by_rows_ ? row_panels_ : col_panels_; }

  /// Tile products of a panel either way.
  static size_t ProductsOfPanels(const PackedPart& part) {
    size_t pairs = 0;
    for (size_t q = 0; q < part.right_parts; ++q) pairs += part.LeftPartsOf(q);
    return part.steps * PanelTiles(Side::kRight) * pairs;
  }

  std::vector<PackedPart> PackRights(size_t first, size_t last) const {
    static thread_local Scratch scratch;
    auto* to =
        reinterpret_cast<std::byte*>(scratch.Floats((last - first) * panel_bytes_ / sizeof(float)));
    std::vector<PackedPart> packed;
    for (const auto& [left, right] : parts_) {
      PackRight(right, first, last, left.first_step, left.steps, to);
      packed.push_back({left.bytes, to, left.parts, right.parts, left.steps});
      to += (last - first) * left.steps * right.parts * PanelBytes(Side::kRight);
    }
    return packed;
  }

  std::vector<DepthPart> parts_;
  ProductOutput output_;
  size_t row_panels_;
  size_t col_panels_;
  bool by_rows_;
  size_t panel_bytes_ = 0;  // of the right operands
  size_t tasks_ = 0;
};

/// One of several products of a left operand.
struct Multiplication {
  Operand right;
  ProductOutput output;
  std::vector<std::pair<Operand, Operand>> low_ranks{};  // products that are added to it
};

size_t StepsOf(const Operand& operand) {
  return hwy::DivCeil(operand.depth(), kTileDepth);
}

/// The low ranks of a product, their left operands packed from `to` on, which is moved behind them.
std::vector<DepthPart> PackLowRanks(const Multiplication& product, std::byte*& to,
                                    ThreadPool& pool) {
  std::vector<DepthPart> parts;
  for (const auto& [low, right] : product.low_ranks) {
    parts.push_back({PackLeft(low, 0, StepsOf(low), to, pool), right});
    to += PackedBytes(low, StepsOf(low));
  }
  return parts;
}

void Multiply(const Operand& left, std::span<const Multiplication> products, ThreadPool& pool) {
  const DepthBlocks blocks(left.depth());
  size_t bytes = PackedBytes(left, blocks.size);
  for (const Multiplication& product : products) {
    for (const auto& [low, _] : product.low_ranks) bytes += PackedBytes(low, StepsOf(low));
  }
  static thread_local Scratch scratch;
  auto* const packed = reinterpret_cast<std::byte*>(scratch.Floats(bytes / sizeof(float)));
  for (size_t block = 0; block < blocks.count; ++block) {
    const PackedLeft rows = PackLeft(left, blocks.Begin(block), blocks.Steps(block), packed, pool);
    std::byte* low_to = packed + PackedBytes(left, blocks.size);
    std::vector<Product> parts;
    size_t tasks = 0;
    for (const Multiplication& product : products) {
      std::vector<DepthPart> depth{{rows, product.right}};
      if (block + 1 == blocks.count) {
        const std::vector<DepthPart> low_ranks = PackLowRanks(product, low_to, pool);
        depth.insert(depth.end(), low_ranks.begin(), low_ranks.end());
      }
      ProductOutput output = product.output;
      output.streams = blocks.count == 1 && !output.add && BetterStreams(output.y);
      if (block > 0) {
        output.add = true;
        output.bias = {};
      }
      parts.emplace_back(std::move(depth), output, static_cast<size_t>(pool.threads()));
      tasks += parts.back().tasks();
    }
    pool.ForEach(tasks, [&](size_t task, int) {
      auto product = parts.begin();
      for (; task >= product->tasks(); ++product) task -= product->tasks();
      product->Run(task);
    });
  }
}

}  // namespace

void AmxProducts(ConstMatrix x, std::span<const MatMulOutput> outputs, std::span<const Matrix> lows,
                 ThreadPool& pool) {
  const bool rounds = dynamic_cast<const BlockWeights*>(outputs[0].weight.quantized) != nullptr;
  const auto operand = [&](const auto& matrix) {
    const Operand rows = Operand::Rows(matrix);
    return rounds ? rows.Rounded() : rows;
  };
  std::vector<Multiplication> products;
  auto low = lows.begin();
  for (const MatMulOutput& output : outputs) {
    products.push_back({operand(output.weight), {output.y, output.bias, output.add}});
    for (const LowRankTerm& term : output.low_rank) {
      products.back().low_ranks.emplace_back(Operand::Rows(*low++), Operand::Rows(term.b));
    }
  }
  Multiply(operand(x), products, pool);
}

void AmxInputGradients(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                       ThreadPool& pool) {
  std::vector<Multiplication> products;
  for (const auto& [weight, grad_x, add, low_rank] : outputs) {
    products.push_back({Operand::Columns(weight), {grad_x, {}, add}});
    for (const LowRankGradient& term : low_rank) {
      products.back().low_ranks.emplace_back(Operand::Rows(term.grad_low),
                                             Operand::Columns(term.a));
    }
  }
  Multiply(Operand::Rows(grad_y), products, pool);
}

void AmxWeightGradient(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool) {
  const Multiplication product{Operand::Columns(x), {grad_weight, {}, /*add=*/true}};
  Multiply(Operand::Columns(grad_y), {&product, 1}, pool);
}

}  // namespace roentgen
HWY_POP_ATTRIBUTES

#else

#include "roentgen/base/error.h"

namespace roentgen {

void AmxProducts(ConstMatrix, std::span<const MatMulOutput>, std::span<const Matrix>, ThreadPool&) {
  throw Error("AMX: not on this processor", "");
}
void AmxInputGradients(ConstMatrix, std::span<const MatMulInputGradient>, ThreadPool&) {
  throw Error("AMX: not on this processor", "");
}
void AmxWeightGradient(ConstMatrix, ConstMatrix, Matrix, ThreadPool&) {
  throw Error("AMX: not on this processor", "");
}

}  // namespace roentgen

#endif
