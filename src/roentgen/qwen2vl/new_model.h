#pragma once

#include <cstdint>
#include <filesystem>

#include "roentgen/base/thread_pool.h"
#include "roentgen/text/tokenizer_files.h"

namespace roentgen {

/// The sizes of a Qwen2-VL that does not exist yet.
struct NewModelShape {
  size_t hidden_size = 192;
  size_t intermediate_size = 512;
  size_t num_hidden_layers = 4;
  size_t num_attention_heads = 4;  ///< divide hidden_size into heads of a multiple of 16
  size_t num_key_value_heads = 2;
  size_t vision_depth = 4;
  size_t vision_embed_dim = 128;
  size_t vision_num_heads = 2;
  int64_t max_pixels = 65'536;  ///< that the picture processor keeps of an image
  uint64_t seed = 1;            ///< of the weights
};

/// Writes a checkpoint folder as Hugging Face has it: config.json, model.safetensors (BF16),
/// vocab.json, merges.txt, tokenizer_config.json, chat_template.json, preprocessor_config.json,
/// generation_config.json. The weights are those that Transformers begins with: normal with a
/// deviation of 0.02, norms 1, biases 0; they are a pure function of seed, tensor name and index.
///
/// vocabulary  without added tokens; Qwen2's fourteen follow its ids
/// The folder is read back afterwards: see CheckSavedModel. Throws Error when the sizes do not go
/// together or the folder cannot be written.
void WriteNewModel(const std::filesystem::path& folder, const NewModelShape& shape,
                   const TokenizerDefinition& vocabulary, ThreadPool& pool);

}  // namespace roentgen
