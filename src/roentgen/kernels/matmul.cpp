// The product of many rows: packed panels and a register-blocked kernel (Goto & van de Geijn 2008).
//
// x is packed once into panels of kTileRows tokens. Each task takes a range of outputs; block of
// inputs by block of inputs it widens and transposes their weights into a panel of its own, which
// stays in its core's second-level cache while all tokens pass.

#include "roentgen/kernels/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/matmul.cpp"
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "roentgen/kernels/few_rows-inl.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/kernels/tile-inl.h"
#include "roentgen/kernels/weight_pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

// Inputs per block: a token panel (12 × 256 × 4 = 12 KiB) stays in the 32 KiB first-level cache
// while a task's weights stream past it.
constexpr size_t kMaxDepth = 256;
// Outputs per task: 256 × 256 × 4 = 256 KiB of weights, half of the smallest second-level cache in
// question (Zen 3: 512 KiB).
constexpr size_t kTaskOutputs = 256;

/// How the inputs are cut into blocks of equal depth (the last may be shorter).
struct DepthBlocks {
  explicit DepthBlocks(size_t inputs)
      : count(hwy::DivCeil(inputs, kMaxDepth)),
        depth(hwy::RoundUpTo(hwy::DivCeil(inputs, count), 8)),
        total(inputs) {}
  size_t Begin(size_t block) const { return std::min(block * depth, total); }
  size_t Size(size_t block) const { return Begin(block + 1) - Begin(block); }

  size_t count;
  size_t depth;
  size_t total;
};

/// to[k · rows + r] = x[first + r][begin + k].
void PackTokens(ConstMatrix x, size_t first, size_t rows, size_t begin, size_t depth, float* to) {
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

/// What a tile of y gets besides the product.
struct TileOutput {
  float* y;           // first element
  size_t stride;      // between its rows
  size_t cols;        // at most two vectors
  const float* bias;  // null: none
  bool add;           // to what y holds, instead of overwriting it
};

/// One tile of y from packed tokens [depth][kRows] and packed weights [depth][two vectors].
template <size_t kRows>
void TileProduct(const float* HWY_RESTRICT tokens, const float* HWY_RESTRICT weights, size_t depth,
                 const TileOutput& out) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  VF32 sums[kRows][2];
  TileSums([&](size_t r, size_t k) HWY_ATTR { return tokens[k * kRows + r]; }, weights, depth,
           sums);
  if (out.cols == 2 * lanes) {
    HWY_UNROLL(16)
    for (size_t r = 0; r < kRows; ++r) {
      HWY_UNROLL(2)
      for (size_t v = 0; v < 2; ++v) {
        float* to = out.y + r * out.stride + v * lanes;
        VF32 value = sums[r][v];
        if (out.bias != nullptr) value = hn::Add(value, hn::LoadU(d, out.bias + v * lanes));
        if (out.add) value = hn::Add(value, hn::LoadU(d, to));
        hn::StoreU(value, d, to);
      }
    }
    return;
  }
  // The last outputs do not fill two vectors.
  HWY_ALIGN float tile[2 * hn::MaxLanes(d)];
  for (size_t r = 0; r < kRows; ++r) {
    hn::Store(sums[r][0], d, tile);
    hn::Store(sums[r][1], d, tile + lanes);
    float* row = out.y + r * out.stride;
    for (size_t c = 0; c < out.cols; ++c) {
      const float value = out.bias != nullptr ? tile[c] + out.bias[c] : tile[c];
      row[c] = out.add ? row[c] + value : value;
    }
  }
}

using PackFunction = void (*)(const WeightMatrix&, size_t, size_t, size_t, float*);

PackFunction PackFunctionFor(DType dtype) {
  switch (dtype) {
    case DType::kBF16:
      return PackWeights<WidenBf16>;
    case DType::kF16:
      return PackWeights<WidenF16>;
    default:
      return PackWeights<WidenF32>;
  }
}

/// All tokens, block of inputs by block of inputs, and in a block panel by panel.
struct PackedTokens {
  PackedTokens(ConstMatrix x, ThreadPool& pool)
      : tokens(x.rows), blocks(x.cols), panels(hwy::DivCeil(x.rows, kTileRows)) {
    static thread_local Scratch scratch;
    values = scratch.Floats(x.rows * x.cols);
    pool.ForEach(panels, [&](size_t panel, int) {
      for (size_t block = 0; block < blocks.count; ++block) {
        PackTokens(x, panel * kTileRows, PanelRows(panel), blocks.Begin(block), blocks.Size(block),
                   Panel(block, panel));
      }
    });
  }
  size_t PanelRows(size_t panel) const { return std::min(kTileRows, tokens - panel * kTileRows); }
  float* Panel(size_t block, size_t panel) const {
    return values + blocks.Begin(block) * tokens + panel * kTileRows * blocks.Size(block);
  }

  size_t tokens;
  DepthBlocks blocks;
  size_t panels;
  float* values;  // of the thread that packs, until it packs again
};

void ProductOfPacked(const PackedTokens& x, const MatMulOutput& output, bool add,
                     ThreadPool& pool) {
  const WeightMatrix& weight = output.weight;
  const DepthBlocks& blocks = x.blocks;
  const size_t unit = 2 * hn::Lanes(F32());
  // As many tasks of equal size as give every thread the same number of them.
  const size_t threads = static_cast<size_t>(pool.threads());
  const size_t units = hwy::DivCeil(weight.rows, unit);
  const size_t tasks =
      std::min(units, hwy::RoundUpTo(hwy::DivCeil(weight.rows, kTaskOutputs), threads));
  const PackFunction pack = PackFunctionFor(weight.dtype);
  pool.ForEach(tasks, [&](size_t task, int) {
    const size_t first_unit = units * task / tasks;
    const size_t last_unit = units * (task + 1) / tasks;
    static thread_local Scratch weight_scratch;
    float* const weights = weight_scratch.Floats((last_unit - first_unit) * unit * blocks.depth);
    for (size_t block = 0; block < blocks.count; ++block) {
      const size_t depth = blocks.Size(block);
      for (size_t u = first_unit; u < last_unit; ++u) {
        pack(weight, u * unit, blocks.Begin(block), depth,
             weights + (u - first_unit) * unit * depth);
      }
      for (size_t panel = 0; panel < x.panels; ++panel) {
        for (size_t u = first_unit; u < last_unit; ++u) {
          const size_t col = u * unit;
          const TileOutput out{
              output.y.Row(panel * kTileRows) + col, output.y.stride,
              std::min(unit, weight.rows - col),
              output.bias.empty() || block > 0 ? nullptr : output.bias.data() + col,
              add || block > 0};
          WithConstantRows(x.PanelRows(panel), [&]<size_t kRows>() HWY_ATTR {
            TileProduct<kRows>(x.Panel(block, panel), weights + (u - first_unit) * unit * depth,
                               depth, out);
          });
        }
      }
    }
  });
}

void ManyRows(ConstMatrix x, std::span<const MatMulOutput> outputs, bool add, ThreadPool& pool) {
  const PackedTokens packed(x, pool);
  for (const MatMulOutput& output : outputs) ProductOfPacked(packed, output, add, pool);
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <fmt/format.h>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

HWY_EXPORT(ManyRows);
HWY_EXPORT(FewRows);

void RequireShapes(ConstMatrix x, const MatMulOutput& output) {
  const auto& [weight, bias, y] = output;
  if (x.cols != weight.cols || y.rows != x.rows || y.cols != weight.rows ||
      (!bias.empty() && bias.size() != weight.rows)) {
    throw ShapeError(fmt::format("matmul: x {}×{}, weight {}×{}, bias {}, y {}×{}", x.rows, x.cols,
                                 weight.rows, weight.cols, bias.size(), y.rows, y.cols));
  }
  if (weight.dtype != DType::kBF16 && weight.dtype != DType::kF16 && weight.dtype != DType::kF32) {
    throw ShapeError(fmt::format("matmul: no weights of type {}", DTypeName(weight.dtype)));
  }
}

void Products(ConstMatrix x, std::span<const MatMulOutput> outputs, bool add, ThreadPool& pool) {
  for (const MatMulOutput& output : outputs) RequireShapes(x, output);
  if (x.rows == 0) return;
  if (x.rows > kFewRows) {
    HWY_DYNAMIC_DISPATCH(ManyRows)(x, outputs, add, pool);
    return;
  }
  while (!outputs.empty()) {  // neighbours of one type together
    size_t alike = 1;
    while (alike < outputs.size() && outputs[alike].weight.dtype == outputs[0].weight.dtype) {
      ++alike;
    }
    HWY_DYNAMIC_DISPATCH(FewRows)(x, outputs.first(alike), add, pool);
    outputs = outputs.subspan(alike);
  }
}

}  // namespace

void MatMul(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
            ThreadPool& pool) {
  const MatMulOutput output{weight, bias, y};
  Products(x, {&output, 1}, /*add=*/false, pool);
}

void MatMulAdd(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
               ThreadPool& pool) {
  const MatMulOutput output{weight, bias, y};
  Products(x, {&output, 1}, /*add=*/true, pool);
}

void MatMulEach(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  Products(x, outputs, /*add=*/false, pool);
}

}  // namespace roentgen
#endif  // HWY_ONCE
