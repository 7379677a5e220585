// Products of quantised weights: every strip of 16 outputs is read once and passes all tokens, a
// panel of a few tokens at a time, whose sums stay in registers. One token, a decoding step, is a
// panel too: then the weights are what is waited for.

#include "roentgen/kernels/block_matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roentgen/kernels/block_matmul.cpp"
#define ROENTGEN_KERNEL_OF_INTEGERS
#include "roentgen/kernels/simd.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "roentgen/kernels/byte_dot-inl.h"
#include "roentgen/kernels/fetch_lines.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {

constexpr size_t kBlockInputs = BlockWeights::kBlockInputs;
constexpr size_t kStripOutputs = BlockWeights::kStripOutputs;
constexpr size_t kVectors = kStripOutputs / hn::MaxLanes(Outputs());  // of a strip's outputs

// A group of strips that stays in the second-level cache (of 512 KiB at least) while all panels
// pass.
constexpr size_t kGroupBytes = size_t{128} << 10;

// How far ahead of the multiplications a decoding step fetches its weights. In 4 bits a block takes
// nearly as long to multiply as to read, and the processor's own prefetcher does not run far enough
// ahead to do both at once (Sapphire Rapids: 75 % of the read bandwidth without, 90 % with this).
constexpr size_t kBytesAhead = 4096;

/// A panel of tokens in 8 bits, block by block: the codes of every token, then their negative sums
/// (i32), then their scales (f32).
template <class Dot>
struct PanelLayout {
  explicit PanelLayout(size_t panel_rows) : rows(panel_rows) {}
  using XCode = typename Dot::XCode;
  size_t BlockBytes() const {
    return rows * (kBlockInputs * sizeof(XCode) + sizeof(int32_t) + sizeof(float));
  }
  size_t Codes(size_t row) const { return row * kBlockInputs * sizeof(XCode); }
  size_t Sum(size_t row) const { return Codes(rows) + row * sizeof(int32_t); }
  size_t Scale(size_t row) const { return Sum(rows) + row * sizeof(float); }

  size_t rows;
};

/// 32 values to codes; returns their scale. What is not finite makes the scale NaN.
float RoundBlock(const float* values, int8_t* codes) {
  const Outputs d;
  const hn::Rebind<int8_t, Outputs> byte;
  auto largest = hn::Zero(d);
  auto nothing = hn::Zero(d);  // or NaN
  for (size_t i = 0; i < kBlockInputs; i += hn::Lanes(d)) {
    const auto value = hn::LoadU(d, values + i);
    largest = hn::Max(largest, hn::Abs(value));
    nothing = hn::MulAdd(value, hn::Zero(d), nothing);
  }
  const float most = hn::GetLane(hn::MaxOfLanes(d, largest));
  const float inverse = most > 1e-30f ? 127.0f / most : 0.0f;
  for (size_t i = 0; i < kBlockInputs; i += hn::Lanes(d)) {
    const auto code = hn::NearestInt(hn::Mul(hn::LoadU(d, values + i), hn::Set(d, inverse)));
    hn::StoreU(hn::DemoteTo(byte, code), byte, codes + i);
  }
  const float scale = most > 1e-30f ? most / 127.0f : 0.0f;
  return scale + hn::GetLane(hn::SumOfLanes(d, nothing));
}

template <class Dot>
void PackRow(const float* x, size_t inputs, const PanelLayout<Dot>& layout, size_t row,
             std::byte* panel) {
  for (size_t begin = 0; begin < inputs; begin += kBlockInputs) {
    float padded[kBlockInputs];
    const float* values = x + begin;
    if (inputs - begin < kBlockInputs) {
      std::fill_n(padded, kBlockInputs, 0.0f);
      std::copy_n(values, inputs - begin, padded);
      values = padded;
    }
    int8_t codes[kBlockInputs];
    const float scale = RoundBlock(values, codes);
    int32_t sum = 0;
    for (const int8_t code : codes) sum -= code;
    Dot::Arrange(codes, reinterpret_cast<typename Dot::XCode*>(panel + layout.Codes(row)));
    std::memcpy(panel + layout.Sum(row), &sum, sizeof(sum));
    std::memcpy(panel + layout.Scale(row), &scale, sizeof(scale));
    panel += layout.BlockBytes();
  }
}

/// All tokens in panels of nearly equal size.
template <class Dot>
struct PackedTokens {
  PackedTokens(ConstMatrix x, ThreadPool& pool)
      : rows(x.rows),
        blocks(hwy::DivCeil(x.cols, kBlockInputs)),
        panels(hwy::DivCeil(x.rows, Dot::kPanelRows)) {
    static thread_local Scratch scratch;
    bytes = reinterpret_cast<std::byte*>(
        scratch.Floats(PanelLayout<Dot>(rows).BlockBytes() * blocks / sizeof(float)));
    pool.ForEach(panels, [&](size_t panel, int) {
      const PanelLayout<Dot> layout(PanelRows(panel));
      for (size_t row = 0; row < layout.rows; ++row) {
        PackRow(x.Row(FirstRow(panel) + row), x.cols, layout, row, Panel(panel));
      }
    });
  }
  size_t FirstRow(size_t panel) const { return rows * panel / panels; }
  size_t PanelRows(size_t panel) const { return FirstRow(panel + 1) - FirstRow(panel); }
  std::byte* Panel(size_t panel) const {
    return bytes + PanelLayout<Dot>(FirstRow(panel)).BlockBytes() * blocks;
  }

  size_t rows;
  size_t blocks;
  size_t panels;
  std::byte* bytes;  // of the thread that packs, until it packs again
};

HWY_INLINE Floats ScalesOf(const std::byte* from) {
  const hn::Rebind<hwy::float16_t, Outputs> half;
  const hn::RebindToUnsigned<decltype(half)> bits;
  return hn::PromoteTo(Outputs(),
                       hn::BitCast(half, hn::LoadU(bits, reinterpret_cast<const uint16_t*>(from))));
}

HWY_INLINE Floats BroadcastFloat(const std::byte* from) {
  float value;
  std::memcpy(&value, from, sizeof(value));
  return hn::Set(Outputs(), value);
}

/// The codes of one of the chunks that share a load of 64 bytes.
template <class Dot, BlockScheme kScheme>
HWY_INLINE typename Dot::Codes CodesOf(hn::Vec<Bytes> bytes, size_t chunk_of_load) {
  if constexpr (kScheme == BlockScheme::kQ8) {
    return Dot::Ready(bytes);
  } else {
    const Bytes d;
    const hn::Repartition<uint16_t, Bytes> pairs;
    if (chunk_of_load == 1) bytes = hn::BitCast(d, hn::ShiftRight<4>(hn::BitCast(pairs, bytes)));
    return Dot::Ready(hn::And(bytes, hn::Set(d, 0x0f)));
  }
}

/// What a tile of y gets besides the product.
struct StripOutput {
  float* y;           // first element
  size_t stride;      // between its rows
  size_t cols;        // at most a strip's
  const float* bias;  // null: none
  bool add;           // to what y holds, instead of overwriting it
};

/// A strip's sums over all blocks, token by token.
template <size_t kRows>
struct StripSums {
  float* At(size_t row, size_t v) { return values + (row * kVectors + v) * hn::Lanes(Outputs()); }
  HWY_ALIGN float values[kRows * kStripOutputs] = {};
};

template <size_t kRows>
void StoreStrip(const StripSums<kRows>& sums, const StripOutput& out) {
  const Outputs d;
  for (size_t r = 0; r < kRows; ++r) {
    const float* const from = sums.values + r * kStripOutputs;
    float* const row = out.y + r * out.stride;
    size_t c = 0;
    for (; c + hn::Lanes(d) <= out.cols; c += hn::Lanes(d)) {
      auto value = hn::Load(d, from + c);
      if (out.bias != nullptr) value = hn::Add(value, hn::LoadU(d, out.bias + c));
      if (out.add) value = hn::Add(hn::LoadU(d, row + c), value);
      hn::StoreU(value, d, row + c);
    }
    for (; c < out.cols; ++c) {
      const float value = out.bias != nullptr ? from[c] + out.bias[c] : from[c];
      row[c] = out.add ? row[c] + value : value;
    }
  }
}

/// A block of a strip times a panel's tokens, added to the strip's sums.
template <class Dot, BlockScheme kScheme, size_t kRows>
HWY_INLINE void AddBlock(const std::byte* HWY_RESTRICT block, const std::byte* HWY_RESTRICT panel,
                         StripSums<kRows>& all) {
  using XCode = typename Dot::XCode;
  const Outputs d;
  const PanelLayout<Dot> layout(kRows);
  const auto shift = [&](size_t r) HWY_ATTR {
    return hn::ShiftLeft<BlockWeights::Bits(kScheme) - 1>(Broadcast4(panel + layout.Sum(r)));
  };
  typename Dot::Sums sums[kRows][kVectors];
  HWY_UNROLL(16)
  for (size_t r = 0; r < kRows; ++r) {
    HWY_UNROLL(4)
    for (size_t v = 0; v < kVectors; ++v) sums[r][v] = Dot::Start(shift(r));
  }
  constexpr size_t kChunksOfLoad = 8 / BlockWeights::Bits(kScheme);
  const auto* bytes = reinterpret_cast<const uint8_t*>(block);
  const auto* x = reinterpret_cast<const XCode*>(panel);
  for (size_t load = 0; load < BlockWeights::kBlockChunks / kChunksOfLoad; ++load) {
    HWY_UNROLL(2)
    for (size_t chunk = 0; chunk < kChunksOfLoad; ++chunk) {
      typename Dot::Codes codes[kVectors];
      HWY_UNROLL(4)
      for (size_t v = 0; v < kVectors; ++v) {
        codes[v] = CodesOf<Dot, kScheme>(hn::LoadU(Bytes(), bytes + v * hn::Lanes(Bytes())), chunk);
      }
      HWY_UNROLL(16)
      for (size_t r = 0; r < kRows; ++r) {
        HWY_UNROLL(4)
        for (size_t v = 0; v < kVectors; ++v) {
          sums[r][v] = Dot::Add(sums[r][v], codes[v], x + r * kBlockInputs);
        }
      }
      x += BlockWeights::kChunkInputs;
    }
    bytes += BlockWeights::kChunkCodes;
  }
  HWY_UNROLL(4)
  for (size_t v = 0; v < kVectors; ++v) {
    const Floats scales =
        ScalesOf(block + BlockWeights::CodeBytes(kScheme) + v * hn::Lanes(d) * sizeof(uint16_t));
    HWY_UNROLL(16)
    for (size_t r = 0; r < kRows; ++r) {
      const Floats sum = hn::ConvertTo(d, Dot::Finish(sums[r][v], shift(r)));
      const Floats scale = hn::Mul(scales, BroadcastFloat(panel + layout.Scale(r)));
      hn::Store(hn::MulAdd(sum, scale, hn::Load(d, all.At(r, v))), d, all.At(r, v));
    }
  }
}

/// A strip of outputs of a panel's tokens.
template <class Dot, BlockScheme kScheme, size_t kRows>
void StripProduct(const std::byte* HWY_RESTRICT strip, const std::byte* HWY_RESTRICT panel,
                  size_t blocks, const StripOutput& out) {
  StripSums<kRows> sums;
  for (size_t block = 0; block < blocks; ++block) {
    if constexpr (kRows == 1) {
      FetchLines<2>(strip + kBytesAhead, BlockWeights::BlockBytes(kScheme));
    }
    AddBlock<Dot, kScheme>(strip, panel, sums);
    // With 16 registers the sums of a block need them all: those of the strip, which are touched
    // once in a block, are to stay in memory.
    if constexpr (HWY_TARGET > HWY_AVX3) asm volatile("" : : "r"(&sums) : "memory");
    strip += BlockWeights::BlockBytes(kScheme);
    panel += PanelLayout<Dot>(kRows).BlockBytes();
  }
  StoreStrip(sums, out);
}

/// Strips [first, last) of an output for all tokens.
template <class Dot, BlockScheme kScheme>
void GroupProduct(const PackedTokens<Dot>& x, const BlockWeights& weight,
                  const MatMulOutput& output, size_t first, size_t last) {
  for (size_t panel = 0; panel < x.panels; ++panel) {
    WithConstantRows<Dot::kPanelRows>(x.PanelRows(panel), [&]<size_t kRows>() HWY_ATTR {
      for (size_t strip = first; strip < last; ++strip) {
        const size_t col = strip * kStripOutputs;
        const StripOutput out{output.y.Row(x.FirstRow(panel)) + col, output.y.stride,
                              std::min(kStripOutputs, output.y.cols - col),
                              output.bias.empty() ? nullptr : output.bias.data() + col, output.add};
        StripProduct<Dot, kScheme, kRows>(weight.Strip(strip), x.Panel(panel), x.blocks, out);
      }
    });
  }
}

const BlockWeights& WeightOf(const MatMulOutput& output) {
  return static_cast<const BlockWeights&>(*output.weight.quantized);
}

/// As many groups of strips, of equal size, as give every thread the same number of them.
size_t GroupsOf(const MatMulOutput& output, size_t threads) {
  const BlockWeights& weight = WeightOf(output);
  const size_t groups = hwy::DivCeil(weight.strips() * weight.strip_bytes(), kGroupBytes);
  return std::min(weight.strips(), hwy::RoundUpTo(groups, threads));
}

/// A task for every group.
template <class Dot, BlockScheme kScheme>
ProductTasks TasksOf(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  const PackedTokens<Dot> packed(x, pool);
  const auto threads = static_cast<size_t>(pool.threads());
  ProductTasks tasks;
  for (const MatMulOutput& output : outputs) tasks.count += GroupsOf(output, threads);
  tasks.outputs = [outputs, threads](size_t task) -> TaskOutputs {
    auto output = outputs.begin();
    for (; task >= GroupsOf(*output, threads); ++output) task -= GroupsOf(*output, threads);
    const size_t strips = WeightOf(*output).strips();
    const size_t groups = GroupsOf(*output, threads);
    const size_t first = strips * task / groups * kStripOutputs;
    const size_t end = std::min(strips * (task + 1) / groups * kStripOutputs, output->y.cols);
    return {&*output, first, end - first};
  };
  tasks.run = [packed](const TaskOutputs& made) {
    GroupProduct<Dot, kScheme>(packed, WeightOf(*made.product), *made.product,
                               made.first / kStripOutputs,
                               hwy::DivCeil(made.first + made.count, kStripOutputs));
  };
  return tasks;
}

template <class SmallDot, class Dot>
ProductTasks TasksOfScheme(BlockScheme scheme, ConstMatrix x, std::span<const MatMulOutput> outputs,
                           ThreadPool& pool) {
  return (scheme == BlockScheme::kQ4 ? TasksOf<SmallDot, BlockScheme::kQ4>
                                     : TasksOf<Dot, BlockScheme::kQ8>)(x, outputs, pool);
}

ProductTasks TasksOfInstructions(BlockScheme scheme, ConstMatrix x,
                                 std::span<const MatMulOutput> outputs, ThreadPool& pool) {
#if HWY_TARGET == HWY_AVX2
  if (UsesAvxVnni()) return TasksOfScheme<QuadDot, QuadDot>(scheme, x, outputs, pool);
#endif
  return TasksOfScheme<BestSmallDot, BestDot>(scheme, x, outputs, pool);
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace roentgen {

HWY_EXPORT(TasksOfInstructions);

ProductTasks BlockProducts(BlockScheme scheme, ConstMatrix x, std::span<const MatMulOutput> outputs,
                           ThreadPool& pool) {
  return HWY_DYNAMIC_DISPATCH(TasksOfInstructions)(scheme, x, outputs, pool);
}

}  // namespace roentgen
#endif  // HWY_ONCE
