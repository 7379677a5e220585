#pragma once

#include "roentgen/kernels/amx_tiles.h"

#if ROENTGEN_HAS_AMX

#include <cstddef>

#include "roentgen/tensor/matrix.h"

namespace roentgen {

// How the operands of AMX products (amx_matmul.cpp) are packed: split into bf16 parts and laid out
// as the tile instructions read them. A tile of the left operand holds 16 rows × 32 of the depth,
// one of the right operand 16 pairs of the depth × 16 columns × 2.

inline constexpr size_t kTileLines = 16;  // rows of the left operand, columns of the right one
inline constexpr size_t kTileDepth = 32;  // bf16 numbers in 64 bytes
inline constexpr size_t kTileRowBytes = 64;
inline constexpr size_t kTileBytes = kTileLines * kTileRowBytes;
inline constexpr size_t kParts = 3;  // of a float

/// Which operand of the tile instructions: it says how a tile is laid out.
enum class TileSide { kLeft, kRight };

/// What passes the tiles of sums together: a panel, so many tiles of an operand's lines.
constexpr size_t PanelTiles(TileSide side) {
  return side == TileSide::kLeft ? 1 : 4;
}
constexpr size_t PanelLines(TileSide side) {
  return PanelTiles(side) * kTileLines;
}
/// Of one part and one step of depth.
constexpr size_t PanelBytes(TileSide side) {
  return PanelTiles(side) * kTileBytes;
}

/// A matrix of which one direction is the product's depth; across it lie the lines, which are rows
/// or columns of the result.
struct TileOperand {
  WeightMatrix values;
  size_t row_bytes;
  bool lines_are_rows;
  size_t parts;  // bf16 numbers that a value is the sum of, or rounded to

  static TileOperand Rows(const WeightMatrix& weight) {
    return {weight, weight.RowBytes(), true, PartsOf(weight)};
  }
  static TileOperand Columns(const WeightMatrix& weight) {
    return {weight, weight.RowBytes(), false, PartsOf(weight)};
  }
  static TileOperand Rows(ConstMatrix x) {
    return {AsWeights(x), x.stride * sizeof(float), true, kParts};
  }
  static TileOperand Columns(ConstMatrix x) {
    return {AsWeights(x), x.stride * sizeof(float), false, kParts};
  }
  static size_t PartsOf(const WeightMatrix& weight) {
    return weight.quantized == nullptr && weight.dtype == DType::kBF16 ? 1 : kParts;
  }

  TileOperand Rounded() const {
    TileOperand rounded = *this;
    rounded.parts = 1;
    return rounded;
  }
  size_t lines() const { return lines_are_rows ? values.rows : values.cols; }
  size_t depth() const { return lines_are_rows ? values.cols : values.rows; }
};

/// Steps of a panel's depth.
struct PanelSteps {
  size_t line;  // the panel's first
  size_t first_step;
  size_t steps;
};

/// A panel in steps of depth, which lie one after the other; in a step the parts, in a part the
/// tiles. Tiles without lines are left out.
void PackPanel(const TileOperand& operand, TileSide side, const PanelSteps& part, std::byte* to);

/// Panels [first, last) of the right operand one after the other.
void PackRight(const TileOperand& operand, size_t first, size_t last, size_t first_step,
               size_t steps, std::byte* to);

}  // namespace roentgen

#endif  // ROENTGEN_HAS_AMX
