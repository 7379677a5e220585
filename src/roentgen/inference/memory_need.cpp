#include "roentgen/inference/memory_need.h"

#include <algorithm>

#include "roentgen/inference/prefix_cache.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/qwen2vl/image_feature_cache.h"
#include "roentgen/qwen2vl/key_value_cache.h"

namespace roentgen {
namespace {

// Code, tables of the vocabulary, buffers of files and pictures: measured with 151,936 tokens and
// pictures of 12 megapixels.
constexpr size_t kProgramBytes = size_t{200} << 20;

/// Floats that a picture of so many patches takes in the vision tower: its values, the stream, the
/// normed stream, query, key and value, keys and values by head, what a product packs of it.
size_t VisionFloats(const VisionConfig& vision, size_t patches) {
  const size_t a_patch = 2 * vision.patch_values() + (1 + 1 + 3 + 2 + 1) * vision.embed_dim;
  return patches * a_patch + 2 * std::min<size_t>(patches, 1024) * vision.intermediate_size;
}

/// The same for a portion of a prompt, with the keys and values of all tokens before it.
size_t DecoderFloats(const ModelConfig& config, size_t context_tokens) {
  const size_t a_token = 6 * config.hidden_size + 3 * config.intermediate_size;
  return Sequence::kPrefillTokens * a_token + context_tokens * config.hidden_size +
         2 * context_tokens * config.key_value_width() + 2 * config.vocab_size;
}

}  // namespace

MemoryNeed EstimateMemory(Model& model, size_t context_tokens, int64_t max_pixels) {
  const VisionConfig& vision = model.config.vision;
  const size_t patches = static_cast<size_t>(max_pixels) / (vision.patch_size * vision.patch_size);
  const KeyValueCache conversation(model.config.num_hidden_layers, model.KeyValues());
  MemoryNeed need;
  need.weights = MatrixBytes(model.weights);
  need.conversation = conversation.BytesFor(context_tokens);
  need.caches = ImageFeatureCache::kDefaultLimit + PrefixCache::kDefaultLimit;
  need.work = kProgramBytes + sizeof(float) * std::max(VisionFloats(vision, patches),
                                                       DecoderFloats(model.config, context_tokens));
  return need;
}

}  // namespace roentgen
