#include "roentgen/qwen2vl/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr const char* kEmbedTokens = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";
constexpr const char* kOtherModelHint =
    "The checkpoint is incomplete, or its config.json is another model's";
constexpr const char* kGiveTheOriginal =
    "Give the original model, with weights in BF16, F16 or F32";

using Shapes = std::map<std::string, std::vector<size_t>>;

/// A linear's place in the weights and its name below the layer's.
template <class Layer>
struct LinearMember {
  const char* name;
  Linear Layer::*member;
};

constexpr LinearMember<DecoderLayerWeights> kDecoderLinears[] = {
    {"self_attn.q_proj", &DecoderLayerWeights::q_proj},
    {"self_attn.k_proj", &DecoderLayerWeights::k_proj},
    {"self_attn.v_proj", &DecoderLayerWeights::v_proj},
    {"self_attn.o_proj", &DecoderLayerWeights::o_proj},
    {"mlp.gate_proj", &DecoderLayerWeights::gate_proj},
    {"mlp.up_proj", &DecoderLayerWeights::up_proj},
    {"mlp.down_proj", &DecoderLayerWeights::down_proj},
};

constexpr LinearMember<VisionBlockWeights> kVisionLinears[] = {
    {"attn.qkv", &VisionBlockWeights::qkv},
    {"attn.proj", &VisionBlockWeights::proj},
    {"mlp.fc1", &VisionBlockWeights::fc1},
    {"mlp.fc2", &VisionBlockWeights::fc2},
};

constexpr LinearMember<VisionWeights> kMergerLinears[] = {
    {"visual.merger.mlp.0", &VisionWeights::merger_fc1},
    {"visual.merger.mlp.2", &VisionWeights::merger_fc2},
};

std::string DecoderPrefix(size_t layer) {
  return fmt::format("model.layers.{}.", layer);
}

std::string VisionPrefix(size_t block) {
  return fmt::format("visual.blocks.{}.", block);
}

void AddLinear(Shapes& shapes, const std::string& name, size_t outputs, size_t inputs,
               bool has_bias) {
  shapes[name + ".weight"] = {outputs, inputs};
  if (has_bias) shapes[name + ".bias"] = {outputs};
}

void AddDecoder(Shapes& shapes, const ModelConfig& config) {
  const size_t width = config.hidden_size;
  const size_t mlp = config.intermediate_size;
  const size_t key_value = config.key_value_width();
  for (size_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string layer = DecoderPrefix(i);
    shapes[layer + "input_layernorm.weight"] = {width};
    AddLinear(shapes, layer + "self_attn.q_proj", width, width, true);
    AddLinear(shapes, layer + "self_attn.k_proj", key_value, width, true);
    AddLinear(shapes, layer + "self_attn.v_proj", key_value, width, true);
    AddLinear(shapes, layer + "self_attn.o_proj", width, width, false);
    shapes[layer + "post_attention_layernorm.weight"] = {width};
    AddLinear(shapes, layer + "mlp.gate_proj", mlp, width, false);
    AddLinear(shapes, layer + "mlp.up_proj", mlp, width, false);
    AddLinear(shapes, layer + "mlp.down_proj", width, mlp, false);
  }
  shapes["model.norm.weight"] = {width};
  shapes[kEmbedTokens] = {config.vocab_size, width};
  if (!config.tie_word_embeddings) shapes[kHead] = {config.vocab_size, width};
}

void AddLayerNorm(Shapes& shapes, const std::string& name, size_t width) {
  shapes[name + ".weight"] = {width};
  shapes[name + ".bias"] = {width};
}

void AddVision(Shapes& shapes, const VisionConfig& vision) {
  const size_t width = vision.embed_dim;
  shapes["visual.patch_embed.proj.weight"] = {width, vision.in_channels, vision.temporal_patch_size,
                                              vision.patch_size, vision.patch_size};
  for (size_t i = 0; i < vision.depth; ++i) {
    const std::string block = VisionPrefix(i);
    AddLayerNorm(shapes, block + "norm1", width);
    AddLinear(shapes, block + "attn.qkv", 3 * width, width, true);
    AddLinear(shapes, block + "attn.proj", width, width, true);
    AddLayerNorm(shapes, block + "norm2", width);
    AddLinear(shapes, block + "mlp.fc1", vision.intermediate_size, width, true);
    AddLinear(shapes, block + "mlp.fc2", width, vision.intermediate_size, true);
  }
  const size_t merged = width * vision.merged_patches();
  AddLayerNorm(shapes, "visual.merger.ln_q", width);
  AddLinear(shapes, "visual.merger.mlp.0", merged, merged, true);
  AddLinear(shapes, "visual.merger.mlp.2", vision.hidden_size, merged, true);
}

Shapes ShapesOf(const ModelConfig& config) {
  Shapes shapes;
  AddDecoder(shapes, config);
  AddVision(shapes, config.vision);
  return shapes;
}

/// Takes tensors out of a source, checked against what the configuration says.
class Loader {
 public:
  /// quantized: gets the matrices that are stored in blocks.
  Loader(const ModelConfig& config, const TensorSource& source,
         std::vector<std::shared_ptr<const QuantizedWeights>>& quantized)
      : source_(source), shapes_(ShapesOf(config)), quantized_(quantized) {
    shapes_[kHead] = shapes_.at(kEmbedTokens);  // tied ones may be stored under this name too
  }

  bool HasMatrix(const std::string& name) const {
    return source_.Find(name) != nullptr || SchemeOf(name).has_value();
  }

  WeightMatrix Matrix(const std::string& name) {
    const std::vector<size_t>& shape = shapes_.at(name);
    const size_t rows = shape[0];
    const size_t cols =
        std::accumulate(shape.begin() + 1, shape.end(), size_t{1}, std::multiplies<>());
    if (const std::optional<BlockScheme> scheme = SchemeOf(name)) {
      quantized_.push_back(Blocks(name, *scheme, rows, cols));
      return {DType::kF32, nullptr, rows, cols, quantized_.back().get()};
    }
    const TensorView& tensor = Take(name);
    return {tensor.dtype, tensor.data.data(), rows, cols};
  }

  std::vector<float> Vector(const std::string& name) { return ToFloats(Take(name)); }

  Linear LinearAt(const std::string& name) {
    Linear linear;
    linear.weight = Matrix(name + ".weight");
    if (shapes_.contains(name + ".bias")) linear.bias = Vector(name + ".bias");
    return linear;
  }

  LayerNormWeights LayerNorm(const std::string& name) {
    return {Vector(name + ".weight"), Vector(name + ".bias")};
  }

  std::vector<std::string> Unused() const {
    std::vector<std::string> unused;
    for (std::string& name : source_.Names()) {
      if (!taken_.contains(name)) unused.push_back(std::move(name));
    }
    return unused;
  }

 private:
  /// How a matrix is stored in blocks; nothing when it is not, or has its values as they are too.
  std::optional<BlockScheme> SchemeOf(const std::string& name) const {
    if (source_.Find(name) != nullptr) return std::nullopt;
    for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
      if (source_.Find(BlockTensorName(name, scheme)) != nullptr) return scheme;
    }
    return std::nullopt;
  }

  std::shared_ptr<const BlockWeights> Blocks(const std::string& name, BlockScheme scheme,
                                             size_t rows, size_t cols) {
    const std::string stored = BlockTensorName(name, scheme);
    const size_t bytes = BlockWeights::Bytes(scheme, rows, cols);
    const size_t strips = (rows + BlockWeights::kStripOutputs - 1) / BlockWeights::kStripOutputs;
    const TensorView& tensor = *source_.Find(stored);
    RequireShape(stored, tensor, {strips, bytes / strips});
    if (tensor.dtype != DType::kU8) {
      throw Error(fmt::format("{}: tensor {} is {}, expected U8", source_.Describe(), stored,
                              DTypeName(tensor.dtype)));
    }
    taken_.insert(stored);
    return std::make_shared<BlockWeights>(scheme, rows, cols, tensor.data);
  }

  void RequireShape(const std::string& name, const TensorView& tensor,
                    const std::vector<size_t>& expected) const {
    if (tensor.shape == expected) return;
    throw Error(fmt::format("{}: tensor {} has shape {}, the configuration asks for {}",
                            source_.Describe(), name, tensor.ShapeText(), ShapeText(expected)),
                HintFor(name));
  }

  const TensorView& Take(const std::string& name) {
    const TensorView* tensor = source_.Find(name);
    if (tensor == nullptr) {
      throw Error(fmt::format("{}: tensor {} is missing", source_.Describe(), name), HintFor(name));
    }
    RequireShape(name, *tensor, shapes_.at(name));
    if (!IsFloat(tensor->dtype)) {
      throw Error(fmt::format("{}: tensor {} is {}, expected BF16, F16 or F32", source_.Describe(),
                              name, DTypeName(tensor->dtype)),
                  HintFor(name));
    }
    taken_.insert(name);
    return *tensor;
  }

  /// What a tensor that is missing or unlike what was expected may mean. Quantised matrices have
  /// scales and zero points beside them, under the names of their linear.
  std::string HintFor(const std::string& name) const {
    const std::vector<std::string> names = source_.Names();
    const auto known = [&](const std::string& other) { return shapes_.contains(other); };
    if (!names.empty() && std::none_of(names.begin(), names.end(), known)) {
      return fmt::format(
          "None of its {} tensors is named as Qwen2-VL's are; the first is {}. "
          "Give a model as Transformers saves it",
          names.size(), names.front());
    }
    const std::string linear = name.substr(0, name.rfind('.') + 1);
    for (const std::string& other : names) {
      if (other.starts_with(linear) && !shapes_.contains(other) && !taken_.contains(other)) {
        return fmt::format(
            "There is a tensor {}: these weights look quantised by another program. "
            "{}",
            other, kGiveTheOriginal);
      }
    }
    return kOtherModelHint;
  }

  const TensorSource& source_;
  Shapes shapes_;
  std::vector<std::shared_ptr<const QuantizedWeights>>& quantized_;
  std::set<std::string> taken_;
};

bool SameValues(const WeightMatrix& a, const WeightMatrix& b) {
  const bool floats = a.quantized == nullptr && b.quantized == nullptr;
  return floats && a.dtype == b.dtype && std::memcmp(a.data, b.data, a.bytes()) == 0;
}

void LoadEmbeddings(const ModelConfig& config, Loader& loader, ModelWeights& weights) {
  const bool one_tensor =
      config.tie_word_embeddings && !(loader.HasMatrix(kEmbedTokens) && loader.HasMatrix(kHead));
  if (one_tensor) {
    weights.embed_tokens = loader.Matrix(loader.HasMatrix(kHead) ? kHead : kEmbedTokens);
    weights.lm_head = weights.embed_tokens;
    return;
  }
  weights.embed_tokens = loader.Matrix(kEmbedTokens);
  weights.lm_head = loader.Matrix(kHead);
  if (config.tie_word_embeddings && SameValues(weights.embed_tokens, weights.lm_head)) {
    weights.lm_head = weights.embed_tokens;
  }
}

void LoadNorms(Loader& loader, ModelWeights& weights) {
  for (size_t i = 0; i < weights.layers.size(); ++i) {
    weights.layers[i].input_norm = loader.Vector(DecoderPrefix(i) + "input_layernorm.weight");
    weights.layers[i].post_attention_norm =
        loader.Vector(DecoderPrefix(i) + "post_attention_layernorm.weight");
  }
  weights.final_norm = loader.Vector("model.norm.weight");
  for (size_t i = 0; i < weights.vision.blocks.size(); ++i) {
    weights.vision.blocks[i].norm1 = loader.LayerNorm(VisionPrefix(i) + "norm1");
    weights.vision.blocks[i].norm2 = loader.LayerNorm(VisionPrefix(i) + "norm2");
  }
  weights.vision.merger_norm = loader.LayerNorm("visual.merger.ln_q");
}

/// visit(name, linear) for every linear of weights that may or may not be changed.
template <class Weights, class Visit>
void ForEachLinear(Weights& weights, const Visit& visit) {
  for (size_t i = 0; i < weights.layers.size(); ++i) {
    for (const auto& [name, member] : kDecoderLinears) {
      visit(DecoderPrefix(i) + name, weights.layers[i].*member);
    }
  }
  for (size_t i = 0; i < weights.vision.blocks.size(); ++i) {
    for (const auto& [name, member] : kVisionLinears) {
      visit(VisionPrefix(i) + name, weights.vision.blocks[i].*member);
    }
  }
  for (const auto& [name, member] : kMergerLinears) visit(name, weights.vision.*member);
}

template <class Weights, class Matrix, class Vector>
void ForEachParameter(Weights& weights, const Matrix& matrix, const Vector& vector) {
  const auto visit_norm = [&](const std::string& name, auto& norm) {
    vector(name + ".weight", norm.weight);
    vector(name + ".bias", norm.bias);
  };
  const bool tied = SameMemory(weights.lm_head, weights.embed_tokens);
  matrix(kEmbedTokens, weights.embed_tokens);
  if (!tied) matrix(kHead, weights.lm_head);
  for (size_t i = 0; i < weights.layers.size(); ++i) {
    vector(DecoderPrefix(i) + "input_layernorm.weight", weights.layers[i].input_norm);
    vector(DecoderPrefix(i) + "post_attention_layernorm.weight",
           weights.layers[i].post_attention_norm);
  }
  vector("model.norm.weight", weights.final_norm);
  matrix("visual.patch_embed.proj.weight", weights.vision.patch_embed.weight);
  for (size_t i = 0; i < weights.vision.blocks.size(); ++i) {
    visit_norm(VisionPrefix(i) + "norm1", weights.vision.blocks[i].norm1);
    visit_norm(VisionPrefix(i) + "norm2", weights.vision.blocks[i].norm2);
  }
  visit_norm("visual.merger.ln_q", weights.vision.merger_norm);
  ForEachLinear(weights, [&](const std::string& name, auto& linear) {
    matrix(name + ".weight", linear.weight);
    if (!linear.bias.empty()) vector(name + ".bias", linear.bias);
  });
}

}  // namespace

ModelWeights ModelWeights::Load(const ModelConfig& config,
                                std::shared_ptr<const TensorSource> source) {
  ModelWeights weights;
  Loader loader(config, *source, weights.quantized);
  weights.source = std::move(source);
  weights.layers.resize(config.num_hidden_layers);
  weights.vision.blocks.resize(config.vision.depth);
  LoadEmbeddings(config, loader, weights);
  LoadNorms(loader, weights);
  weights.vision.patch_embed = loader.LinearAt("visual.patch_embed.proj");
  VisitLinears(weights,
               [&](const std::string& name, Linear& linear) { linear = loader.LinearAt(name); });
  weights.unused = loader.Unused();
  return weights;
}

std::string BlockTensorName(const std::string& published, BlockScheme scheme) {
  return fmt::format("{}.{}", published, BlockSchemeName(scheme));
}

size_t MatrixBytes(const ModelWeights& weights) {
  size_t bytes = 0;
  VisitParameters(
      weights, [&](const std::string&, const WeightMatrix& matrix) { bytes += matrix.bytes(); },
      [](const std::string&, const std::vector<float>&) {});
  return bytes;
}

std::vector<TensorSpec> ExpectedTensors(const ModelConfig& config) {
  std::vector<TensorSpec> specs;
  for (auto& [name, shape] : ShapesOf(config)) specs.push_back({name, shape});
  return specs;
}

void VisitParameters(
    ModelWeights& weights,
    const std::function<void(const std::string& name, WeightMatrix& matrix)>& matrix,
    const std::function<void(const std::string& name, std::vector<float>& vector)>& vector) {
  ForEachParameter(weights, matrix, vector);
}

void VisitParameters(
    const ModelWeights& weights,
    const std::function<void(const std::string& name, const WeightMatrix& matrix)>& matrix,
    const std::function<void(const std::string& name, const std::vector<float>& vector)>& vector) {
  ForEachParameter(weights, matrix, vector);
}

void VisitLinears(ModelWeights& weights,
                  const std::function<void(const std::string& name, Linear& linear)>& visit) {
  ForEachLinear(weights, visit);
}

void VisitLinears(const ModelWeights& weights,
                  const std::function<void(const std::string& name, const Linear& linear)>& visit) {
  ForEachLinear(weights, visit);
}

}  // namespace roentgen
