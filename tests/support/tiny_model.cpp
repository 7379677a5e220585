#include "support/tiny_model.h"

#include <map>

#include "roentgen/base/output.h"
#include "roentgen/qwen2vl/procedural.h"

namespace roentgen::test {
namespace {

class NamedSource : public TensorSource {
 public:
  NamedSource(NamedTensors tensors, std::shared_ptr<const TensorSource> owner)
      : tensors_(tensors.begin(), tensors.end()), owner_(std::move(owner)) {}
  const TensorView* Find(const std::string& name) const override {
    const auto at = tensors_.find(name);
    return at == tensors_.end() ? nullptr : &at->second;
  }
  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) names.push_back(name);
    return names;
  }
  std::string Describe() const override { return "test tensors"; }

 private:
  std::map<std::string, TensorView> tensors_;
  std::shared_ptr<const TensorSource> owner_;
};

}  // namespace

Json TinyConfigJson() {
  return Json::parse(R"({
    "model_type": "qwen2_vl", "hidden_act": "silu", "hidden_size": 16, "intermediate_size": 24,
    "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 40,
    "max_position_embeddings": 512, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
    "rope_scaling": {"type": "mrope", "mrope_section": [2, 1, 1]}, "tie_word_embeddings": true,
    "use_sliding_window": false, "torch_dtype": "bfloat16", "eos_token_id": 3,
    "image_token_id": 30, "video_token_id": 31, "vision_start_token_id": 32,
    "vision_end_token_id": 33,
    "vision_config": {"depth": 1, "embed_dim": 8, "mlp_ratio": 4, "num_heads": 2, "in_chans": 3,
                      "hidden_size": 16, "patch_size": 14, "spatial_merge_size": 2,
                      "temporal_patch_size": 2}})");
}

Json NestedConfigJson() {
  Json flat = TinyConfigJson();
  Json nested;
  for (const char* key : {"model_type", "image_token_id", "video_token_id", "vision_start_token_id",
                          "vision_end_token_id", "tie_word_embeddings", "vision_config"}) {
    nested[key] = flat[key];
    flat.erase(key);
  }
  nested["dtype"] = "bfloat16";
  nested["vision_config"]["hidden_act"] = "quick_gelu";
  nested["vision_config"].erase("in_chans");
  nested["vision_config"]["in_channels"] = 3;
  flat.erase("rope_scaling");
  flat.erase("rope_theta");
  flat["rope_parameters"] = {{"mrope_section", {2, 1, 1}},
                             {"rope_theta", 1000000.0},
                             {"rope_type", "default"},
                             {"type", "mrope"}};
  flat["sliding_window"] = nullptr;
  nested["text_config"] = flat;
  return nested;
}

ModelConfig ParseConfig(const Json& json) {
  return ModelConfig::Parse({json, "config.json"});
}

std::shared_ptr<const TensorSource> TinyWeights(const ModelConfig& config) {
  ThreadPool pool(1);
  return GenerateWeights(config, "tiny", pool);
}

NamedTensors TensorsOf(const TensorSource& source) {
  NamedTensors tensors;
  for (const std::string& name : source.Names()) tensors.emplace_back(name, *source.Find(name));
  return tensors;
}

std::shared_ptr<const TensorSource> SourceOf(NamedTensors tensors,
                                             std::shared_ptr<const TensorSource> owner) {
  return std::make_shared<NamedSource>(std::move(tensors), std::move(owner));
}

void WriteJson(const std::filesystem::path& path, const Json& json) {
  WriteFile(path, json.dump());
}

}  // namespace roentgen::test
