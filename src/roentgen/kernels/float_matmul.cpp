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

#include "roentgen/kernels/float_matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/float_matmul.cpp"
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
namespace roentgen {

HWY_EXPORT(ManyRows);
HWY_EXPORT(FewRows);
HWY_EXPORT(InputGradients);
HWY_EXPORT(WeightGradient);

void FloatProducts(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  HWY_DYNAMIC_DISPATCH(ManyRows)(x, outputs, pool);
}

ProductTasks FloatTasks(ConstMatrix x, std::span<const MatMulOutput> outputs) {
  return HWY_DYNAMIC_DISPATCH(FewRows)(x, outputs);
}

void FloatInputGradients(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                         ThreadPool& pool) {
  HWY_DYNAMIC_DISPATCH(InputGradients)(grad_y, outputs, pool);
}

void FloatWeightGradient(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool) {
  HWY_DYNAMIC_DISPATCH(WeightGradient)(grad_y, x, grad_weight, pool);
}

}  // namespace roentgen
#endif  // HWY_ONCE
