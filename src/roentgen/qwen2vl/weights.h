#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/tensor_source.h"
#include "roentgen/tensor/block_weights.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// A low-rank correction of a linear: y += scale · (x Aᵀ) Bᵀ (Hu et al. 2021).
///
/// With a magnitude it is DoRA (Liu et al. 2024), and the only correction of its linear: every row
/// of W + scale · B A is brought to the length that the magnitude says.
struct LoraDelta {
  std::shared_ptr<const OwnedMatrix> a;  // [rank, inputs] f32
  std::shared_ptr<const OwnedMatrix> b;  // [outputs, rank] f32
  float scale = 0;                       // lora_alpha / rank; with rsLoRA lora_alpha / √rank
  std::shared_ptr<const OwnedMatrix> magnitude = nullptr;  // [1, outputs] f32; null: plain LoRA
  std::vector<float> row_norms = {};  // ‖W + scale · B A‖ of each row; see UpdateRowNorms

  /// What row `output` of W + scale · B A is multiplied by.
  float RowFactor(size_t output) const { return magnitude->data()[output] / row_norms[output]; }
};

/// y = x Wᵀ + bias, and the adapters on top.
struct Linear {
  WeightMatrix weight;      // [outputs, inputs], a view into the checkpoint
  std::vector<float> bias;  // empty: none
  std::vector<LoraDelta> lora;
};

struct LayerNormWeights {
  std::vector<float> weight;
  std::vector<float> bias;
};

struct VisionBlockWeights {
  LayerNormWeights norm1;
  Linear qkv;  // rows: q | k | v
  Linear proj;
  LayerNormWeights norm2;
  Linear fc1;
  Linear fc2;
};

struct VisionWeights {
  Linear patch_embed;  // the 3-D convolution as one matrix [embed_dim, patch_values]
  std::vector<VisionBlockWeights> blocks;
  LayerNormWeights merger_norm;
  Linear merger_fc1;
  Linear merger_fc2;
};

struct DecoderLayerWeights {
  std::vector<float> input_norm;
  Linear q_proj;
  Linear k_proj;
  Linear v_proj;
  Linear o_proj;
  std::vector<float> post_attention_norm;
  Linear gate_proj;
  Linear up_proj;
  Linear down_proj;
};

/// Every parameter of a model. Matrices are views into the source, which is kept alive here; norms
/// and biases (under 0.1 % of the parameters) are widened to f32 once.
struct ModelWeights {
  std::shared_ptr<const TensorSource> source;
  WeightMatrix embed_tokens;  // [vocab_size, hidden_size]
  WeightMatrix lm_head;       // the same memory when the embeddings are tied
  std::vector<DecoderLayerWeights> layers;
  std::vector<float> final_norm;
  VisionWeights vision;
  std::vector<std::shared_ptr<const AlignedBytes>> merged;  // matrices that are not the source's
  std::vector<std::shared_ptr<const QuantizedWeights>> quantized;  // likewise
  std::vector<std::string> unused;  // tensors of the source that the configuration does not have

  /// Takes every tensor of the configuration from the source; a matrix may be there in blocks
  /// instead, as BlockTensorName says. Throws Error, naming source and tensor, when one is missing
  /// or has another shape or type.
  ///
  /// Tied embeddings as in Transformers 5: one tensor serves for both, under either name; when the
  /// source has both and they differ, each is used as it is.
  static ModelWeights Load(const ModelConfig& config, std::shared_ptr<const TensorSource> source);
};

/// Whether both are the same values in the same memory, as tied embeddings are.
inline bool SameMemory(const WeightMatrix& a, const WeightMatrix& b) {
  return a.data == b.data && a.quantized == b.quantized;
}

/// What all matrices take in memory, in bytes.
size_t MatrixBytes(const ModelWeights& weights);

/// One parameter of the configuration: its published name and shape.
struct TensorSpec {
  std::string name;
  std::vector<size_t> shape;
};

/// All parameters that a configuration implies, in the order of their names. Tied embeddings are
/// one parameter, model.embed_tokens.weight.
std::vector<TensorSpec> ExpectedTensors(const ModelConfig& config);

/// The name under which a matrix is stored when it is BlockWeights: "….weight.q4", of type U8 and
/// shape [strips, bytes of a strip].
std::string BlockTensorName(const std::string& published, BlockScheme scheme);

/// Calls matrix(name, weights) or vector(name, weights) for every parameter under its published
/// name. An lm_head that is the same memory as the embeddings is not called for.
void VisitParameters(
    ModelWeights& weights,
    const std::function<void(const std::string& name, WeightMatrix& matrix)>& matrix,
    const std::function<void(const std::string& name, std::vector<float>& vector)>& vector);
void VisitParameters(
    const ModelWeights& weights,
    const std::function<void(const std::string& name, const WeightMatrix& matrix)>& matrix,
    const std::function<void(const std::string& name, const std::vector<float>& vector)>& vector);

/// Calls visit(name, linear) for every linear of the model, under its published name without
/// ".weight" ("model.layers.0.self_attn.q_proj", "visual.merger.mlp.0"): what adapters address.
/// The patch embedding, a convolution to Transformers, and lm_head are not among them.
void VisitLinears(ModelWeights& weights,
                  const std::function<void(const std::string& name, Linear& linear)>& visit);
void VisitLinears(const ModelWeights& weights,
                  const std::function<void(const std::string& name, const Linear& linear)>& visit);

}  // namespace roentgen
