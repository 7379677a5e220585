#include "roentgen/qwen2vl/vision_training.h"

#include <algorithm>
#include <cstring>

#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/norm.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/qwen2vl/vision_tower.h"

namespace roentgen {
namespace {

bool NormIsTrained(const TrainedParameters& parameters, const LayerNormWeights& norm) {
  return parameters.IsTrained(norm.weight.data()) || parameters.IsTrained(norm.bias.data());
}

bool BlockIsTrained(const TrainedParameters& parameters, const VisionBlockWeights& block) {
  for (const Linear* linear : {&block.qkv, &block.proj, &block.fc1, &block.fc2}) {
    if (LinearIsTrained(parameters, *linear)) return true;
  }
  return NormIsTrained(parameters, block.norm1) || NormIsTrained(parameters, block.norm2);
}

void Copy(ConstMatrix from, Matrix to) {
  std::memcpy(to.data, from.data, from.rows * from.cols * sizeof(float));
}

}  // namespace

VisionBlockState::VisionBlockState(const VisionConfig& config, size_t patches)
    : qkv(patches, 3 * config.embed_dim),
      attended(patches, config.embed_dim),
      log_sums(patches, config.num_heads),
      middle(patches, config.embed_dim),
      hidden(patches, config.intermediate_size) {}

size_t VisionBlockState::Bytes(const VisionConfig& config, size_t patches) {
  return sizeof(float) * patches *
         (5 * config.embed_dim + config.num_heads + config.intermediate_size);
}

VisionPass::VisionPass(const PassContext& context, const VisionConfig& config,
                       const VisionWeights& weights, ConstMatrix patches,
                       std::span<const GridThw> grids, size_t kept_blocks)
    : context_(context),
      config_(config),
      weights_(weights),
      patches_(patches),
      kept_(kept_blocks),
      lowest_(LowestBlock(context.parameters, weights)),
      shape_{config.num_heads, config.num_heads, config.head_dim()},
      rotary_(VisionRotary(grids, config)),
      plan_(FrameSegments(grids)),
      inputs_(weights.blocks.size()),
      states_(weights.blocks.size()) {
  CheckVisionShapes(config, patches, grids);
}

size_t VisionPass::LowestBlock(const TrainedParameters& parameters, const VisionWeights& weights) {
  if (LinearIsTrained(parameters, weights.patch_embed)) return 0;
  size_t block = 0;
  while (block < weights.blocks.size() && !BlockIsTrained(parameters, weights.blocks[block])) {
    ++block;
  }
  return block;
}

bool VisionPass::IsTrained(const TrainedParameters& parameters, const VisionWeights& weights) {
  return LowestBlock(parameters, weights) < weights.blocks.size() ||
         LinearIsTrained(parameters, weights.patch_embed) ||
         NormIsTrained(parameters, weights.merger_norm) ||
         LinearIsTrained(parameters, weights.merger_fc1) ||
         LinearIsTrained(parameters, weights.merger_fc2);
}

VisionBlockState& VisionPass::State(size_t block) {
  VisionBlockState& state = Kept(block) && block >= lowest_ ? states_[block] : shared_;
  if (state.qkv.rows() != patches_.rows) state = VisionBlockState(config_, patches_.rows);
  return state;
}

void VisionPass::ToState(const VisionBlockWeights& block, Matrix stream, VisionBlockState& state) {
  ThreadPool& pool = context_.pool;
  const size_t width = config_.embed_dim;
  OwnedMatrix normed(stream.rows, width);
  LayerNorm(stream, block.norm1.weight, block.norm1.bias, kVisionNormEpsilon, normed, pool);
  const Matrix qkv = state.qkv;
  TrainingApply(context_, block.qkv, normed, qkv);
  ApplyRotary(qkv.Cols(0, 2 * width), rotary_, pool);
  const OnePage keys(qkv.Cols(width, width));
  const OnePage values(qkv.Cols(2 * width, width));
  Attention(qkv.Cols(0, width), keys.view(), values.view(), plan_, /*first_query=*/0, shape_,
            state.attended, state.log_sums, pool);
  TrainingApplyAdd(context_, block.proj, state.attended, stream);
  Copy(stream, state.middle);
  LayerNorm(stream, block.norm2.weight, block.norm2.bias, kVisionNormEpsilon, normed, pool);
  TrainingApply(context_, block.fc1, normed, state.hidden);
}

OwnedMatrix VisionPass::Forward() {
  OwnedMatrix x(patches_.rows, config_.embed_dim);
  Apply(weights_.patch_embed, patches_, x, context_.pool);
  OwnedMatrix inside(x.rows(), config_.intermediate_size);
  for (size_t i = 0; i < weights_.blocks.size(); ++i) {
    if (i >= lowest_) {
      inputs_[i] = OwnedMatrix(x.rows(), x.cols());
      Copy(x, inputs_[i]);
    }
    VisionBlockState& state = State(i);
    ToState(weights_.blocks[i], x, state);
    QuickGelu(state.hidden, inside, context_.pool);
    TrainingApplyAdd(context_, weights_.blocks[i].fc2, inside, x);
  }
  return ForwardMerger(x);
}

void VisionPass::Backward(Matrix grad_features) {
  OwnedMatrix grad(patches_.rows, config_.embed_dim);
  std::fill_n(grad.data(), grad.size(), 0.0f);
  BackwardMerger(grad_features, grad);
  for (size_t i = weights_.blocks.size(); i-- > lowest_;) {
    VisionBlockState& state = State(i);
    if (!Kept(i)) {
      OwnedMatrix stream(patches_.rows, config_.embed_dim);
      Copy(inputs_[i], stream);
      ToState(weights_.blocks[i], stream, state);
    }
    BackwardPerceptron(weights_.blocks[i], state, grad);
    BackwardAttention(weights_.blocks[i], state, inputs_[i], grad);
    inputs_[i] = {};
    if (Kept(i)) state = {};
  }
  LinearBackward(context_, weights_.patch_embed, patches_, grad, {}, InputGradient::kNotWanted);
}

void VisionPass::BackwardPerceptron(const VisionBlockWeights& block, VisionBlockState& state,
                                    Matrix grad) {
  ThreadPool& pool = context_.pool;
  OwnedMatrix inside(grad.rows, config_.intermediate_size);
  OwnedMatrix grad_inside(grad.rows, config_.intermediate_size);
  QuickGelu(state.hidden, inside, pool);
  LinearBackward(context_, block.fc2, inside, grad, grad_inside, InputGradient::kOverwrite);
  QuickGeluBackward(grad_inside, state.hidden, grad_inside, pool);

  OwnedMatrix normed(grad.rows, grad.cols);
  OwnedMatrix grad_normed(grad.rows, grad.cols);
  LayerNorm(state.middle, block.norm2.weight, block.norm2.bias, kVisionNormEpsilon, normed, pool);
  LinearBackward(context_, block.fc1, normed, grad_inside, grad_normed, InputGradient::kOverwrite);
  LayerNormBackward(grad_normed, state.middle, block.norm2.weight, kVisionNormEpsilon, grad,
                    context_.parameters.GradientOf(ConstVector(block.norm2.weight)),
                    context_.parameters.GradientOf(ConstVector(block.norm2.bias)), pool);
}

void VisionPass::BackwardAttention(const VisionBlockWeights& block, VisionBlockState& state,
                                   ConstMatrix input, Matrix grad) {
  ThreadPool& pool = context_.pool;
  const size_t width = config_.embed_dim;
  OwnedMatrix grad_attended(grad.rows, width);
  LinearBackward(context_, block.proj, state.attended, grad, grad_attended,
                 InputGradient::kOverwrite);
  OwnedMatrix grad_qkv(grad.rows, 3 * width);
  const auto part = [&](Matrix qkv, size_t index) { return qkv.Cols(index * width, width); };
  AttentionBackward(
      {part(state.qkv, 0), part(state.qkv, 1), part(state.qkv, 2), state.attended, state.log_sums},
      plan_, shape_, grad_attended, part(grad_qkv, 0), part(grad_qkv, 1), part(grad_qkv, 2), pool);
  ApplyRotaryBackward(grad_qkv.view().Cols(0, 2 * width), rotary_, pool);

  OwnedMatrix normed(grad.rows, width);
  LayerNorm(input, block.norm1.weight, block.norm1.bias, kVisionNormEpsilon, normed, pool);
  const OwnedMatrix& grad_normed = grad_attended;  // which has served
  LinearBackward(context_, block.qkv, normed, grad_qkv, grad_attended, InputGradient::kOverwrite);
  LayerNormBackward(grad_normed, input, block.norm1.weight, kVisionNormEpsilon, grad,
                    context_.parameters.GradientOf(ConstVector(block.norm1.weight)),
                    context_.parameters.GradientOf(ConstVector(block.norm1.bias)), pool);
}

ConstMatrix VisionPass::Groups(ConstMatrix x) const {
  const size_t width = config_.merged_patches() * config_.embed_dim;
  return {x.data, x.rows / config_.merged_patches(), width, width};
}

OwnedMatrix VisionPass::ForwardMerger(Matrix x) {
  ThreadPool& pool = context_.pool;
  merger_input_ = OwnedMatrix(x.rows, x.cols);
  Copy(x, merger_input_);
  LayerNorm(x, weights_.merger_norm.weight, weights_.merger_norm.bias, kVisionNormEpsilon, x, pool);
  const ConstMatrix groups = Groups(x);
  merger_hidden_ = OwnedMatrix(groups.rows, groups.cols);
  TrainingApply(context_, weights_.merger_fc1, groups, merger_hidden_);
  OwnedMatrix inside(groups.rows, groups.cols);
  Gelu(merger_hidden_, inside, pool);
  OwnedMatrix features(groups.rows, config_.hidden_size);
  TrainingApply(context_, weights_.merger_fc2, inside, features);
  return features;
}

void VisionPass::BackwardMerger(ConstMatrix grad_features, Matrix grad) {
  ThreadPool& pool = context_.pool;
  const LayerNormWeights& norm = weights_.merger_norm;
  OwnedMatrix inside(merger_hidden_.rows(), merger_hidden_.cols());
  OwnedMatrix grad_hidden(merger_hidden_.rows(), merger_hidden_.cols());
  Gelu(merger_hidden_, inside, pool);
  LinearBackward(context_, weights_.merger_fc2, inside, grad_features, grad_hidden,
                 InputGradient::kOverwrite);
  GeluBackward(grad_hidden, merger_hidden_, grad_hidden, pool);

  OwnedMatrix normed(merger_input_.rows(), merger_input_.cols());
  OwnedMatrix grad_normed(merger_input_.rows(), merger_input_.cols());
  LayerNorm(merger_input_, norm.weight, norm.bias, kVisionNormEpsilon, normed, pool);
  const Matrix grad_groups{grad_normed.data(), inside.rows(), inside.cols(), inside.cols()};
  LinearBackward(context_, weights_.merger_fc1, Groups(normed), grad_hidden, grad_groups,
                 InputGradient::kOverwrite);
  LayerNormBackward(grad_normed, merger_input_, norm.weight, kVisionNormEpsilon, grad,
                    context_.parameters.GradientOf(ConstVector(norm.weight)),
                    context_.parameters.GradientOf(ConstVector(norm.bias)), pool);
}

}  // namespace roentgen
