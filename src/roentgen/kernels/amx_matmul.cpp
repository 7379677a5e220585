// Block of depth by block of depth the left operand is packed (amx_pack.h), each task packs the
// columns of the right one that are its own and lets all rows pass. The blocks are outermost, since
// a packed left operand of all depth (6 bytes a value) does not stay in the third-level cache, and
// a block does.
//
// Four tiles of sums, 16 rows × 64 columns, stay in registers while a block of depth passes: with
// the three parts of a left tile beside them this reads the fewest tiles, and of all rows the
// fewest values, for a product. A low rank is some more depth behind the last block.

#include "roentgen/kernels/amx_matmul.h"

#include "roentgen/kernels/amx_pack.h"
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

// Of a block of depth: a hidden size of 1536 is one, and its results are written once.
constexpr size_t kMaxSteps = 48;
// Of a task's right operand; it stays in the second-level cache (2 MiB on every such processor)
// beside two left panels (144 KiB each).
constexpr size_t kTaskBytes = size_t{896} << 10;
// Up to this many panels of columns, less than a team's worth of tasks, rows are shared instead.
constexpr size_t kFewPanels = 2;

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

/// A part of a product's depth, packed: panels of all rows, and of a task's columns.
struct PackedPart {
  const std::byte* left;
  const std::byte* right;
  size_t left_parts;  // bf16 numbers to a value
  size_t right_parts;
  size_t steps;

  const std::byte* Left(size_t panel) const {
    return left + panel * steps * left_parts * PanelBytes(TileSide::kLeft);
  }
  const std::byte* Right(size_t panel) const {
    return right + panel * steps * right_parts * PanelBytes(TileSide::kRight);
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
        right += PanelBytes(TileSide::kRight);
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
  const size_t rows = std::min(PanelLines(TileSide::kLeft), output.y.rows - row);
  const size_t cols = std::min(PanelLines(TileSide::kRight), output.y.cols - col);
  const size_t tiles = hwy::DivCeil(cols, kTileLines);
  alignas(64) std::array<std::byte, PanelBytes(TileSide::kRight)> sums;
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

size_t LeftPanelBytes(const TileOperand& left, size_t steps) {
  return steps * left.parts * PanelBytes(TileSide::kLeft);
}

size_t LeftPanels(const TileOperand& left) {
  return hwy::DivCeil(left.lines(), PanelLines(TileSide::kLeft));
}

size_t PackedBytes(const TileOperand& left, size_t steps) {
  return LeftPanels(left) * LeftPanelBytes(left, steps);
}

PackedLeft PackLeft(const TileOperand& left, size_t first_step, size_t steps, std::byte* to,
                    ThreadPool& pool) {
  pool.ForEach(LeftPanels(left), [&](size_t panel, int) {
    PackPanel(left, TileSide::kLeft, {panel * PanelLines(TileSide::kLeft), first_step, steps},
              to + panel * LeftPanelBytes(left, steps));
  });
  return {first_step, steps, left.parts, to};
}

/// A part of a product's depth of which each task packs its columns.
struct DepthPart {
  PackedLeft left;
  TileOperand right;

  size_t RightPanelBytes() const { return left.steps * right.parts * PanelBytes(TileSide::kRight); }
};

/// y (+)= the products of the parts, + bias. A task takes some panels of columns and all rows, or
/// the other way round where columns are few.
class Product {
 public:
  Product(std::vector<DepthPart> parts, const ProductOutput& output, size_t threads)
      : parts_(std::move(parts)),
        output_(output),
        row_panels_(hwy::DivCeil(output.y.rows, PanelLines(TileSide::kLeft))),
        col_panels_(hwy::DivCeil(output.y.cols, PanelLines(TileSide::kRight))),
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
                     r * PanelLines(TileSide::kLeft), p * PanelLines(TileSide::kRight));
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
    return part.steps * PanelTiles(TileSide::kRight) * pairs;
  }

  std::vector<PackedPart> PackRights(size_t first, size_t last) const {
    static thread_local Scratch scratch;
    auto* to =
        reinterpret_cast<std::byte*>(scratch.Floats((last - first) * panel_bytes_ / sizeof(float)));
    std::vector<PackedPart> packed;
    for (const auto& [left, right] : parts_) {
      PackRight(right, first, last, left.first_step, left.steps, to);
      packed.push_back({left.bytes, to, left.parts, right.parts, left.steps});
      to += (last - first) * left.steps * right.parts * PanelBytes(TileSide::kRight);
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
  TileOperand right;
  ProductOutput output;
  std::vector<std::pair<TileOperand, TileOperand>> low_ranks{};  // products that are added to it
};

size_t StepsOf(const TileOperand& operand) {
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

void Multiply(const TileOperand& left, std::span<const Multiplication> products, ThreadPool& pool) {
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
    const TileOperand rows = TileOperand::Rows(matrix);
    return rounds ? rows.Rounded() : rows;
  };
  std::vector<Multiplication> products;
  auto low = lows.begin();
  for (const MatMulOutput& output : outputs) {
    products.push_back({operand(output.weight), {output.y, output.bias, output.add}});
    for (const LowRankTerm& term : output.low_rank) {
      products.back().low_ranks.emplace_back(TileOperand::Rows(*low++), TileOperand::Rows(term.b));
    }
  }
  Multiply(operand(x), products, pool);
}

void AmxInputGradients(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                       ThreadPool& pool) {
  std::vector<Multiplication> products;
  for (const auto& [weight, grad_x, add, low_rank] : outputs) {
    products.push_back({TileOperand::Columns(weight), {grad_x, {}, add}});
    for (const LowRankGradient& term : low_rank) {
      products.back().low_ranks.emplace_back(TileOperand::Rows(term.grad_low),
                                             TileOperand::Columns(term.a));
    }
  }
  Multiply(TileOperand::Rows(grad_y), products, pool);
}

void AmxWeightGradient(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool) {
  const Multiplication product{TileOperand::Columns(x), {grad_weight, {}, /*add=*/true}};
  Multiply(TileOperand::Columns(grad_y), {&product, 1}, pool);
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
