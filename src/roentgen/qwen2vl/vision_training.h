#pragma once

#include <span>
#include <vector>

#include "roentgen/imaging/patches.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/rotary.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/linear_training.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// What the gradient of a vision block needs of its forward pass besides the block's input.
struct VisionBlockState {
  VisionBlockState() = default;
  VisionBlockState(const VisionConfig& config, size_t patches);
  static size_t Bytes(const VisionConfig& config, size_t patches);

  OwnedMatrix qkv;       // [patches, 3 · embed_dim], q and k rotated
  OwnedMatrix attended;  // [patches, embed_dim]
  OwnedMatrix log_sums;  // [patches, heads]
  OwnedMatrix middle;    // [patches, embed_dim]: the residual stream between the halves
  OwnedMatrix hidden;    // [patches, intermediate_size], before QuickGELU
};

/// The vision tower and the merger, forward and back.
class VisionPass {
 public:
  /// patches      [Σ t·h·w, patch_values], as for EncodeVision
  /// kept_blocks  as many blocks, the last ones, keep their states
  /// All references must live as long as the pass.
  VisionPass(const PassContext& context, const VisionConfig& config, const VisionWeights& weights,
             ConstMatrix patches, std::span<const GridThw> grids, size_t kept_blocks);

  /// The features, equal to EncodeVision's.
  OwnedMatrix Forward();
  /// From the gradient of the features, which becomes scratch, to those of all trained tensors.
  /// Once per Forward.
  void Backward(Matrix grad_features);

  /// The lowest block that Backward reaches, the number of blocks when it reaches none.
  static size_t LowestBlock(const TrainedParameters& parameters, const VisionWeights& weights);
  /// Whether anything of the tower or the merger is trained.
  static bool IsTrained(const TrainedParameters& parameters, const VisionWeights& weights);

 private:
  bool Kept(size_t block) const { return block + kept_ >= weights_.blocks.size(); }
  VisionBlockState& State(size_t block);
  void ToState(const VisionBlockWeights& block, Matrix stream, VisionBlockState& state);
  void BackwardPerceptron(const VisionBlockWeights& block, VisionBlockState& state, Matrix grad);
  void BackwardAttention(const VisionBlockWeights& block, VisionBlockState& state,
                         ConstMatrix input, Matrix grad);
  OwnedMatrix ForwardMerger(Matrix x);
  void BackwardMerger(ConstMatrix grad_features, Matrix grad);
  /// 2×2 patches, which lie behind each other, as one row.
  ConstMatrix Groups(ConstMatrix x) const;

  const PassContext& context_;
  const VisionConfig& config_;
  const VisionWeights& weights_;
  ConstMatrix patches_;
  size_t kept_;
  size_t lowest_;
  AttentionShape shape_;
  RotaryTable rotary_;
  std::vector<Segment> plan_;
  std::vector<OwnedMatrix> inputs_;
  std::vector<VisionBlockState> states_;
  VisionBlockState shared_;
  OwnedMatrix merger_input_;   // [patches, embed_dim], before the norm
  OwnedMatrix merger_hidden_;  // [groups, 4 · embed_dim], before GELU
};

}  // namespace roentgen
