#include "roentgen/qwen2vl/vision_tower.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/norm.h"
#include "roentgen/kernels/rotary.h"
#include "roentgen/qwen2vl/linear.h"
#include "roentgen/qwen2vl/positions.h"

namespace roentgen {
namespace {

// The MLP's hidden values are four times as wide as the tower: it runs on so many patches at
// a time, so that the largest image needs no four times its own memory.
constexpr size_t kMlpRows = 1024;

/// The memory that all blocks work in.
struct Workspace {
  Workspace(size_t patches, const VisionConfig& config)
      : normed(patches, config.embed_dim),
        qkv(patches, 3 * config.embed_dim),
        hidden(std::min(patches, kMlpRows), config.intermediate_size) {}

  OwnedMatrix normed;
  OwnedMatrix qkv;
  OwnedMatrix hidden;
};

void AttentionHalf(const VisionBlockWeights& block, const VisionConfig& config,
                   const RotaryTable& rotary, std::span<const Segment> segments, Matrix x,
                   Workspace& work, ThreadPool& pool) {
  const size_t width = config.embed_dim;
  LayerNorm(x, block.norm1.weight, block.norm1.bias, kVisionNormEpsilon, work.normed, pool);
  const Matrix qkv = work.qkv;
  Apply(block.qkv, work.normed, qkv, pool);
  ApplyRotary(qkv.Cols(0, 2 * width), rotary, pool);  // the heads of q and k are one row of heads
  const OnePage keys(qkv.Cols(width, width));
  const OnePage values(qkv.Cols(2 * width, width));
  Attention(qkv.Cols(0, width), keys.view(), values.view(), segments, /*first_query=*/0,
            {config.num_heads, config.num_heads, config.head_dim()}, work.normed, pool);
  ApplyAdd(block.proj, work.normed, x, pool);
}

void MlpHalf(const VisionBlockWeights& block, Matrix x, Workspace& work, ThreadPool& pool) {
  LayerNorm(x, block.norm2.weight, block.norm2.bias, kVisionNormEpsilon, work.normed, pool);
  for (size_t begin = 0; begin < x.rows; begin += kMlpRows) {
    const size_t rows = std::min(kMlpRows, x.rows - begin);
    const Matrix hidden = work.hidden.view().Rows(0, rows);
    Apply(block.fc1, work.normed.view().Rows(begin, rows), hidden, pool);
    QuickGelu(hidden, hidden, pool);
    ApplyAdd(block.fc2, hidden, x.Rows(begin, rows), pool);
  }
}

/// 2×2 patches, which lie behind each other, become one row: the concatenation is a matter of view.
OwnedMatrix Merge(const VisionWeights& weights, const VisionConfig& config, Matrix x,
                  ThreadPool& pool) {
  LayerNorm(x, weights.merger_norm.weight, weights.merger_norm.bias, kVisionNormEpsilon, x, pool);
  const size_t width = config.merged_patches() * config.embed_dim;
  const ConstMatrix groups{x.data, x.rows / config.merged_patches(), width, width};
  OwnedMatrix hidden(groups.rows, width);
  Apply(weights.merger_fc1, groups, hidden, pool);
  Gelu(hidden, hidden, pool);
  OwnedMatrix features(groups.rows, config.hidden_size);
  Apply(weights.merger_fc2, hidden, features, pool);
  return features;
}

}  // namespace

std::vector<Segment> FrameSegments(std::span<const GridThw> grids) {
  std::vector<Segment> segments;
  size_t begin = 0;
  for (const GridThw& grid : grids) {
    for (int frame = 0; frame < grid.t; ++frame) {
      const size_t end = begin + static_cast<size_t>(grid.h) * static_cast<size_t>(grid.w);
      segments.push_back({begin, end, Segment::kNoParent, /*causal=*/false});
      begin = end;
    }
  }
  return segments;
}

void CheckVisionShapes(const VisionConfig& config, ConstMatrix patches,
                       std::span<const GridThw> grids) {
  const auto merge = static_cast<int>(config.spatial_merge_size);
  size_t expected = 0;
  for (const GridThw& grid : grids) {
    if (grid.t < 1 || grid.h < merge || grid.w < merge || grid.h % merge != 0 ||
        grid.w % merge != 0) {
      throw ShapeError(fmt::format("vision tower: a grid of {}×{}×{} patches in groups of {}",
                                   grid.t, grid.h, grid.w, merge));
    }
    expected += MergedTokens(grid, config) * config.merged_patches();
  }
  if (patches.rows != expected || patches.cols != config.patch_values()) {
    throw ShapeError(fmt::format("vision tower: {}×{} patches, {}×{} expected", patches.rows,
                                 patches.cols, expected, config.patch_values()));
  }
}

OwnedMatrix EncodeVision(const VisionWeights& weights, const VisionConfig& config,
                         ConstMatrix patches, std::span<const GridThw> grids, ThreadPool& pool,
                         const Progress& progress, const Observer& observer) {
  CheckVisionShapes(config, patches, grids);
  OwnedMatrix x(patches.rows, config.embed_dim);
  Apply(weights.patch_embed, patches, x, pool);
  Show(observer, "vision.patch_embed", x);

  const RotaryTable rotary = VisionRotary(grids, config);
  const std::vector<Segment> segments = FrameSegments(grids);
  Workspace work(patches.rows, config);
  for (size_t i = 0; i < weights.blocks.size(); ++i) {
    Report(progress, "Encoding the image", i, weights.blocks.size());
    AttentionHalf(weights.blocks[i], config, rotary, segments, x, work, pool);
    MlpHalf(weights.blocks[i], x, work, pool);
    Show(observer, fmt::format("vision.block.{}", i), x);
  }
  OwnedMatrix features = Merge(weights, config, x, pool);
  Show(observer, "vision.merger", features);
  Report(progress, "Encoding the image", weights.blocks.size(), weights.blocks.size());
  return features;
}

}  // namespace roentgen
