#include "roentgen/qwen2vl/training_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "roentgen/base/error.h"
#include "roentgen/kernels/embedding.h"
#include "roentgen/kernels/norm.h"
#include "roentgen/qwen2vl/decoder_training.h"
#include "roentgen/qwen2vl/head_loss.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "roentgen/qwen2vl/vision_training.h"

namespace roentgen {
namespace {

void CheckSegments(const TrainingBatch& batch) {
  size_t covered = 0;
  for (size_t i = 0; i < batch.segments.size(); ++i) {
    const Segment& segment = batch.segments[i];
    if (segment.begin != covered || segment.end < segment.begin ||
        segment.parent >= static_cast<int>(i)) {
      throw ShapeError(
          fmt::format("batch: segment {} from {} to {} with parent {}, behind {} tokens", i,
                      segment.begin, segment.end, segment.parent, covered));
    }
    covered = segment.end;
  }
  if (covered != batch.ids.size() || batch.positions.size() != batch.ids.size()) {
    throw ShapeError(fmt::format("batch: {} tokens, {} positions, segments up to {}",
                                 batch.ids.size(), batch.positions.size(), covered));
  }
}

void CheckTargets(const ModelConfig& config, const TrainingBatch& batch) {
  for (const LossTarget& target : batch.targets) {
    if (target.token >= batch.ids.size()) {
      throw ShapeError(
          fmt::format("batch: a target at token {} of {}", target.token, batch.ids.size()));
    }
    if (target.label < 0 || static_cast<size_t>(target.label) >= config.vocab_size) {
      throw ShapeError(
          fmt::format("batch: label {} in a vocabulary of {}", target.label, config.vocab_size));
    }
  }
  if (batch.targets.empty()) throw ShapeError("batch: no targets");
}

void CheckImages(const ModelConfig& config, const TrainingBatch& batch, bool train_vision) {
  size_t features = 0;
  for (const TrainingImage& image : batch.images) {
    const size_t tokens = MergedTokens(image.grid, config.vision);
    features += tokens;
    if (train_vision && image.patches == nullptr) {
      throw ShapeError("batch: an image without patches, though the vision tower is trained");
    }
    const bool one = (image.features == nullptr) != (image.patches == nullptr);
    if (!one || (image.features != nullptr && (image.features->rows() != tokens ||
                                               image.features->cols() != config.hidden_size))) {
      throw ShapeError(
          fmt::format("batch: an image needs {}×{} features or its patches, one of both", tokens,
                      config.hidden_size));
    }
  }
  const auto placeholders =
      static_cast<size_t>(std::count(batch.ids.begin(), batch.ids.end(), config.image_token_id));
  if (placeholders != features) {
    throw ShapeError(fmt::format("batch: {} image placeholders for images of {} tokens",
                                 placeholders, features));
  }
}

void CheckBatch(const ModelConfig& config, const TrainingBatch& batch, bool train_vision) {
  CheckSegments(batch);
  CheckTargets(config, batch);
  CheckImages(config, batch, train_vision);
}

/// The patches of all images that have them, one after the other.
struct Pictures {
  explicit Pictures(const ModelConfig& config, const TrainingBatch& batch) {
    size_t rows = 0;
    for (const TrainingImage& image : batch.images) {
      if (image.patches == nullptr) continue;
      grids.push_back(image.grid);
      rows += image.patches->rows();
      if (image.patches->cols() != config.vision.patch_values()) {
        throw ShapeError(fmt::format("batch: patches of {} values, {} expected",
                                     image.patches->cols(), config.vision.patch_values()));
      }
    }
    patches = OwnedMatrix(rows, config.vision.patch_values());
    float* to = patches.data();
    for (const TrainingImage& image : batch.images) {
      if (image.patches == nullptr) continue;
      to = std::copy_n(image.patches->data(), image.patches->size(), to);
    }
    CheckVisionShapes(config.vision, patches, grids);
  }

  OwnedMatrix patches;
  std::vector<GridThw> grids;
};

/// Where the features of images lie among the tokens: the rows of placeholders, and which of them
/// belong to images that came as patches.
struct ImageRows {
  ImageRows(const ModelConfig& config, const TrainingBatch& batch) {
    std::vector<size_t> all;
    for (size_t i = 0; i < batch.ids.size(); ++i) {
      if (batch.ids[i] == config.image_token_id) all.push_back(i);
    }
    auto at = all.begin();
    for (const TrainingImage& image : batch.images) {
      const auto end = at + static_cast<std::ptrdiff_t>(MergedTokens(image.grid, config.vision));
      if (image.patches != nullptr) computed.insert(computed.end(), at, end);
      at = end;
    }
    rows = std::move(all);
  }

  std::vector<size_t> rows;
  std::vector<size_t> computed;
};

/// Features of all images in the order of their placeholders; those of patches from `computed`.
OwnedMatrix AllFeatures(const ModelConfig& config, const TrainingBatch& batch,
                        const OwnedMatrix& computed) {
  size_t tokens = 0;
  for (const TrainingImage& image : batch.images) tokens += MergedTokens(image.grid, config.vision);
  OwnedMatrix features(tokens, config.hidden_size);
  float* to = features.data();
  const float* from = computed.data();
  for (const TrainingImage& image : batch.images) {
    const size_t count = MergedTokens(image.grid, config.vision) * config.hidden_size;
    if (image.patches != nullptr) {
      std::copy_n(from, count, to);
      from += count;
    } else {
      std::copy_n(image.features->data(), count, to);
    }
    to += count;
  }
  return features;
}

/// The distinct tokens of the targets in ascending order, and each target's place among them.
struct TargetRows {
  explicit TargetRows(const TrainingBatch& batch) {
    for (const LossTarget& target : batch.targets) {
      tokens.push_back(target.token);
      labels.push_back(target.label);
      weights.push_back(target.weight);
    }
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    for (const LossTarget& target : batch.targets) {
      const auto at = std::lower_bound(tokens.begin(), tokens.end(), target.token);
      places.push_back(static_cast<size_t>(at - tokens.begin()));
    }
  }

  std::vector<size_t> tokens;
  std::vector<size_t> places;
  std::vector<int32_t> labels;
  std::vector<float> weights;
};

OwnedMatrix Embed(const ModelWeights& weights, const TrainingBatch& batch) {
  OwnedMatrix x(batch.ids.size(), weights.embed_tokens.cols);
  LookUpRows(weights.embed_tokens, batch.ids, x);
  return x;
}

void AddNeftuneNoise(const PassContext& context, const TrainingBatch& batch, float alpha,
                     Matrix x) {
  const uint64_t key = context.random.KeyOf("neftune");
  for (const Segment& segment : batch.segments) {
    if (segment.parent != Segment::kNoParent) {
      throw ShapeError("batch: noise on the embeddings of samples that share a prefix");
    }
    const size_t tokens = segment.end - segment.begin;
    const auto values = static_cast<float>(tokens * x.cols);
    AddNoise(x.Rows(segment.begin, tokens), alpha / std::sqrt(values), key, segment.begin * x.cols,
             context.pool);
  }
}

void PlaceRows(ConstMatrix from, std::span<const size_t> rows, Matrix to) {
  for (size_t i = 0; i < rows.size(); ++i) std::copy_n(from.Row(i), from.cols, to.Row(rows[i]));
}

/// The final norm on the target rows, one row a target.
OwnedMatrix NormedTargets(const ModelConfig& config, const ModelWeights& weights,
                          const TargetRows& targets, ConstMatrix hidden, ThreadPool& pool) {
  OwnedMatrix normed(hidden.rows, hidden.cols);
  RmsNorm(hidden, weights.final_norm, static_cast<float>(config.rms_norm_eps), normed, pool);
  OwnedMatrix rows(targets.places.size(), hidden.cols);
  GatherRows(normed, targets.places, rows);
  return rows;
}

/// The gradient of the loss with respect to the residual stream of the target rows.
OwnedMatrix LossBackward(const PassContext& context, const ModelConfig& config,
                         const ModelWeights& weights, const TargetRows& targets, ConstMatrix hidden,
                         std::vector<float>& nll) {
  const OwnedMatrix normed = NormedTargets(config, weights, targets, hidden, context.pool);
  OwnedMatrix grad_targets(normed.rows(), normed.cols());
  nll = HeadLossBackward(context, weights, normed, targets.labels, targets.weights, grad_targets);
  OwnedMatrix grad_normed(hidden.rows, hidden.cols);
  OwnedMatrix grad(hidden.rows, hidden.cols);
  std::fill_n(grad_normed.data(), grad_normed.size(), 0.0f);
  std::fill_n(grad.data(), grad.size(), 0.0f);
  ScatterAddRows(grad_targets, targets.places, grad_normed);
  RmsNormBackward(grad_normed, hidden, weights.final_norm, static_cast<float>(config.rms_norm_eps),
                  grad, context.parameters.GradientOf(ConstVector(weights.final_norm)),
                  context.pool);
  return grad;
}

/// From the gradient of the decoder's input on: the features' goes to the vision tower, the rest to
/// the embeddings. grad becomes scratch.
void InputBackward(const PassContext& context, const ModelConfig& config,
                   const ModelWeights& weights, const TrainingBatch& batch,
                   std::optional<VisionPass>& vision, Matrix grad, const Observer& observer) {
  const ImageRows images(config, batch);
  if (vision) {
    OwnedMatrix grad_features(images.computed.size(), grad.cols);
    GatherRows(grad, images.computed, grad_features);
    Show(observer, "grad.image_features", grad_features);
    vision->Backward(grad_features);
  }
  const Matrix grad_table = context.parameters.GradientOf(weights.embed_tokens);
  if (grad_table.data == nullptr) return;
  for (const size_t row : images.rows) std::fill_n(grad.Row(row), grad.cols, 0.0f);
  LookUpRowsBackward(grad, batch.ids, grad_table, context.pool);
}

/// Sizes that decide what a pass keeps, and how much that is.
class MemoryModel {
 public:
  MemoryModel(const ModelConfig& config, const ModelWeights& weights,
              const TrainedParameters& parameters, const PassSize& size, bool dropout)
      : config_(config),
        size_(size),
        scratch_(DecoderPass::AdapterScratch(parameters, weights, dropout)),
        vision_(size.patches > 0 && VisionPass::IsTrained(parameters, weights.vision)),
        layers_(
            config.num_hidden_layers -
            DecoderPass::LowestLayer(parameters, weights,
                                     vision_ || parameters.IsTrained(weights.embed_tokens.data))),
        blocks_(vision_ ? config.vision.depth - VisionPass::LowestBlock(parameters, weights.vision)
                        : 0) {}

  PassPlan Plan(size_t memory_bytes) const {
    PassPlan plan;
    plan.bytes = Fixed();
    while (plan.kept_layers < layers_ && plan.bytes + Layer(plan.kept_layers) <= memory_bytes) {
      plan.bytes += Layer(plan.kept_layers++);
    }
    while (plan.kept_blocks < blocks_ && plan.bytes + Block() <= memory_bytes) {
      plan.bytes += Block();
      ++plan.kept_blocks;
    }
    return plan;
  }

 private:
  static constexpr size_t kFloat = sizeof(float);

  /// A layer's state; only the targets of the last one go through its MLP.
  size_t Layer(size_t kept) const {
    return DecoderLayerState::Bytes(config_, size_.tokens,
                                    kept == 0 ? size_.targets : size_.tokens);
  }
  size_t Block() const { return VisionBlockState::Bytes(config_.vision, size_.patches); }

  /// What is there in any case: the inputs of all layers, one layer's state, its gradients, what
  /// the kernels pack, and the logits.
  size_t Fixed() const {
    const size_t inside = config_.intermediate_size;
    const size_t stream = size_.tokens * config_.hidden_size * kFloat;
    const size_t decoder = layers_ * stream +
                           DecoderLayerState::Bytes(config_, size_.tokens, size_.tokens) +
                           6 * stream + (3 * inside + scratch_) * size_.tokens * kFloat;
    const size_t logits = 2 * std::min(size_.targets, kHeadRows) * config_.vocab_size * kFloat;
    if (!vision_) return decoder + logits;
    const VisionConfig& vision = config_.vision;
    const size_t tower = size_.patches * vision.embed_dim * kFloat;
    return decoder + logits + (blocks_ + 8) * tower + Block() +
           size_.patches * (3 * vision.intermediate_size + vision.patch_values()) * kFloat;
  }

  const ModelConfig& config_;
  PassSize size_;
  size_t scratch_;  // values a token, for the adapters of a linear
  bool vision_;
  size_t layers_;
  size_t blocks_;
};

}  // namespace

PassSize SizeOf(const TrainingBatch& batch) {
  PassSize size{batch.ids.size(), batch.targets.size(), 0};
  for (const TrainingImage& image : batch.images) {
    if (image.patches != nullptr) size.patches += image.patches->rows();
  }
  return size;
}

PassPlan PlanPass(const ModelConfig& config, const ModelWeights& weights,
                  const TrainedParameters& parameters, const PassSize& size,
                  const TrainingOptions& options) {
  return MemoryModel(config, weights, parameters, size, options.lora_dropout > 0)
      .Plan(options.memory_bytes);
}

std::vector<float> ForwardBackward(const ModelConfig& config, const ModelWeights& weights,
                                   const TrainingBatch& batch, const TrainingOptions& options,
                                   const TrainedParameters& parameters, ThreadPool& pool,
                                   const Observer& observer) {
  const bool train_vision = VisionPass::IsTrained(parameters, weights.vision);
  CheckBatch(config, batch, train_vision);
  const MemoryReuse reuse;
  const PassContext context{parameters, PassRandom(options.seed, options.pass),
                            options.lora_dropout, pool};
  const PassPlan plan = PlanPass(config, weights, parameters, SizeOf(batch), options);
  const Pictures pictures(config, batch);

  std::optional<VisionPass> vision;
  OwnedMatrix computed;
  if (!pictures.grids.empty() && train_vision) {
    vision.emplace(context, config.vision, weights.vision, pictures.patches, pictures.grids,
                   plan.kept_blocks);
    computed = vision->Forward();
  } else if (!pictures.grids.empty()) {
    computed = EncodeVision(weights.vision, config.vision, pictures.patches, pictures.grids, pool);
  }

  OwnedMatrix x = Embed(weights, batch);
  if (options.neftune_alpha > 0) AddNeftuneNoise(context, batch, options.neftune_alpha, x);
  const OwnedMatrix features = AllFeatures(config, batch, computed);
  Show(observer, "image_features", features);
  PlaceRows(features, ImageRows(config, batch).rows, x);

  const TargetRows targets(batch);
  const bool wants_input = vision.has_value() || parameters.IsTrained(weights.embed_tokens.data);
  DecoderPass decoder(context, config, weights, batch.positions, batch.segments, targets.tokens,
                      plan.kept_layers, wants_input);
  const OwnedMatrix hidden = decoder.Forward(x);
  std::vector<float> nll;
  const OwnedMatrix grad = LossBackward(context, config, weights, targets, hidden, nll);
  decoder.Backward(grad, x);  // whose values nobody needs any more
  if (wants_input) InputBackward(context, config, weights, batch, vision, x, observer);
  return nll;
}

std::vector<float> ForwardLoss(const ModelConfig& config, const ModelWeights& weights,
                               const TrainingBatch& batch, ThreadPool& pool) {
  CheckBatch(config, batch, /*train_vision=*/false);
  const MemoryReuse reuse;
  const TrainedParameters nothing;
  const PassContext context{nothing, PassRandom(0, 0), /*lora_dropout=*/0, pool};
  const Pictures pictures(config, batch);
  OwnedMatrix computed;
  if (!pictures.grids.empty()) {
    computed = EncodeVision(weights.vision, config.vision, pictures.patches, pictures.grids, pool);
  }
  OwnedMatrix x = Embed(weights, batch);
  PlaceRows(AllFeatures(config, batch, computed), ImageRows(config, batch).rows, x);
  const TargetRows targets(batch);
  DecoderPass decoder(context, config, weights, batch.positions, batch.segments, targets.tokens,
                      /*kept_layers=*/0, /*wants_input=*/false);
  const OwnedMatrix hidden = decoder.Forward(x);
  return HeadLoss(weights, NormedTargets(config, weights, targets, hidden, pool), targets.labels,
                  pool);
}

}  // namespace roentgen
