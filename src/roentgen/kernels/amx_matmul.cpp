// The loops are those of matmul.cpp: the left operand is packed once, each task packs the columns
// of the right one that are its own, block of depth by block of depth, and lets all rows pass.
// Packed here means: split into bf16 parts and laid out as the tile instructions read them.
//
// A tile of the left operand holds 16 rows × 32 of the depth. One of the right operand holds 16
// pairs of the depth × 16 columns × 2. Four tiles of sums, 32 rows × 32 columns, stay in registers
// while a block of depth passes.

#include "roentgen/kernels/amx_matmul.h"

#include "roentgen/kernels/simd.h"

#include <hwy/highway.h>

#if HWY_ARCH_X86_64 && defined(__linux__)

#include <asm/prctl.h>
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "roentgen/kernels/fetch_lines.h"
#include "roentgen/kernels/scratch.h"

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
constexpr size_t kPanelLines = 2 * kTileLines;  // what the tiles of sums span, either way
constexpr size_t kPanelBytes = 2 * kTileBytes;  // of one part and one step of depth
constexpr size_t kParts = 3;                    // of a float
// Steps in a block of depth, and panels of columns per task: their right operand (1 MiB) stays in
// the second-level cache (2 MiB on every such processor) beside a left panel (192 KiB).
constexpr size_t kMaxSteps = 32;
constexpr size_t kTaskPanels = 16;
// Up to this many panels of columns, less than a team's worth of tasks, rows are shared instead.
constexpr size_t kFewPanels = 4;

/// A matrix of which one direction is the product's depth; across it lie the lines, which are rows
/// or columns of the result.
struct Operand {
  WeightMatrix values;
  size_t row_bytes;
  bool lines_are_rows;

  static Operand Rows(const WeightMatrix& weight) { return {weight, weight.RowBytes(), true}; }
  static Operand Columns(const WeightMatrix& weight) { return {weight, weight.RowBytes(), false}; }
  static Operand Rows(ConstMatrix x) { return {AsWeights(x), x.stride * sizeof(float), true}; }
  static Operand Columns(ConstMatrix x) { return {AsWeights(x), x.stride * sizeof(float), false}; }

  size_t lines() const { return lines_are_rows ? values.rows : values.cols; }
  size_t depth() const { return lines_are_rows ? values.cols : values.rows; }
  /// bf16 numbers that a value is the sum of.
  size_t parts() const {
    return values.quantized == nullptr && values.dtype == DType::kBF16 ? 1 : kParts;
  }
};

/// How the depth is cut: into steps of one tile, and these into blocks of equal size (the last may
/// be shorter).
struct DepthBlocks {
  explicit DepthBlocks(size_t depth)
      : steps(hwy::DivCeil(depth, kTileDepth)),
        count(hwy::DivCeil(steps, kMaxSteps)),
        size(count == 0 ? 0 : hwy::DivCeil(steps, count)) {}
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

constexpr size_t ElementBytes(DType type) {
  return type == DType::kF32 ? 4 : 2;
}

/// Which operand of the tile instructions: it says how a tile is laid out.
enum class Side { kLeft, kRight };

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

/// Tiles of lines [line, line + 16) and depth [depth, depth + 32), one for each part.
template <DType kType, size_t kCount>
void PackTile(const Operand& operand, Side side, size_t line, size_t depth, std::byte* to) {
  const WeightMatrix& values = operand.values;
  Tile tiles[kCount];
  __m512i parts[kCount];
  if (operand.lines_are_rows) {  // a row of the tile holds one line's depth
    const __mmask16 low = FirstLanes(Remaining(values.cols, depth));
    const __mmask16 high = FirstLanes(Remaining(values.cols, depth + 16));
    const std::byte* row = values.data + line * operand.row_bytes + depth * ElementBytes(kType);
    for (size_t i = 0; i < kTileLines; ++i, row += operand.row_bytes) {
      const bool there = line + i < values.rows;
      LoadParts<kType>(row, there ? low : 0, row + 16 * ElementBytes(kType), there ? high : 0,
                       parts);
      for (size_t p = 0; p < kCount; ++p) tiles[p][i] = parts[p];
    }
  } else {  // two depths' lines, pair by pair
    alignas(64) static constexpr std::array<uint16_t, 32> kInterleave{
        0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
        8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i interleave = _mm512_load_si512(kInterleave.data());
    const __mmask16 mask = FirstLanes(values.cols - line);
    const std::byte* row = values.data + depth * operand.row_bytes + line * ElementBytes(kType);
    for (size_t i = 0; i < kTileLines; ++i, row += 2 * operand.row_bytes) {
      LoadParts<kType>(row, depth + 2 * i < values.rows ? mask : 0, row + operand.row_bytes,
                       depth + 2 * i + 1 < values.rows ? mask : 0, parts);
      for (size_t p = 0; p < kCount; ++p) {
        tiles[p][i] = _mm512_permutexvar_epi16(interleave, parts[p]);
      }
    }
  }
  // The left operand wants the first, the right one the second.
  const bool turn = operand.lines_are_rows == (side == Side::kRight);
  for (size_t p = 0; p < kCount; ++p) {
    if (turn) Transpose(tiles[p]);
    for (size_t i = 0; i < kTileLines; ++i) {
      _mm512_store_si512(to + p * kPanelBytes + i * kTileRowBytes, tiles[p][i]);
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

/// Lines [line, line + 32) in steps of depth, which lie one after the other; in a step the parts,
/// in a part two tiles. A second tile without lines is left out.
void PackPanel(const Operand& operand, Side side, const PanelSteps& part, std::byte* to) {
  const WeightMatrix& values = operand.values;
  if (values.quantized != nullptr) return PackWidened(operand, side, part, to);
  const auto pack = values.dtype == DType::kBF16  ? PackTile<DType::kBF16, 1>
                    : values.dtype == DType::kF16 ? PackTile<DType::kF16, kParts>
                                                  : PackTile<DType::kF32, kParts>;
  const size_t tiles = operand.lines() - part.line > kTileLines ? 2 : 1;
  for (size_t step = 0; step < part.steps; ++step, to += operand.parts() * kPanelBytes) {
    for (size_t tile = 0; tile < tiles; ++tile) {
      pack(operand, side, part.line + tile * kTileLines, (part.first_step + step) * kTileDepth,
           to + tile * kTileBytes);
    }
  }
}

/// PackPanel of a quantised matrix.
void PackWidened(const Operand& operand, Side side, const PanelSteps& part, std::byte* to) {
  const size_t begin = part.first_step * kTileDepth;
  const size_t depth = std::min(part.steps * kTileDepth, operand.depth() - begin);
  const size_t lines = std::min(kPanelLines, operand.lines() - part.line);
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

/// Panels [first, last) of the right operand one after the other.
void PackRight(const Operand& operand, size_t first, size_t last, size_t first_step, size_t steps,
               std::byte* to) {
  const size_t step_bytes = operand.parts() * kPanelBytes;
  if (operand.lines_are_rows || operand.values.quantized != nullptr) {
    for (size_t panel = first; panel < last; ++panel, to += steps * step_bytes) {
      PackPanel(operand, Side::kRight, {panel * kPanelLines, first_step, steps}, to);
    }
    return;
  }
  // Along the rows, as memory is read. What is taken of a row is too short for the processor to
  // foresee the next ones, so those are fetched a step ahead.
  const size_t bytes_of_line = ElementBytes(operand.values.dtype);
  const size_t row_part =
      (std::min(last * kPanelLines, operand.values.cols) - first * kPanelLines) * bytes_of_line;
  for (size_t step = 0; step < steps; ++step) {
    const size_t next = (first_step + step + 1) * kTileDepth;
    for (size_t row = next; row < std::min(next + kTileDepth, operand.values.rows); ++row) {
      FetchLines(
          operand.values.data + row * operand.row_bytes + first * kPanelLines * bytes_of_line,
          row_part);
    }
    for (size_t panel = first; panel < last; ++panel) {
      PackPanel(operand, Side::kRight, {panel * kPanelLines, first_step + step, 1},
                to + ((panel - first) * steps + step) * step_bytes);
    }
  }
}

/// Shapes the tile registers of this thread, all of them 16 × 64 bytes, and frees them at the end:
/// a thread that holds them pays for it at every switch.
class TileRegisters {
 public:
  TileRegisters() {
    Config config;
    config.row_bytes.fill(kTileRowBytes);
    config.rows.fill(kTileLines);
    __asm__ volatile("" ::"r"(&config) : "memory");  // the compiler takes it for 8 bytes
    _tile_loadconfig(&config);
  }
  ~TileRegisters() { _tile_release(); }
  TileRegisters(const TileRegisters&) = delete;
  TileRegisters& operator=(const TileRegisters&) = delete;

 private:
  struct alignas(64) Config {  // as the instruction reads it
    uint8_t palette = 1;
    uint8_t start_row = 0;
    std::array<uint8_t, 14> reserved{};
    std::array<uint16_t, 8> row_bytes{};
    std::array<uint16_t, 8> unused_row_bytes{};
    std::array<uint8_t, 8> rows{};
    std::array<uint8_t, 8> unused_rows{};
  };
};

/// sums = a left panel · a right one over steps of depth. Registers 0 to 3 hold the sums, 4 and 5 a
/// left part, 6 and 7 a right one. sums: the tiles row by row, two in a row. The compiler does not
/// know that these instructions read memory.
template <size_t kRowTiles, size_t kColTiles>
void MultiplyTiles(const std::byte* left, const std::byte* right, size_t right_parts, size_t steps,
                   std::byte* sums) {
  __asm__ volatile("" ::: "memory");
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (size_t step = 0; step < steps; ++step) {
    for (size_t q = 0; q < right_parts; ++q) {
      _tile_loadd(6, right, kTileRowBytes);
      if (kColTiles == 2) _tile_loadd(7, right + kTileBytes, kTileRowBytes);
      right += kPanelBytes;
      for (size_t p = 0; p + q < kParts; ++p) {
        const std::byte* const part = left + p * kPanelBytes;
        _tile_loadd(4, part, kTileRowBytes);
        if (kRowTiles == 2) _tile_loadd(5, part + kTileBytes, kTileRowBytes);
        _tile_dpbf16ps(0, 4, 6);
        if (kColTiles == 2) _tile_dpbf16ps(1, 4, 7);
        if (kRowTiles == 2) _tile_dpbf16ps(2, 5, 6);
        if (kRowTiles == 2 && kColTiles == 2) _tile_dpbf16ps(3, 5, 7);
      }
    }
    left += kParts * kPanelBytes;
  }
  _tile_stored(0, sums, kTileRowBytes);
  if (kColTiles == 2) _tile_stored(1, sums + kTileBytes, kTileRowBytes);
  if (kRowTiles == 2) _tile_stored(2, sums + 2 * kTileBytes, kTileRowBytes);
  if (kRowTiles == 2 && kColTiles == 2) _tile_stored(3, sums + 3 * kTileBytes, kTileRowBytes);
}

/// What becomes of a product, beyond its value.
struct ProductOutput {
  Matrix y;
  ConstVector bias;  // empty: none
  bool add;          // to what y holds
};

/// y[row …][col …] (+)= a left panel times a right one, + bias.
void PanelProduct(const std::byte* left, const std::byte* right, size_t right_parts, size_t steps,
                  const ProductOutput& output, size_t row, size_t col) {
  const size_t rows = std::min(kPanelLines, output.y.rows - row);
  const size_t cols = std::min(kPanelLines, output.y.cols - col);
  const bool wide = cols > kTileLines;
  const auto multiply = rows > kTileLines ? (wide ? MultiplyTiles<2, 2> : MultiplyTiles<2, 1>)
                                          : (wide ? MultiplyTiles<1, 2> : MultiplyTiles<1, 1>);
  alignas(64) std::array<std::byte, 4 * kTileBytes> sums;
  multiply(left, right, right_parts, steps, sums.data());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; c += kTileLines) {
      const size_t tile = r / kTileLines * 2 + c / kTileLines;
      const __mmask16 there = FirstLanes(cols - c);
      float* const to = output.y.Row(row + r) + col + c;
      __m512 sum = _mm512_load_ps(&sums[tile * kTileBytes + r % kTileLines * kTileRowBytes]);
      if (!output.bias.empty()) {
        sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(there, output.bias.data() + col + c));
      }
      if (output.add) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(there, to));
      _mm512_mask_storeu_ps(to, there, sum);
    }
  }
}

/// All lines of the left operand, block of depth by block of depth, and in a block panel by panel.
class PackedLeft {
 public:
  PackedLeft(const Operand& operand, ThreadPool& pool)
      : blocks(operand.depth()), panels(hwy::DivCeil(operand.lines(), kPanelLines)) {
    static thread_local Scratch scratch;
    bytes_ = reinterpret_cast<std::byte*>(
        scratch.Floats(blocks.steps * panels * kParts * kPanelBytes / sizeof(float)));
    pool.ForEach(panels, [&](size_t panel, int) {
      for (size_t block = 0; block < blocks.count; ++block) {
        PackPanel(operand, Side::kLeft,
                  {panel * kPanelLines, blocks.Begin(block), blocks.Steps(block)},
                  Panel(block, panel));
      }
    });
  }
  std::byte* Panel(size_t block, size_t panel) const {
    return bytes_ +
           (blocks.Begin(block) * panels + panel * blocks.Steps(block)) * kParts * kPanelBytes;
  }

  DepthBlocks blocks;
  size_t panels;

 private:
  std::byte* bytes_;  // of the thread that packs, until it packs again
};

/// y (+)= left right, + bias: for each task some panels of columns and all rows, or the other way
/// round where columns are few.
void Product(const PackedLeft& left, const Operand& right, const ProductOutput& output,
             ThreadPool& pool) {
  const Matrix& y = output.y;
  const DepthBlocks& blocks = left.blocks;
  const size_t parts = right.parts();
  const size_t panels = hwy::DivCeil(y.cols, kPanelLines);
  const auto threads = static_cast<size_t>(pool.threads());
  const bool by_rows = panels <= kFewPanels && left.panels >= 2 * threads;
  const size_t shared = by_rows ? left.panels : panels;
  const size_t most = std::max<size_t>(1, kTaskPanels / parts);
  // As many tasks of equal size as give every thread the same number of them.
  const size_t tasks = std::min(shared, hwy::RoundUpTo(hwy::DivCeil(shared, most), threads));
  pool.ForEach(tasks, [&](size_t task, int) {
    const size_t begin = shared * task / tasks;
    const size_t end = shared * (task + 1) / tasks;
    const size_t first = by_rows ? 0 : begin;
    const size_t last = by_rows ? panels : end;
    const size_t first_row = by_rows ? begin : 0;
    const size_t last_row = by_rows ? end : left.panels;
    static thread_local Scratch scratch;
    auto* const packed = reinterpret_cast<std::byte*>(
        scratch.Floats((last - first) * blocks.size * parts * kPanelBytes / sizeof(float)));
    const TileRegisters registers;
    for (size_t block = 0; block < blocks.count; ++block) {
      const size_t steps = blocks.Steps(block);
      const ProductOutput part{y, block == 0 ? output.bias : ConstVector(),
                               output.add || block > 0};
      PackRight(right, first, last, blocks.Begin(block), steps, packed);
      for (size_t r = first_row; r < last_row; ++r) {
        for (size_t p = first; p < last; ++p) {
          PanelProduct(left.Panel(block, r), packed + (p - first) * steps * parts * kPanelBytes,
                       parts, steps, part, r * kPanelLines, p * kPanelLines);
        }
      }
    }
  });
}

/// Asks the system for the tiles' state, 8 KiB of every thread: it is kept for those who ask.
bool RequestTiles() {
  constexpr unsigned long kTileData = 18;  // the number of that state
  return ::syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, kTileData) == 0;
}

bool ProcessorHasTiles() {
  constexpr unsigned kBf16Tiles = 1u << 22;
  constexpr unsigned kTiles = 1u << 24;
  constexpr unsigned kBf16Vectors = 1u << 5;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  const bool tiles =
      __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kBf16Tiles) != 0 && (d & kTiles) != 0;
  return tiles && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & kBf16Vectors) != 0;
}

}  // namespace

bool AmxAvailable() {
  static const bool available = ProcessorHasTiles() && RequestTiles();
  return available;
}

void AmxProducts(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  const PackedLeft left(Operand::Rows(x), pool);
  for (const MatMulOutput& output : outputs) {
    Product(left, Operand::Rows(output.weight), {output.y, output.bias, output.add}, pool);
  }
}

void AmxInputGradients(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                       ThreadPool& pool) {
  const PackedLeft left(Operand::Rows(grad_y), pool);
  for (const MatMulInputGradient& output : outputs) {
    Product(left, Operand::Columns(output.weight), {output.grad_x, {}, output.add}, pool);
  }
}

void AmxWeightGradient(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool) {
  const PackedLeft left(Operand::Columns(grad_y), pool);
  Product(left, Operand::Columns(x), {grad_weight, {}, /*add=*/true}, pool);
}

}  // namespace roentgen
HWY_POP_ATTRIBUTES

#else

#include "roentgen/base/error.h"

namespace roentgen {

bool AmxAvailable() {
  return false;
}

void AmxProducts(ConstMatrix, std::span<const MatMulOutput>, ThreadPool&) {
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
