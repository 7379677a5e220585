#pragma once

#include <cstddef>

#include "roentgen/imaging/patches.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/model.h"

namespace roentgen::app {

/// Multiplications and additions that a prompt needs of the decoder when only its last token's
/// logits are wanted: products with weights and attention, nothing element-wise. What the last
/// layer leaves out (see Wanted::kLastRow) is not counted.
inline double DecoderOperations(const ModelConfig& config, size_t tokens) {
  const auto n = static_cast<double>(tokens);
  const auto hidden = static_cast<double>(config.hidden_size);
  const double key_value = 2 * hidden * static_cast<double>(config.key_value_width());
  const double rest = 2 * hidden * hidden +  // query and output
                      3 * hidden * static_cast<double>(config.intermediate_size);
  // Scores and their sums of values: each token with itself and all before it.
  const double attention = 2 * hidden * n * (n + 1) / 2;
  const auto layers = static_cast<double>(config.num_hidden_layers);
  const double whole_layer = n * (key_value + rest) + attention;
  const double last_layer = n * key_value + rest + 2 * hidden * n;
  const double head = hidden * static_cast<double>(config.vocab_size);
  return 2 * ((layers - 1) * whole_layer + last_layer + head);
}

/// The same for the vision tower and the merger on one picture.
inline double VisionOperations(const VisionConfig& config, const GridThw& grid) {
  const auto patches = static_cast<double>(grid.h) * grid.w;
  const auto width = static_cast<double>(config.embed_dim);
  const double block =
      patches * width * (4 * width + 2 * static_cast<double>(config.intermediate_size)) +
      2 * patches * patches * width;
  const auto group = static_cast<double>(config.merged_patches());
  const double merged = width * group;
  const double merger =
      patches / group * merged * (merged + static_cast<double>(config.hidden_size));
  const double embed = patches * width * static_cast<double>(config.patch_values());
  return 2 * (static_cast<double>(config.depth) * block + merger + embed);
}

/// The same for a training step of adapters on all linears of the decoder with one sample: the
/// forward pass and the gradients of all inputs, as far as anything depends on them. Only targets
/// go through the last MLP and the head, and nothing is trained below the first layer's
/// query, key and value. What is computed twice counts once, and the adapters not at all.
inline double TrainingOperations(const ModelConfig& config, size_t tokens, size_t targets) {
  const auto width = static_cast<double>(config.hidden_size);
  const auto layers = static_cast<double>(config.num_hidden_layers);
  const auto rows = static_cast<double>(tokens);
  const auto looked_at = static_cast<double>(targets);
  const double inputs = width * (width + 2 * static_cast<double>(config.key_value_width()));
  const double output = width * width;
  const double mlp = 3 * width * static_cast<double>(config.intermediate_size);
  // Scores and their sums of values: each token with itself and all before it.
  const double attention = 2 * width * rows * (rows + 1) / 2;
  const double forward = layers * (rows * (inputs + output) + attention) +
                         ((layers - 1) * rows + looked_at) * mlp +
                         looked_at * width * static_cast<double>(config.vocab_size);
  // Scores and sums have two inputs each.
  const double backward = forward + layers * attention - rows * inputs;
  return 2 * (forward + backward);
}

/// Bytes that a decoding step has to read: every weight of the decoder and the head once, and the
/// cached keys and values.
inline size_t DecodeBytes(const Model& model, size_t cached_tokens) {
  size_t bytes = model.weights.lm_head.bytes();
  for (const DecoderLayerWeights& layer : model.weights.layers) {
    for (const Linear* linear : {&layer.q_proj, &layer.k_proj, &layer.v_proj, &layer.o_proj,
                                 &layer.gate_proj, &layer.up_proj, &layer.down_proj}) {
      bytes += linear->weight.bytes();
    }
  }
  return bytes + model.weights.layers.size() * 2 * cached_tokens * model.KeyValues().RowBytes();
}

}  // namespace roentgen::app
