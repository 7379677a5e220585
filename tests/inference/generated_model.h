#pragma once

#include <cmath>
#include <cstddef>

#include "roentgen/inference/session.h"
#include "roentgen/qwen2vl/image_feature_cache.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/text/byte_alphabet.h"
#include "roentgen/text/tokenizer.h"
#include "support/tiny_model.h"

namespace roentgen::test {

/// A tokenizer of Qwen2's kind with a token for each byte and no merges, and the control tokens of
/// the chat template.
inline Tokenizer ByteTokenizer() {
  TokenizerDefinition definition;
  for (int byte = 0; byte < 256; ++byte) {
    definition.vocab.push_back({ByteSymbol(static_cast<unsigned char>(byte)), byte});
  }
  int32_t id = 256;
  for (const char* content : {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>",
                              "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"}) {
    definition.added_tokens.push_back({content, id++, /*special=*/true});
  }
  return Tokenizer(definition);
}

/// How large a generated model is; heads are 8 wide.
struct ModelSize {
  size_t hidden_size = 16;
  size_t layers = 2;
  size_t vision_width = 8;
  size_t vision_depth = 1;
};

/// A model with generated weights that speaks ByteTokenizer's tokens and, as it is, never ends an
/// answer.
inline Model GeneratedModel(const Tokenizer& tokenizer, const ModelSize& size = {}) {
  Json json = TinyConfigJson();
  json["hidden_size"] = size.hidden_size;
  json["intermediate_size"] = 4 * size.hidden_size;
  json["num_hidden_layers"] = size.layers;
  json["num_attention_heads"] = size.hidden_size / 8;
  json["num_key_value_heads"] = size.hidden_size / 16;
  json["vocab_size"] = tokenizer.id_limit();
  json["tie_word_embeddings"] = false;  // a tied model that knows nothing repeats its last token
  json["image_token_id"] = tokenizer.Special("<|image_pad|>");
  json["video_token_id"] = tokenizer.Special("<|video_pad|>");
  json["vision_start_token_id"] = tokenizer.Special("<|vision_start|>");
  json["vision_end_token_id"] = tokenizer.Special("<|vision_end|>");
  json["vision_config"]["depth"] = size.vision_depth;
  json["vision_config"]["embed_dim"] = size.vision_width;
  json["vision_config"]["num_heads"] = size.vision_width / 4;
  json["vision_config"]["hidden_size"] = size.hidden_size;
  Model model;
  model.config = ParseConfig(json);
  model.base = TinyWeights(model.config);
  model.weights = ModelWeights::Load(model.config, model.base);
  return model;
}

/// The same model, but its merger gives zeros whatever picture it is shown: a double of one that
/// drops the image.
inline Model BlindModel(const Tokenizer& tokenizer) {
  Model model = GeneratedModel(tokenizer);
  static const std::vector<std::byte> zeros(size_t{1} << 16);
  NamedTensors tensors = TensorsOf(*model.base);
  for (auto& [name, tensor] : tensors) {
    if (name.starts_with("visual.merger.mlp.2.")) {
      tensor.data = std::span(zeros).first(tensor.data.size());
    }
  }
  model.base = SourceOf(std::move(tensors), model.base);
  model.weights = ModelWeights::Load(model.config, model.base);
  return model;
}

/// A picture of h × w patches, each number its own pattern.
inline Patches GeneratedPatches(int h, int w, int number) {
  Patches patches{{1, h, w}, {}, {14 * w, 14 * h}};
  patches.values.resize(static_cast<size_t>(h * w) * PreprocessorConfig().PatchValues());
  for (size_t i = 0; i < patches.values.size(); ++i) {
    patches.values[i] = std::sin(static_cast<float>(i % 1000) * 0.01f * static_cast<float>(number));
  }
  return patches;
}

}  // namespace roentgen::test
