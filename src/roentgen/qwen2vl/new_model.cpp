#include "roentgen/qwen2vl/new_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <system_error>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "roentgen/base/random.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/save_model.h"
#include "roentgen/qwen2vl/weights.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Qwen2-VL's added tokens, in the order of their ids.
constexpr std::array<const char*, 14> kAddedTokens = {
    "<|endoftext|>",      "<|im_start|>",     "<|im_end|>",     "<|object_ref_start|>",
    "<|object_ref_end|>", "<|box_start|>",    "<|box_end|>",    "<|quad_start|>",
    "<|quad_end|>",       "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>",      "<|video_pad|>"};

/// ChatML with images, as RenderChat writes it.
constexpr const char* kChatTemplate =
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

constexpr double kDeviation = 0.02;

/// What Transformers begins with: norms are 1, biases 0, matrices normal (Box and Muller 1958).
std::vector<BFloat16> Draw(const TensorSpec& spec, uint64_t seed) {
  size_t count = 1;
  for (const size_t size : spec.shape) count *= size;
  const bool matrix = spec.shape.size() > 1;
  const bool bias = spec.name.ends_with(".bias");
  std::vector<BFloat16> values(count, ToBFloat16(bias ? 0.0f : 1.0f));
  if (!matrix) return values;
  Random random(Fnv1a64(spec.name, SplitMix64(seed)));
  for (BFloat16& value : values) {
    const double radius = std::sqrt(-2 * std::log(1 - random.NextUniform()));
    const double angle = 2 * std::numbers::pi * random.NextUniform();
    value = ToBFloat16(static_cast<float>(kDeviation * radius * std::cos(angle)));
  }
  return values;
}

/// The first weights of a configuration, in memory.
class DrawnTensors : public TensorSource {
 public:
  DrawnTensors(const ModelConfig& config, uint64_t seed, ThreadPool& pool) {
    const std::vector<TensorSpec> specs = ExpectedTensors(config);
    values_.resize(specs.size());
    pool.ForEach(specs.size(),
                 [&](size_t i, int /*worker*/) { values_[i] = Draw(specs[i], seed); });
    for (size_t i = 0; i < specs.size(); ++i) {
      tensors_[specs[i].name] = {DType::kBF16, specs[i].shape,
                                 std::as_bytes(std::span(values_[i]))};
    }
  }

  const TensorView* Find(const std::string& name) const override {
    const auto at = tensors_.find(name);
    return at == tensors_.end() ? nullptr : &at->second;
  }
  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) names.push_back(name);
    return names;
  }
  std::string Describe() const override { return "new weights"; }

 private:
  std::vector<std::vector<BFloat16>> values_;
  std::map<std::string, TensorView> tensors_;
};

class NewModelWriter {
 public:
  NewModelWriter(fs::path folder, const NewModelShape& shape, const TokenizerDefinition& vocabulary)
      : folder_(std::move(folder)), shape_(shape), vocabulary_(vocabulary) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) {
      throw Error(fmt::format("{}: cannot make it: {}", folder_.string(), error.message()),
                  "Name another folder.");
    }
  }

  void Write(ThreadPool& pool) {
    const OrderedJson config = Config();
    // Its own checks say what does not go together, before anything is written.
    const ModelConfig parsed =
        ModelConfig::Parse({ParseJson(config.dump(), "config.json"), "config.json"});
    WriteTokenizer();
    Put("preprocessor_config.json", Preprocessor());
    Put("generation_config.json", {{"do_sample", false},
                                   {"bos_token_id", Id("<|endoftext|>")},
                                   {"pad_token_id", Id("<|endoftext|>")},
                                   {"eos_token_id", {Id("<|im_end|>"), Id("<|endoftext|>")}}});
    Put("chat_template.json", {{"chat_template", kChatTemplate}});
    const auto drawn = std::make_shared<DrawnTensors>(parsed, shape_.seed, pool);
    WriteWeights(*drawn);
    Put("config.json", config);  // last: a folder with it is a model
    CheckSavedModel(folder_, parsed, ModelWeights::Load(parsed, drawn));
  }

 private:
  void Put(const char* name, const OrderedJson& json) const {
    WriteFile(folder_ / name, json.dump(2) + "\n");
  }

  int64_t Id(std::string_view token) const {
    const auto at = std::find(kAddedTokens.begin(), kAddedTokens.end(), token);
    return static_cast<int64_t>(vocabulary_.vocab.size()) + (at - kAddedTokens.begin());
  }

  /// Qwen2-VL's: the frequencies of a head, a quarter by time, the rest by row and column alike.
  std::array<size_t, 3> MropeSection() const {
    if (shape_.num_attention_heads == 0 ||
        shape_.hidden_size % (16 * shape_.num_attention_heads) != 0) {
      throw Error(fmt::format("{} heads do not divide a width of {} into multiples of 16",
                              shape_.num_attention_heads, shape_.hidden_size));
    }
    const size_t eighth = shape_.hidden_size / shape_.num_attention_heads / 16;
    return {2 * eighth, 3 * eighth, 3 * eighth};
  }

  OrderedJson Config() const {
    return {{"architectures", {"Qwen2VLForConditionalGeneration"}},
            {"model_type", "qwen2_vl"},
            {"hidden_act", "silu"},
            {"hidden_size", shape_.hidden_size},
            {"intermediate_size", shape_.intermediate_size},
            {"num_hidden_layers", shape_.num_hidden_layers},
            {"num_attention_heads", shape_.num_attention_heads},
            {"num_key_value_heads", shape_.num_key_value_heads},
            {"vocab_size", vocabulary_.vocab.size() + kAddedTokens.size()},
            {"max_position_embeddings", 8192},
            {"rms_norm_eps", 1e-6},
            {"rope_theta", 1e6},
            {"rope_scaling", {{"type", "mrope"}, {"mrope_section", MropeSection()}}},
            {"tie_word_embeddings", true},
            {"use_sliding_window", false},
            {"attention_dropout", 0.0},
            {"initializer_range", kDeviation},
            {"torch_dtype", "bfloat16"},
            {"bos_token_id", Id("<|endoftext|>")},
            {"eos_token_id", Id("<|im_end|>")},
            {"vision_start_token_id", Id("<|vision_start|>")},
            {"vision_end_token_id", Id("<|vision_end|>")},
            {"vision_token_id", Id("<|vision_pad|>")},
            {"image_token_id", Id("<|image_pad|>")},
            {"video_token_id", Id("<|video_pad|>")},
            {"vision_config",
             {{"depth", shape_.vision_depth},
              {"embed_dim", shape_.vision_embed_dim},
              {"mlp_ratio", 4},
              {"num_heads", shape_.vision_num_heads},
              {"in_chans", 3},
              {"hidden_size", shape_.hidden_size},
              {"patch_size", 14},
              {"spatial_merge_size", 2},
              {"spatial_patch_size", 14},
              {"temporal_patch_size", 2}}}};
  }

  OrderedJson Preprocessor() const {
    return {{"min_pixels", 3136},
            {"max_pixels", shape_.max_pixels},
            {"patch_size", 14},
            {"temporal_patch_size", 2},
            {"merge_size", 2},
            {"image_mean", {0.48145466, 0.4578275, 0.40821073}},  // CLIP's
            {"image_std", {0.26862954, 0.26130258, 0.27577711}},
            {"image_processor_type", "Qwen2VLImageProcessor"},
            {"processor_class", "Qwen2VLProcessor"}};
  }

  void WriteTokenizer() const {
    OrderedJson vocab;
    for (const auto& entry : vocabulary_.vocab) vocab[entry.token] = entry.id;
    std::string merges = "#version: 0.2\n";
    for (const auto& [left, right] : vocabulary_.merges) {
      merges += fmt::format("{} {}\n", left, right);
    }
    OrderedJson added;
    for (const char* token : kAddedTokens) {
      added[std::to_string(Id(token))] = {{"content", token},     {"lstrip", false},
                                          {"normalized", false},  {"rstrip", false},
                                          {"single_word", false}, {"special", true}};
    }
    WriteFile(folder_ / "vocab.json", vocab.dump() + "\n");
    WriteFile(folder_ / "merges.txt", merges);
    Put("tokenizer_config.json", {{"add_prefix_space", false},
                                  {"added_tokens_decoder", added},
                                  {"bos_token", nullptr},
                                  {"eos_token", "<|im_end|>"},
                                  {"pad_token", "<|endoftext|>"},
                                  {"unk_token", nullptr},
                                  {"model_max_length", 8192},
                                  {"tokenizer_class", "Qwen2Tokenizer"}});
  }

  void WriteWeights(const TensorSource& drawn) const {
    std::vector<std::pair<std::string, TensorView>> tensors;
    for (const std::string& name : drawn.Names()) tensors.emplace_back(name, *drawn.Find(name));
    SaveSafetensors(folder_ / "model.safetensors", tensors, {{"format", "pt"}});
  }

  fs::path folder_;
  const NewModelShape& shape_;
  const TokenizerDefinition& vocabulary_;
};

}  // namespace

void WriteNewModel(const fs::path& folder, const NewModelShape& shape,
                   const TokenizerDefinition& vocabulary, ThreadPool& pool) {
  NewModelWriter(folder, shape, vocabulary).Write(pool);
}

}  // namespace roentgen
