#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "roentgen/imaging/patches.h"
#include "roentgen/kernels/rotary.h"
#include "roentgen/qwen2vl/config.h"

namespace roentgen {

/// Where a token stands on the three axes of M-RoPE: time, row, column.
using Position = std::array<int64_t, 3>;

/// The positions of a run of tokens, and where the next token stands.
struct TokenPositions {
  std::vector<Position> tokens;
  int64_t next = 0;  // one past the largest of them on any axis
};

/// Multimodal rotary positions (get_rope_index in Transformers; Wang et al. 2024, Qwen2-VL, 2.1).
///
/// Text advances all axes together. The placeholders of an image that starts at s take
/// (s + frame, s + row, s + column) in merged units; the text behind it starts at
/// s + max(rows, columns).
///
/// ids     tokens that follow a conversation whose next position is `start` (0: nothing before)
/// images, videos  patch grids in the order of their placeholders
/// Throws Error when the placeholders are not exactly as many as the grids imply.
TokenPositions ComputePositions(std::span<const int32_t> ids, std::span<const GridThw> images,
                                std::span<const GridThw> videos, const ModelConfig& config,
                                int64_t start);

/// Placeholder tokens that a patch grid stands for.
size_t MergedTokens(const GridThw& grid, const VisionConfig& config);

/// The decoder's rotary table: frequency j is driven by the axis whose section of mrope_section it
/// lies in.
RotaryTable DecoderRotary(std::span<const Position> positions, const ModelConfig& config);

/// The vision tower's: the first half of the frequencies by a patch's row, the second by its
/// column, in the order of 2×2 merge groups in which patches come; every frame alike.
RotaryTable VisionRotary(std::span<const GridThw> grids, const VisionConfig& config);

}  // namespace roentgen
