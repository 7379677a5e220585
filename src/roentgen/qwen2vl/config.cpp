#include "roentgen/qwen2vl/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kMaxFileBytes = size_t{4} << 20;
constexpr const char* kOwnQuantization = "roentgen";
// Several times the largest published model (80 layers of 8192 × 29568, 152,064 words): anything
// above is a damaged file, and would be allocated before it is noticed.
constexpr size_t kMaxLayers = 1024;
constexpr size_t kMaxHeads = 1024;
constexpr size_t kMaxWidth = size_t{1} << 18;
constexpr size_t kMaxVocabulary = size_t{1} << 22;
constexpr size_t kMaxPositions = size_t{1} << 24;

size_t Bounded(const JsonObject& object, const std::string& key, size_t value, size_t limit) {
  if (value == 0 || value > limit) {
    object.Fail(key, fmt::format("{} is not between 1 and {}", value, limit));
  }
  return value;
}

size_t Dimension(const JsonObject& object, const std::string& key, size_t limit) {
  return Bounded(object, key, object.Get<size_t>(key), limit);
}

size_t DimensionOr(const JsonObject& object, const std::string& key, size_t limit,
                   size_t fallback) {
  return object.Has(key) ? Dimension(object, key, limit) : fallback;
}

/// For messages about a value that may not be the file's own.
const char* WhoseValue(const JsonObject& object, const std::string& key) {
  return object.Has(key) ? "" : ", the default of a file that leaves it out,";
}

double Positive(const JsonObject& object, const std::string& key, double value) {
  if (!(value > 0) || !std::isfinite(value)) {
    object.Fail(key, fmt::format("{} is not a positive number", value));
  }
  return value;
}

/// Refuses a key that has another value than the one computed with.
void Supported(const JsonObject& object, const std::string& key, const std::string& supported) {
  const std::string found = object.GetOr(key, supported);
  if (found != supported) {
    object.Fail(key, fmt::format("{} is not supported, only {} is", found, supported));
  }
}

void CheckDivides(const JsonObject& object, const std::string& part_key, size_t part,
                  const std::string& whole_key, size_t whole) {
  if (whole % part != 0) {
    object.Fail(part_key, fmt::format("{}{} does not divide {} {}", part,
                                      WhoseValue(object, part_key), whole_key, whole));
  }
}

/// The text part's rotary settings: rope_scaling of Transformers 4 or rope_parameters of 5. When
/// both are there, Transformers takes the former.
void ReadRope(const JsonObject& text, ModelConfig& config) {
  const bool old_key = text.Has("rope_scaling") && !text.json().at("rope_scaling").empty();
  const std::string key = old_key ? "rope_scaling" : "rope_parameters";
  const JsonObject rope = text.Object(key);
  for (const char* type_key : {"rope_type", "type"}) {
    const std::string type = rope.GetOr<std::string>(type_key, "mrope");
    if (type != "mrope" && type != "default") {
      rope.Fail(type_key, type + " is not supported, only mrope and default are");
    }
  }
  const JsonObject& theta_at = rope.Has("rope_theta") ? rope : text;
  config.rope_theta =
      Positive(theta_at, "rope_theta", theta_at.GetOr("rope_theta", config.rope_theta));

  const auto sections = rope.Get<std::vector<size_t>>("mrope_section");
  const size_t half = config.head_dim() / 2;
  size_t sum = 0;
  for (const size_t section : sections) sum += Bounded(rope, "mrope_section", section, kMaxWidth);
  if (sections.size() != config.mrope_section.size() || sum != half) {
    rope.Fail("mrope_section",
              fmt::format("[{}] must be three numbers that sum to half the head's width, {} / 2",
                          fmt::join(sections, ", "), config.head_dim()));
  }
  std::copy(sections.begin(), sections.end(), config.mrope_section.begin());
}

void ReadText(const JsonObject& text, ModelConfig& config) {
  config.hidden_size = Dimension(text, "hidden_size", kMaxWidth);
  config.intermediate_size = Dimension(text, "intermediate_size", kMaxWidth);
  config.num_hidden_layers = Dimension(text, "num_hidden_layers", kMaxLayers);
  config.num_attention_heads = Dimension(text, "num_attention_heads", kMaxHeads);
  config.num_key_value_heads = Dimension(text, "num_key_value_heads", kMaxHeads);
  config.vocab_size = Dimension(text, "vocab_size", kMaxVocabulary);
  config.max_position_embeddings =
      DimensionOr(text, "max_position_embeddings", kMaxPositions, config.max_position_embeddings);
  config.rms_norm_eps =
      Positive(text, "rms_norm_eps", text.GetOr("rms_norm_eps", config.rms_norm_eps));

  CheckDivides(text, "num_attention_heads", config.num_attention_heads, "hidden_size",
               config.hidden_size);
  CheckDivides(text, "num_key_value_heads", config.num_key_value_heads, "num_attention_heads",
               config.num_attention_heads);
  if (config.head_dim() % 2 != 0) {
    text.Fail("num_attention_heads",
              fmt::format("the head's width, {} / {}, must be even: rotary embeddings turn pairs",
                          config.hidden_size, config.num_attention_heads));
  }
  Supported(text, "hidden_act", "silu");
  if (text.GetOr("use_sliding_window", false)) {
    text.Fail("use_sliding_window", "true is not supported");
  }
  ReadRope(text, config);
}

/// The MLP's width, given as a multiple of the tower's or, where that is not there, as itself.
size_t ReadVisionIntermediateSize(const JsonObject& vision, size_t embed_dim) {
  if (!vision.Has("mlp_ratio") && vision.Has("intermediate_size")) {
    return Dimension(vision, "intermediate_size", kMaxWidth);
  }
  constexpr double kDefaultRatio = 4;
  const double ratio = Positive(vision, "mlp_ratio", vision.GetOr("mlp_ratio", kDefaultRatio));
  const double product = std::floor(static_cast<double>(embed_dim) * ratio);
  if (product < 1 || product > static_cast<double>(kMaxWidth)) {
    vision.Fail("mlp_ratio", fmt::format("{} times embed_dim {} is not between 1 and {}", ratio,
                                         embed_dim, kMaxWidth));
  }
  const auto size = static_cast<size_t>(product);
  if (DimensionOr(vision, "intermediate_size", kMaxWidth, size) != size) {
    vision.Fail("intermediate_size",
                fmt::format("contradicts mlp_ratio {} times embed_dim {}", ratio, embed_dim));
  }
  return size;
}

void CheckVision(const JsonObject& json, const VisionConfig& vision, size_t decoder_width) {
  CheckDivides(json, "num_heads", vision.num_heads, "embed_dim", vision.embed_dim);
  if (vision.head_dim() % 4 != 0) {
    json.Fail("num_heads",
              fmt::format("the head's width, {} / {}, must be a multiple of 4: its pairs are "
                          "shared by row and column",
                          vision.embed_dim, vision.num_heads));
  }
  if (vision.hidden_size != decoder_width) {
    json.Fail("hidden_size",
              fmt::format("{}{} is not the decoder's hidden_size {}", vision.hidden_size,
                          WhoseValue(json, "hidden_size"), decoder_width));
  }
  Supported(json, "hidden_act", "quick_gelu");
}

VisionConfig ReadVision(const JsonObject& json, size_t decoder_width) {
  VisionConfig vision;
  vision.depth = DimensionOr(json, "depth", kMaxLayers, vision.depth);
  vision.embed_dim = DimensionOr(json, "embed_dim", kMaxWidth, vision.embed_dim);
  vision.num_heads = DimensionOr(json, "num_heads", kMaxHeads, vision.num_heads);
  vision.intermediate_size = ReadVisionIntermediateSize(json, vision.embed_dim);
  vision.hidden_size = DimensionOr(json, "hidden_size", kMaxWidth, vision.hidden_size);
  vision.patch_size = DimensionOr(json, "patch_size", 256, vision.patch_size);
  vision.temporal_patch_size =
      DimensionOr(json, "temporal_patch_size", 16, vision.temporal_patch_size);
  vision.spatial_merge_size =
      DimensionOr(json, "spatial_merge_size", 16, vision.spatial_merge_size);
  for (const char* key : {"in_channels", "in_chans"}) {  // Transformers 5 and 4
    if (json.GetOr(key, vision.in_channels) != vision.in_channels) {
      json.Fail(key, "pictures have three channels");
    }
  }
  CheckVision(json, vision, decoder_width);
  return vision;
}

void ReadTokenId(const JsonObject& root, const std::string& key, size_t vocab_size, int32_t& id) {
  id = root.GetOr(key, id);
  if (id < 0 || static_cast<size_t>(id) >= vocab_size) {
    root.Fail(
        key, fmt::format("{}{} is not below vocab_size {}", id, WhoseValue(root, key), vocab_size));
  }
}

/// Refuses weights that another program quantised. Most programs write quantization_config, in
/// which bitsandbytes may leave its name out; compressed-tensors also wrote compression_config, and
/// MLX writes "quantization".
void RefuseOtherQuantization(const JsonObject& root) {
  for (const char* key : {"quantization_config", "compression_config", "quantization"}) {
    if (!root.Has(key)) continue;
    const JsonObject quantization = root.Object(key);
    if (quantization.json().empty()) continue;
    const bool bits_and_bytes =
        quantization.Has("load_in_4bit") || quantization.Has("load_in_8bit");
    const std::string method = quantization.GetOr<std::string>(
        "quant_method", bits_and_bytes ? "bitsandbytes" : "another program");
    if (method == kOwnQuantization) continue;
    root.Fail(key,
              fmt::format("quantised by {}; weights are read in BF16, F16, F32 or Roentgen's own "
                          "q8 and q4",
                          method),
              "Give the original model. For 4 bits: --quant q4 when it answers, "
              "quantization_bit: 4 when it is trained");
  }
}

}  // namespace

ModelConfig ModelConfig::Parse(const JsonObject& root) {
  const auto model_type = root.Get<std::string>("model_type");
  if (model_type != "qwen2_vl") {
    root.Fail("model_type", model_type + " is not supported, only qwen2_vl is");
  }
  const JsonObject text = root.Has("text_config") ? root.Object("text_config") : root;
  RefuseOtherQuantization(root);
  RefuseOtherQuantization(text);
  ModelConfig config;
  ReadText(text, config);
  // Transformers before 5 kept this in text_config; its own default is false in both places.
  config.tie_word_embeddings =
      root.GetOr("tie_word_embeddings", false) || text.GetOr("tie_word_embeddings", false);
  ReadTokenId(root, "image_token_id", config.vocab_size, config.image_token_id);
  ReadTokenId(root, "video_token_id", config.vocab_size, config.video_token_id);
  ReadTokenId(root, "vision_start_token_id", config.vocab_size, config.vision_start_token_id);
  ReadTokenId(root, "vision_end_token_id", config.vocab_size, config.vision_end_token_id);
  config.vision = ReadVision(root.Has("vision_config")
                                 ? root.Object("vision_config")
                                 : JsonObject(Json::object(), root.where() + ": vision_config"),
                             config.hidden_size);
  return config;
}

ModelConfig ModelConfig::Load(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  return Parse({ReadJsonFile(path, kMaxFileBytes), path.string()});
}

}  // namespace roentgen
