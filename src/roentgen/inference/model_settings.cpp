#include "roentgen/inference/model_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/text/tokenizer_folder.h"

namespace roentgen {
namespace {

Json Values(const VisionConfig& vision) {
  return {{"depth", vision.depth},
          {"embed_dim", vision.embed_dim},
          {"num_heads", vision.num_heads},
          {"intermediate_size", vision.intermediate_size},
          {"hidden_size", vision.hidden_size},
          {"in_channels", vision.in_channels},
          {"patch_size", vision.patch_size},
          {"temporal_patch_size", vision.temporal_patch_size},
          {"spatial_merge_size", vision.spatial_merge_size}};
}

Json Values(const ModelConfig& config) {
  return {{"hidden_size", config.hidden_size},
          {"intermediate_size", config.intermediate_size},
          {"num_hidden_layers", config.num_hidden_layers},
          {"num_attention_heads", config.num_attention_heads},
          {"num_key_value_heads", config.num_key_value_heads},
          {"vocab_size", config.vocab_size},
          {"max_position_embeddings", config.max_position_embeddings},
          {"rms_norm_eps", config.rms_norm_eps},
          {"rope_theta", config.rope_theta},
          {"mrope_section", config.mrope_section},
          {"tie_word_embeddings", config.tie_word_embeddings},
          {"image_token_id", config.image_token_id},
          {"video_token_id", config.video_token_id},
          {"vision_start_token_id", config.vision_start_token_id},
          {"vision_end_token_id", config.vision_end_token_id},
          {"vision", Values(config.vision)}};
}

Json Values(const PreprocessorConfig& images) {
  return {{"min_pixels", images.min_pixels}, {"max_pixels", images.max_pixels},
          {"patch_size", images.patch_size}, {"temporal_patch_size", images.temporal_patch_size},
          {"merge_size", images.merge_size}, {"image_mean", images.image_mean},
          {"image_std", images.image_std},   {"rescale_factor", images.rescale_factor}};
}

/// Any of them ends an answer: their order is nothing.
Json Values(const GenerationDefaults& generation) {
  std::vector<int32_t> ends = generation.eos_token_ids;
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return {{"eos_token_ids", ends}};
}

/// With its length: no two lists are the same text.
void Add(std::string_view token, std::string& text) {
  text += fmt::format("{}:{} ", token.size(), token);
}

std::string FingerprintOf(TokenizerDefinition tokenizer) {
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  std::sort(tokenizer.vocab.begin(), tokenizer.vocab.end(), by_id);
  std::sort(tokenizer.added_tokens.begin(), tokenizer.added_tokens.end(), by_id);
  std::string text = "vocabulary\n";
  for (const auto& [token, id] : tokenizer.vocab) {
    Add(token, text);
    text += fmt::format("{}\n", id);
  }
  text += "merges\n";
  for (const auto& [left, right] : tokenizer.merges) {
    Add(left, text);
    Add(right, text);
    text += '\n';
  }
  text += "added tokens\n";
  for (const auto& [content, id, special] : tokenizer.added_tokens) {
    Add(content, text);
    text += fmt::format("{} {}\n", id, special);
  }
  return Sha256Hex(text);
}

}  // namespace

std::string FingerprintOfSettings(const Model& model) {
  const Json settings = {{"config", Values(model.config)},
                         {"generation", Values(model.generation)},
                         {"images", Values(PreprocessorConfig::Load(model.location.folder))},
                         {"tokenizer", FingerprintOf(ReadTokenizerFolder(model.location.folder))}};
  return Sha256Hex(settings.dump());
}

}  // namespace roentgen
