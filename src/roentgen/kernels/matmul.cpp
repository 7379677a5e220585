// The product of many rows: packed panels and a register-blocked kernel (Goto & van de Geijn 2008).
//
// The left operand is packed once into panels of kTileRows rows. Each task takes a range of columns
// of the result; block of depth by block of depth it widens the right operand into a panel of its
// own, which stays in its core's second-level cache while all rows pass. Where the columns are few
// (a low rank), tasks take rows, and these are read as they lie: what is read once is not packed.
//
// A product and its two gradients are the same loop on other operands:
//   y = x Wᵀ     depth: inputs    left: tokens                    right: weights, transposed
//   gx = gy W    depth: outputs   left: gradients of tokens       right: weights as they lie
//   gW += gyᵀ x  depth: tokens    left: gradients, transposed     right: tokens as they lie

#include "roentgen/kernels/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/matmul.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <span>

#include "roentgen/kernels/few_rows-inl.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/kernels/tile-inl.h"
#include "roentgen/kernels/weight_pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

// Depth of a block: a left panel (12 KiB) stays in the 32 KiB first-level cache while a task's
// right operand streams past it. 256 for AVX-512, 512 for AVX2.
constexpr size_t kMaxDepth = 3072 / kTileRows;
// Up to this many columns, less than a task's worth, rows are shared among the team instead.
constexpr size_t kFewColumns = 128;
// Columns per task: 256 KiB of the right operand, half of the smallest second-level cache in
// question (Zen 3: 512 KiB).
constexpr size_t kTaskColumns = 65536 / kMaxDepth;

/// How the depth is cut into blocks of equal size (the last may be shorter).
struct DepthBlocks {
  explicit DepthBlocks(size_t all)
      : count(hwy::DivCeil(all, kMaxDepth)),
        depth(count == 0 ? 0 : hwy::RoundUpTo(hwy::DivCeil(all, count), 8)),
        total(all) {}
  size_t Begin(size_t block) const { return std::min(block * depth, total); }
  size_t Size(size_t block) const { return Begin(block + 1) - Begin(block); }

  size_t count;
  size_t depth;
  size_t total;
};

/// to[k · rows + r] = x[first + r][begin + k].
void PackLeftRows(ConstMatrix x, size_t first, size_t rows, size_t begin, size_t depth, float* to) {
  const hn::Full128<float> d;
  const hn::Repartition<double, decltype(d)> d64;
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float* from[4];
    for (size_t i = 0; i < 4; ++i) from[i] = x.Row(first + r + i) + begin;
    size_t k = 0;
    for (; k + 4 <= depth; k += 4) {  // a 4×4 transpose
      const auto r0 = hn::LoadU(d, from[0] + k);
      const auto r1 = hn::LoadU(d, from[1] + k);
      const auto r2 = hn::LoadU(d, from[2] + k);
      const auto r3 = hn::LoadU(d, from[3] + k);
      const auto low01 = hn::BitCast(d64, hn::InterleaveLower(d, r0, r1));
      const auto low23 = hn::BitCast(d64, hn::InterleaveLower(d, r2, r3));
      const auto high01 = hn::BitCast(d64, hn::InterleaveUpper(d, r0, r1));
      const auto high23 = hn::BitCast(d64, hn::InterleaveUpper(d, r2, r3));
      float* out = to + k * rows + r;
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d64, low01, low23)), d, out);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d64, low01, low23)), d, out + rows);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d64, high01, high23)), d, out + 2 * rows);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d64, high01, high23)), d, out + 3 * rows);
    }
    for (; k < depth; ++k) {
      for (size_t i = 0; i < 4; ++i) to[k * rows + r + i] = from[i][k];
    }
  }
  for (; r < rows; ++r) {
    const float* from = x.Row(first + r) + begin;
    for (size_t k = 0; k < depth; ++k) to[k * rows + r] = from[k];
  }
}

/// to[k · rows + r] = x[begin + k][first + r].
void PackLeftColumns(ConstMatrix x, size_t first, size_t rows, size_t begin, size_t depth,
                     float* to) {
  for (size_t k = 0; k < depth; ++k) {
    const float* from = x.Row(begin + k) + first;
    for (size_t r = 0; r < rows; ++r) to[k * rows + r] = from[r];
  }
}

/// What a tile of y gets besides the product.
struct TileOutput {
  float* y;           // first element
  size_t stride;      // between its rows
  size_t cols;        // at most two vectors
  const float* bias;  // null: none
  bool add;           // to what y holds, instead of overwriting it
};

/// One tile of y from tokens, left(r, k) of them, and packed weights [depth][two vectors], of which
/// the first kVectors count.
template <size_t kRows, size_t kVectors, class Left>
HWY_INLINE void TileProductOf(const Left& left, const float* HWY_RESTRICT weights, size_t depth,
                              const TileOutput& out) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  VF32 sums[kRows][kVectors];
  TileSums<kRows, kVectors, 2>(left, weights, depth, sums);
  if (out.cols == kVectors * lanes) {
    HWY_UNROLL(16)
    for (size_t r = 0; r < kRows; ++r) {
      HWY_UNROLL(2)
      for (size_t v = 0; v < kVectors; ++v) {
        float* to = out.y + r * out.stride + v * lanes;
        VF32 value = sums[r][v];
        if (out.bias != nullptr) value = hn::Add(value, hn::LoadU(d, out.bias + v * lanes));
        if (out.add) value = hn::Add(value, hn::LoadU(d, to));
        hn::StoreU(value, d, to);
      }
    }
    return;
  }
  // The last outputs do not fill the vectors.
  HWY_ALIGN float tile[kVectors * hn::MaxLanes(d)];
  for (size_t r = 0; r < kRows; ++r) {
    HWY_UNROLL(2)
    for (size_t v = 0; v < kVectors; ++v) hn::Store(sums[r][v], d, tile + v * lanes);
    float* row = out.y + r * out.stride;
    for (size_t c = 0; c < out.cols; ++c) {
      const float value = out.bias != nullptr ? tile[c] + out.bias[c] : tile[c];
      row[c] = out.add ? row[c] + value : value;
    }
  }
}

template <size_t kRows, class Left>
HWY_INLINE void TileProduct(const Left& left, const float* HWY_RESTRICT weights, size_t depth,
                            const TileOutput& out) {
  if (out.cols <= hn::Lanes(F32())) {
    TileProductOf<kRows, 1>(left, weights, depth, out);
  } else {
    TileProductOf<kRows, 2>(left, weights, depth, out);
  }
}

/// TileProduct of tokens that lie as [depth][kRows].
template <size_t kRows>
void PackedTileProduct(const float* HWY_RESTRICT tokens, const float* HWY_RESTRICT weights,
                       size_t depth, const TileOutput& out) {
  TileProduct<kRows>([&](size_t r, size_t k) HWY_ATTR { return tokens[k * kRows + r]; }, weights,
                     depth, out);
}

/// TileProduct of tokens that lie as [kRows][stride].
template <size_t kRows>
void StridedTileProduct(const float* HWY_RESTRICT tokens, size_t stride,
                        const float* HWY_RESTRICT weights, size_t depth, const TileOutput& out) {
  TileProduct<kRows>([&](size_t r, size_t k) HWY_ATTR { return tokens[r * stride + k]; }, weights,
                     depth, out);
}

using PackLeft = void (*)(ConstMatrix, size_t, size_t, size_t, size_t, float*);

/// All rows of the left operand, block of depth by block of depth, and in a block panel by panel.
struct PackedLeft {
  PackedLeft(ConstMatrix x, PackLeft pack, size_t all_rows, size_t depth, ThreadPool& pool)
      : rows(all_rows), blocks(depth), panels(hwy::DivCeil(all_rows, kTileRows)) {
    static thread_local Scratch scratch;
    values = scratch.Floats(rows * depth);
    pool.ForEach(panels, [&](size_t panel, int) {
      for (size_t block = 0; block < blocks.count; ++block) {
        pack(x, panel * kTileRows, PanelRows(panel), blocks.Begin(block), blocks.Size(block),
             Panel(block, panel));
      }
    });
  }
  size_t PanelRows(size_t panel) const { return std::min(kTileRows, rows - panel * kTileRows); }
  float* Panel(size_t block, size_t panel) const {
    return values + blocks.Begin(block) * rows + panel * kTileRows * blocks.Size(block);
  }

  size_t rows;
  DepthBlocks blocks;
  size_t panels;
  float* values;  // of the thread that packs, until it packs again
};

/// The right operand: how units of its columns are packed.
struct RightOperand {
  using Pack = void (*)(const StoredMatrix&, size_t, size_t, size_t, size_t, float*);

  /// Wᵀ: its columns are the weight's rows.
  static RightOperand Transposed(const WeightMatrix& weight) {
    const Pack pack = weight.quantized != nullptr    ? PackQuantizedRows
                      : weight.dtype == DType::kBF16 ? PackRows<WidenBf16>
                      : weight.dtype == DType::kF16  ? PackRows<WidenF16>
                                                     : PackRows<WidenF32>;
    return {StoredMatrix::Of(weight), weight.rows, pack};
  }
  static RightOperand AsItLies(const WeightMatrix& weight) {
    const Pack pack = weight.quantized != nullptr    ? PackQuantizedColumns
                      : weight.dtype == DType::kBF16 ? PackColumns<WidenBf16>
                      : weight.dtype == DType::kF16  ? PackColumns<WidenF16>
                                                     : PackColumns<WidenF32>;
    return {StoredMatrix::Of(weight), weight.cols, pack};
  }
  static RightOperand AsItLies(ConstMatrix x) {
    return {StoredMatrix::Of(x), x.cols, PackColumns<WidenF32>};
  }

  StoredMatrix stored;
  size_t cols;
  Pack pack;
};

/// What becomes of a product, beyond its value.
struct ProductOutput {
  Matrix y;
  ConstVector bias;  // empty: none
  bool add;          // to what y holds
};

/// Where units [unit, unit + 1) of columns of some rows go, in a block of depth.
TileOutput OutputOf(const ProductOutput& output, size_t row, size_t unit, size_t block) {
  const size_t width = 2 * hn::Lanes(F32());
  const size_t col = unit * width;
  const bool bias = block == 0 && !output.bias.empty();
  return {output.y.Row(row) + col, output.y.stride, std::min(width, output.y.cols - col),
          bias ? output.bias.data() + col : nullptr, output.add || block > 0};
}

/// What a product of many rows is, beyond its left operand.
struct RightProduct {
  RightOperand right;
  ProductOutput output;

  bool HasFewColumns() const { return right.cols <= kFewColumns; }
  size_t Units() const { return hwy::DivCeil(right.cols, 2 * hn::Lanes(F32())); }
};

/// A tile of kTileRows rows, or the last ones, in a block of depth: all columns.
void TileRowProduct(ConstMatrix x, size_t row, const DepthBlocks& blocks, size_t block,
                    const float* packed, const RightProduct& product) {
  const size_t unit = 2 * hn::Lanes(F32());
  const size_t depth = blocks.Size(block);
  for (size_t u = 0; u < product.Units(); ++u) {
    WithConstantRows(std::min(kTileRows, x.rows - row), [&]<size_t kRows>() HWY_ATTR {
      StridedTileProduct<kRows>(x.Row(row) + blocks.Begin(block), x.stride,
                                packed + u * unit * depth, depth,
                                OutputOf(product.output, row, u, block));
    });
  }
}

/// Those with few columns: their right operands are packed once for all, tasks take rows, and x is
/// read once. product_of(output): a RightProduct.
template <class Output, class ProductOf>
void ProductsOfFewColumns(ConstMatrix x, std::span<const Output> outputs,
                          const ProductOf& product_of, ThreadPool& pool) {
  const auto for_each = [&](const auto& work) {  // and where its units begin
    size_t units = 0;
    for (const Output& output : outputs) {
      const RightProduct product = product_of(output);
      if (!product.HasFewColumns()) continue;
      work(product, units);
      units += product.Units();
    }
    return units;
  };
  const size_t units = for_each([](const RightProduct&, size_t) {});
  if (units == 0) return;
  const DepthBlocks blocks(x.cols);
  const size_t unit = 2 * hn::Lanes(F32());
  static thread_local Scratch right_scratch;
  float* const packed = right_scratch.Floats(units * unit * blocks.total);
  const auto packed_at = [&](size_t block, size_t first_unit) {
    return packed + unit * (units * blocks.Begin(block) + first_unit * blocks.Size(block));
  };
  pool.ForEach(blocks.count, [&](size_t block, int) {
    for_each([&](const RightProduct& product, size_t first_unit) {
      product.right.pack(product.right.stored, 0, product.Units(), blocks.Begin(block),
                         blocks.Size(block), packed_at(block, first_unit));
    });
  });
  constexpr size_t kTaskRows = 8 * kTileRows;
  pool.ForEach(hwy::DivCeil(x.rows, kTaskRows), [&](size_t task, int) {
    const size_t end = std::min(x.rows, (task + 1) * kTaskRows);
    for (size_t row = task * kTaskRows; row < end; row += kTileRows) {
      for (size_t block = 0; block < blocks.count; ++block) {
        for_each([&](const RightProduct& product, size_t first_unit) {
          TileRowProduct(x, row, blocks, block, packed_at(block, first_unit), product);
        });
      }
    }
  });
}

void ProductOfManyColumns(const PackedLeft& left, const RightOperand& right,
                          const ProductOutput& output, ThreadPool& pool) {
  const DepthBlocks& blocks = left.blocks;
  const size_t unit = 2 * hn::Lanes(F32());
  // As many tasks of equal size as give every thread the same number of them.
  const size_t threads = static_cast<size_t>(pool.threads());
  const size_t units = hwy::DivCeil(right.cols, unit);
  const size_t tasks =
      std::min(units, hwy::RoundUpTo(hwy::DivCeil(right.cols, kTaskColumns), threads));
  pool.ForEach(tasks, [&](size_t task, int) {
    const size_t first_unit = units * task / tasks;
    const size_t last_unit = units * (task + 1) / tasks;
    static thread_local Scratch right_scratch;
    float* const packed = right_scratch.Floats((last_unit - first_unit) * unit * blocks.depth);
    for (size_t block = 0; block < blocks.count; ++block) {
      right.pack(right.stored, first_unit, last_unit - first_unit, blocks.Begin(block),
                 blocks.Size(block), packed);
      const size_t depth = blocks.Size(block);
      for (size_t panel = 0; panel < left.panels; ++panel) {
        for (size_t u = first_unit; u < last_unit; ++u) {
          WithConstantRows(left.PanelRows(panel), [&]<size_t kRows>() HWY_ATTR {
            PackedTileProduct<kRows>(left.Panel(block, panel),
                                     packed + (u - first_unit) * unit * depth, depth,
                                     OutputOf(output, panel * kTileRows, u, block));
          });
        }
      }
    }
  });
}

/// product_of(output): a RightProduct.
template <class Output, class ProductOf>
void ProductsOfRows(ConstMatrix x, std::span<const Output> outputs, const ProductOf& product_of,
                    ThreadPool& pool) {
  ProductsOfFewColumns(x, outputs, product_of, pool);
  const bool all_few = std::all_of(outputs.begin(), outputs.end(), [&](const Output& output) {
    return product_of(output).HasFewColumns();
  });
  if (all_few) return;
  const PackedLeft left(x, PackLeftRows, x.rows, x.cols, pool);
  for (const Output& output : outputs) {
    const RightProduct product = product_of(output);
    if (product.HasFewColumns()) continue;
    ProductOfManyColumns(left, product.right, product.output, pool);
  }
}

void ManyRows(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  const auto product_of = [](const MatMulOutput& output) {
    return RightProduct{RightOperand::Transposed(output.weight),
                        {output.y, output.bias, output.add}};
  };
  ProductsOfRows(x, outputs, product_of, pool);
}

void InputGradients(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                    ThreadPool& pool) {
  const auto product_of = [](const MatMulInputGradient& output) {
    return RightProduct{RightOperand::AsItLies(output.weight), {output.grad_x, {}, output.add}};
  };
  ProductsOfRows(grad_y, outputs, product_of, pool);
}

/// sums += leftᵀ right.
void ProductOfColumns(ConstMatrix left, ConstMatrix right, Matrix sums, ThreadPool& pool) {
  const PackedLeft packed(left, PackLeftColumns, left.cols, left.rows, pool);
  ProductOfManyColumns(packed, RightOperand::AsItLies(right), {sums, {}, /*add=*/true}, pool);
}

void WeightGradient(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool) {
  if (x.cols > kFewColumns || grad_y.cols <= x.cols) {
    ProductOfColumns(grad_y, x, grad_weight, pool);
    return;
  }
  // Tall and narrow (the B of a low rank): the other way round, so that the wide operand streams as
  // rows instead of being transposed.
  static thread_local Scratch scratch;
  const size_t width = grad_y.cols;
  const Matrix turned{scratch.Floats(x.cols * width), x.cols, width, width};
  std::fill_n(turned.data, x.cols * width, 0.0f);
  ProductOfColumns(x, grad_y, turned, pool);
  for (size_t n = 0; n < width; ++n) {
    for (size_t k = 0; k < x.cols; ++k) grad_weight.Row(n)[k] += turned.Row(k)[n];
  }
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include <atomic>
#include <optional>
#include <vector>

#include "roentgen/base/cpu_relax.h"
#include "roentgen/base/error.h"
#include "roentgen/kernels/amx_matmul.h"
#include "roentgen/kernels/block_matmul.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/kernels/low_rank.h"
#include "roentgen/tensor/block_weights.h"

namespace roentgen {
namespace {

HWY_EXPORT(ManyRows);
HWY_EXPORT(FewRows);
HWY_EXPORT(InputGradients);
HWY_EXPORT(WeightGradient);

// Of products with a low rank the tiles would hold little, while the packing is that of a wide one.
constexpr size_t kNarrow = 32;

void RequireFloats(const WeightMatrix& weight) {
  if (weight.quantized != nullptr) return;
  if (weight.dtype != DType::kBF16 && weight.dtype != DType::kF16 && weight.dtype != DType::kF32) {
    throw ShapeError(fmt::format("matmul: no weights of type {}", DTypeName(weight.dtype)));
  }
}

/// How a product is computed; outputs that agree in it may be asked for together.
struct Kind {
  Kind(const WeightMatrix& weight, size_t rows) : dtype(weight.dtype) {
    const auto* blocks = dynamic_cast<const BlockWeights*>(weight.quantized);
    if (blocks != nullptr) scheme = blocks->scheme();
    packs = !scheme && (rows > kFewRows || weight.quantized != nullptr);
    if (!packs) return;
    dtype = DType::kF32;  // what all are widened to
    amx = UsesAmx() && weight.rows > kNarrow;
  }
  bool operator==(const Kind&) const = default;

  DType dtype;
  std::optional<BlockScheme> scheme;
  bool packs;  // the weights, widened: many rows
  bool amx = false;
};

void RequireShapes(ConstMatrix x, const MatMulOutput& output) {
  const auto& [weight, bias, y, add, low_rank] = output;
  if (x.cols != weight.cols || y.rows != x.rows || y.cols != weight.rows ||
      (!bias.empty() && bias.size() != weight.rows)) {
    throw ShapeError(fmt::format("matmul: x {}×{}, weight {}×{}, bias {}, y {}×{}", x.rows, x.cols,
                                 weight.rows, weight.cols, bias.size(), y.rows, y.cols));
  }
  RequireFloats(weight);
  for (const LowRankTerm& term : low_rank) {
    if (term.a.cols != x.cols || term.b.rows != y.cols || term.a.rows != term.b.cols) {
      throw ShapeError(fmt::format("matmul: x {}×{}, low rank {}×{} and {}×{}, y {}×{}", x.rows,
                                   x.cols, term.a.rows, term.a.cols, term.b.rows, term.b.cols,
                                   y.rows, y.cols));
    }
  }
}

void RequireShapes(ConstMatrix grad_y, const MatMulInputGradient& output) {
  const auto& [weight, grad_x, add, low_rank] = output;
  if (grad_y.cols != weight.rows || grad_x.rows != grad_y.rows || grad_x.cols != weight.cols) {
    throw ShapeError(fmt::format("matmul: gradient of y {}×{}, weight {}×{}, gradient of x {}×{}",
                                 grad_y.rows, grad_y.cols, weight.rows, weight.cols, grad_x.rows,
                                 grad_x.cols));
  }
  RequireFloats(weight);
  for (const auto& [grad_low, a] : low_rank) {
    if (grad_low.rows != grad_x.rows || grad_low.cols != a.rows || a.cols != grad_x.cols) {
      throw ShapeError(fmt::format("matmul: gradient of x {}×{}, low rank {}×{} and {}×{}",
                                   grad_x.rows, grad_x.cols, grad_low.rows, grad_low.cols, a.rows,
                                   a.cols));
    }
  }
}

/// The corrections of several products, in two halves: low = x Aᵀ, and y += scale · low Bᵀ.
class Corrections {
 public:
  Corrections(ConstMatrix x, std::span<const MatMulOutput> products) : products_(products) {
    size_t count = 0;
    size_t ranks = 0;
    for (const MatMulOutput& product : products) {
      count += product.low_rank.size();
      for (const LowRankTerm& term : product.low_rank) ranks += term.a.rows;
    }
    if (count == 0) return;
    static thread_local Scratch scratch;
    float* low = scratch.Floats(ranks * x.rows);
    lows_.reserve(count);
    first_.reserve(count);
    second_.reserve(count);
    for (const MatMulOutput& product : products) {
      for (const LowRankTerm& term : product.low_rank) {
        const size_t rank = term.a.rows;
        const Matrix values{low, x.rows, rank, rank};
        lows_.push_back(values);
        first_.push_back({AsWeights(term.a), {}, values});
        second_.push_back({values, term.b, product.y});
        low += x.rows * rank;
      }
    }
  }

  std::span<const Matrix> lows() const { return lows_; }
  std::span<const MatMulOutput> first() const { return first_; }
  std::span<const LowRankOutput> second() const { return second_; }
  std::span<const LowRankOutput> SecondOf(const MatMulOutput& product) const {
    if (product.low_rank.empty()) return {};
    size_t begin = 0;
    for (const MatMulOutput* before = products_.data(); before != &product; ++before) {
      begin += before->low_rank.size();
    }
    return second().subspan(begin, product.low_rank.size());
  }

  /// After the first halves.
  void Scale() const {
    for (const MatMulOutput& half : first_) ScaleOutputs({&half, 0, half.y.cols});
  }
  void ScaleOutputs(const TaskOutputs& made) const {
    const float scale = ScaleOf(static_cast<size_t>(made.product - first_.data()));
    const Matrix& low = made.product->y;
    for (size_t t = 0; t < low.rows; ++t) {
      for (size_t n = made.first; n < made.first + made.count; ++n) low.Row(t)[n] *= scale;
    }
  }

 private:
  float ScaleOf(size_t correction) const {
    auto product = products_.begin();
    for (; correction >= product->low_rank.size(); ++product) {
      correction -= product->low_rank.size();
    }
    return product->low_rank[correction].scale;
  }

  std::span<const MatMulOutput> products_;
  std::vector<Matrix> lows_;
  std::vector<MatMulOutput> first_;
  std::vector<LowRankOutput> second_;
};

/// The first halves within the tasks of the products themselves: every member of the team takes
/// some before its first task of a product, and waits for the rest before it ends that task with
/// the second half. Who has begun one ends it, whatever happens to the other tasks.
class FirstHalves {
 public:
  FirstHalves(ConstMatrix x, const Corrections& corrections) : corrections_(corrections) {
    if (!corrections.first().empty()) {
      tasks_ = HWY_DYNAMIC_DISPATCH(FewRows)(x, corrections.first());
    }
  }
  void TakePart() {
    for (size_t task = next_++; task < tasks_.count; task = next_++) {
      const TaskOutputs made = tasks_.outputs(task);
      tasks_.run(made);
      corrections_.ScaleOutputs(made);
      ++done_;
    }
  }
  void Await() const {
    while (done_.load() < tasks_.count) CpuRelax();
  }

 private:
  const Corrections& corrections_;
  ProductTasks tasks_;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> done_{0};
};

/// Tasks of several products, which the team takes as one.
class TaskList {
 public:
  void Add(ProductTasks tasks) {
    count_ += tasks.count;
    products_.push_back(std::move(tasks));
  }
  /// run(product, outputs) for every task.
  template <class Run>
  void ForEach(ThreadPool& pool, const Run& run) const {
    pool.ForEach(count_, [&](size_t task, int) {
      auto product = products_.begin();
      for (; task >= product->count; ++product) task -= product->count;
      run(*product, product->outputs(task));
    });
  }

 private:
  std::vector<ProductTasks> products_;
  size_t count_ = 0;
};

/// work(kind, outputs) for neighbours of one kind.
template <class Work>
void ForKinds(ConstMatrix x, std::span<const MatMulOutput> outputs, const Work& work) {
  while (!outputs.empty()) {
    const Kind kind(outputs[0].weight, x.rows);
    size_t alike = 1;
    while (alike < outputs.size() && Kind(outputs[alike].weight, x.rows) == kind) ++alike;
    work(kind, outputs.first(alike));
    outputs = outputs.subspan(alike);
  }
}

/// Tasks of outputs whose weights are not packed.
ProductTasks TasksOf(const Kind& kind, ConstMatrix x, std::span<const MatMulOutput> outputs,
                     ThreadPool& pool) {
  return kind.scheme ? BlockProducts(*kind.scheme, x, outputs, pool)
                     : HWY_DYNAMIC_DISPATCH(FewRows)(x, outputs);
}

/// The products, and on AMX their corrections, of whose first halves there are `lows`.
void Multiply(ConstMatrix x, std::span<const MatMulOutput> outputs, std::span<const Matrix> lows,
              ThreadPool& pool) {
  TaskList tasks;
  ForKinds(x, outputs, [&](const Kind& kind, std::span<const MatMulOutput> run) {
    size_t terms = 0;
    for (const MatMulOutput& output : run) terms += output.low_rank.size();
    const std::span<const Matrix> run_lows = lows.first(terms);
    lows = lows.subspan(terms);
    if (kind.amx) {
      AmxProducts(x, run, run_lows, pool);
    } else if (kind.packs) {
      HWY_DYNAMIC_DISPATCH(ManyRows)(x, run, pool);
    } else {
      tasks.Add(TasksOf(kind, x, run, pool));
    }
  });
  tasks.ForEach(pool,
                [](const ProductTasks& product, const TaskOutputs& made) { product.run(made); });
}

/// The products and their corrections in one meeting of the team: a decoding step.
void MultiplyAndCorrect(ConstMatrix x, std::span<const MatMulOutput> outputs,
                        const Corrections& corrections, ThreadPool& pool) {
  TaskList tasks;
  ForKinds(x, outputs, [&](const Kind& kind, std::span<const MatMulOutput> run) {
    tasks.Add(TasksOf(kind, x, run, pool));
  });
  FirstHalves first_halves(x, corrections);
  tasks.ForEach(pool, [&](const ProductTasks& product, const TaskOutputs& made) {
    first_halves.TakePart();
    const auto second_halves = corrections.SecondOf(*made.product);
    for (const LowRankOutput& half : second_halves) FetchLowRankRows(half, made.first, made.count);
    product.run(made);
    first_halves.Await();
    for (const LowRankOutput& half : second_halves) AddLowRankRows(half, made.first, made.count);
  });
}

}  // namespace

void MatMul(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
            ThreadPool& pool) {
  const MatMulOutput output{weight, bias, y};
  MatMulEach(x, {&output, 1}, pool);
}

void MatMulAdd(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
               ThreadPool& pool) {
  const MatMulOutput output{weight, bias, y, /*add=*/true};
  MatMulEach(x, {&output, 1}, pool);
}

void MatMulEach(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  for (const MatMulOutput& output : outputs) RequireShapes(x, output);
  if (x.rows == 0) return;
  const Corrections corrections(x, outputs);
  const auto second = corrections.second();
  const bool packs = std::any_of(outputs.begin(), outputs.end(), [&](const MatMulOutput& output) {
    return Kind(output.weight, x.rows).packs;
  });
  if (!packs && std::all_of(second.begin(), second.end(), IsNarrow)) {
    MultiplyAndCorrect(x, outputs, corrections, pool);
    return;
  }
  Multiply(x, corrections.first(), {}, pool);
  corrections.Scale();
  Multiply(x, outputs, corrections.lows(), pool);
  std::vector<LowRankOutput> rest;
  for (const MatMulOutput& output : outputs) {
    if (Kind(output.weight, x.rows).amx) continue;  // has them
    const auto halves = corrections.SecondOf(output);
    rest.insert(rest.end(), halves.begin(), halves.end());
  }
  AddLowRankEach(rest, pool);
}

void MatMulBackwardInput(ConstMatrix grad_y, const WeightMatrix& weight, Matrix grad_x,
                         ThreadPool& pool) {
  const MatMulInputGradient output{weight, grad_x};
  MatMulBackwardInputEach(grad_y, {&output, 1}, pool);
}

void MatMulBackwardInputAdd(ConstMatrix grad_y, const WeightMatrix& weight, Matrix grad_x,
                            ThreadPool& pool) {
  const MatMulInputGradient output{weight, grad_x, /*add=*/true};
  MatMulBackwardInputEach(grad_y, {&output, 1}, pool);
}

void MatMulBackwardInputEach(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                             ThreadPool& pool) {
  for (const MatMulInputGradient& output : outputs) RequireShapes(grad_y, output);
  if (grad_y.rows == 0) return;
  const auto is_amx = [](const MatMulInputGradient& output) {
    return UsesAmx() && output.weight.cols > kNarrow;
  };
  while (!outputs.empty()) {  // neighbours together
    const bool amx = is_amx(outputs[0]);
    size_t alike = 1;
    while (alike < outputs.size() && is_amx(outputs[alike]) == amx) ++alike;
    const auto run = outputs.first(alike);
    outputs = outputs.subspan(alike);
    if (amx) {
      AmxInputGradients(grad_y, run, pool);
      continue;
    }
    HWY_DYNAMIC_DISPATCH(InputGradients)(grad_y, run, pool);
    for (const MatMulInputGradient& output : run) {
      for (const auto& [grad_low, a] : output.low_rank) {
        MatMulBackwardInputAdd(grad_low, AsWeights(a), output.grad_x, pool);
      }
    }
  }
}

void MatMulBackwardWeight(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool) {
  if (grad_y.rows != x.rows || grad_weight.rows != grad_y.cols || grad_weight.cols != x.cols) {
    throw ShapeError(fmt::format("matmul: gradient of y {}×{}, x {}×{}, gradient of weight {}×{}",
                                 grad_y.rows, grad_y.cols, x.rows, x.cols, grad_weight.rows,
                                 grad_weight.cols));
  }
  const bool amx = UsesAmx() && std::min(grad_y.cols, x.cols) > kNarrow;
  (amx ? AmxWeightGradient : HWY_DYNAMIC_DISPATCH(WeightGradient))(grad_y, x, grad_weight, pool);
}

}  // namespace roentgen
#endif  // HWY_ONCE
